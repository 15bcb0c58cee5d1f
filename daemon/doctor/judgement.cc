#include "daemon/doctor/judgement.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "daemon/config/quantities.h"
#include "daemon/config/quoted.h"
#include "daemon/config/text_forms.h"
#include "daemon/doctor/finding_phrases.h"

namespace signinwatch::doctor {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// Event Hubs cuts a connection that was idle for this long.
constexpr int64_t kIdleMsMax = 240'000;
constexpr std::chrono::days kExpiryWarn{21};
constexpr uint64_t kFreeBytesFail = uint64_t{64} << 20;
constexpr uint64_t kFreeBytesWarn = uint64_t{1} << 30;

std::string Days(std::chrono::sys_seconds until, std::chrono::sys_seconds now) {
  const auto days = std::chrono::floor<std::chrono::days>(until - now).count();
  return Count(static_cast<uint64_t>(std::max<int64_t>(days, 0)), "day");
}

int64_t NumberOf(const std::string& text) { return std::strtoll(text.c_str(), nullptr, 10); }

Finding JudgeCertificate(const std::string& address,
                         const std::optional<std::chrono::sys_seconds>& expiry,
                         std::chrono::sys_seconds now) {
  if (!expiry) return Make(Verdict::kOk, "tls", address + ": certificate and host name are good");
  const std::string text =
      address + ": certificate and host name are good, for " + Days(*expiry, now);
  if (*expiry - now >= kExpiryWarn) return Make(Verdict::kOk, "tls", text);
  return Make(Verdict::kWarn, "tls", text + ": have it renewed before then");
}

const char* TlsAdvice(http_client::ConnectionFacts::TlsFault fault) {
  using Fault = http_client::ConnectionFacts::TlsFault;
  switch (fault) {
    case Fault::kNoTls:
      break;
    case Fault::kExpired:
      return ": have it renewed, and check that this machine's clock is right";
    case Fault::kOtherName:
      return ": use the name that the certificate is for";
    case Fault::kUntrusted:
      return ": name its authority in ca_file, or install ca-certificates; a proxy that opens TLS "
             "shows a certificate of its own";
  }
  return ": check that the port is the one for TLS";
}

}  // namespace

std::vector<Finding> JudgeConfiguration(const config::Config& config, const std::string& path) {
  std::vector<Finding> findings;
  const config::KafkaCluster& cluster = config.serve.kafka.cluster;
  const auto warn = [&](std::string text) {
    findings.push_back(Make(Verdict::kWarn, "configuration", std::move(text)));
  };
  if (IsHub(cluster)) {
    const auto& options = cluster.options;
    const auto refresh = options.find("topic.metadata.refresh.interval.ms");
    if (refresh != options.end() && NumberOf(refresh->second) >= kIdleMsMax) {
      warn(
          "kafka.options.topic.metadata.refresh.interval.ms is above 240000, and Event Hubs "
          "silently drops connections that are idle for 240 s: remove it");
    }
    const auto keepalive = options.find("socket.keepalive.enable");
    if (keepalive != options.end() && keepalive->second != "true") {
      warn(
          "kafka.options.socket.keepalive.enable is off, and Event Hubs silently drops connections "
          "that are idle for 240 s: remove it");
    }
    if (!cluster.brokers.ends_with(":9093")) {
      warn(
          "kafka.brokers is not at port 9093, where Event Hubs speaks Kafka (5671 and 5672 are "
          "AMQP, 443 is HTTPS)");
    }
  }
  if (config.serve.role != config::Role::kIngest && config.serve.sinks.empty()) {
    warn("there are no sinks: tickets stay in the store");
  }
  if (findings.empty()) findings.push_back(Make(Verdict::kOk, "configuration", path + " is valid"));
  return findings;
}

std::vector<Finding> JudgeConnection(const http_client::ConnectionTarget& target,
                                     const http_client::ConnectionFacts& facts,
                                     std::chrono::sys_seconds now) {
  using Reached = http_client::ConnectionFacts::Reached;
  const std::string& address = target.address;
  if (facts.reached == Reached::kNothing) {
    return {Make(Verdict::kFail, "dns",
                 address + ": " + facts.error +
                     ": check the name, and this machine's name server (a private endpoint needs "
                     "its private DNS zone)"),
            Make(Verdict::kSkip, "tcp", address + ": needs dns")};
  }
  std::vector<Finding> findings{
      Make(Verdict::kOk, "dns", address + (facts.ip.empty() ? " is known" : " is " + facts.ip))};
  if (facts.reached == Reached::kName) {
    findings.push_back(Make(Verdict::kFail, "tcp",
                            address + ": " + facts.error +
                                ": check the port, and the network between: a firewall here, or "
                                "the network rules there"));
    return findings;
  }
  findings.push_back(Make(Verdict::kOk, "tcp", address + " takes connections"));
  if (!target.tls) return findings;
  if (facts.reached == Reached::kTls) {
    findings.push_back(JudgeCertificate(address, facts.expiry, now));
  } else {
    findings.push_back(
        Make(Verdict::kFail, "tls", address + ": " + facts.error + TlsAdvice(facts.tls_fault)));
  }
  return findings;
}

Finding JudgeClientCertificate(const std::string& path, std::chrono::sys_seconds expiry,
                               std::chrono::sys_seconds now) {
  constexpr const char* kCheck = "certificate";
  if (expiry < now) {
    return Make(Verdict::kFail, kCheck,
                path + " has expired: create a new one and upload it to the app registration");
  }
  const std::string text = path + " is valid for " + Days(expiry, now);
  if (expiry - now >= kExpiryWarn) return Make(Verdict::kOk, kCheck, text);
  return Make(Verdict::kWarn, kCheck,
              text + ": create a new one and upload it to the app registration before then");
}

Finding JudgeLogIn(const config::KafkaCluster& cluster, const absl::Status& status) {
  constexpr const char* kCheck = "authentication";
  if (status.ok()) {
    return Make(
        Verdict::kOk, kCheck,
        cluster.auth == config::KafkaAuth::kNone ? "none is required" : "the broker accepts it");
  }
  std::string text(status.message());
  if (status.code() == absl::StatusCode::kUnauthenticated) {
    if (config::UsesTokens(cluster.auth)) {
      text +=
          ": check that scope is this namespace, and that the app or identity has the role Azure "
          "Event Hubs Data Receiver (a new assignment takes some minutes to take effect)";
    } else if (cluster.auth == config::KafkaAuth::kConnectionString) {
      text +=
          ": check the policy's name and key (regenerating a key invalidates the old one); the "
          "policy needs the Listen right";
    } else {
      text += ": check username and password";
    }
  } else if (status.code() == absl::StatusCode::kUnavailable) {
    text += ": the broker may require a different auth or tls";
  }
  if (IsHub(cluster)) text += "; a namespace of the Basic tier does not support Kafka";
  return Make(Verdict::kFail, kCheck, std::move(text));
}

std::vector<Finding> JudgeTopics(const std::vector<kafka::ProbedTopic>& topics,
                                 const config::KafkaCluster& cluster) {
  std::vector<Finding> findings;
  uint64_t partitions = 0;
  const auto fail = [&](const kafka::ProbedTopic& topic, const std::string& why) {
    findings.push_back(Make(Verdict::kFail, "topics", config::Quoted(topic.name) + why));
  };
  for (const kafka::ProbedTopic& topic : topics) {
    partitions += static_cast<uint64_t>(std::max(topic.partitions, 0));
    switch (topic.state) {
      case kafka::ProbedTopic::State::kThere:
        break;
      case kafka::ProbedTopic::State::kMissing:
        fail(topic, IsHub(cluster)
                        ? " is not a hub of the namespace: name the hub that the diagnostic "
                          "setting exports to (by default insights-logs-CATEGORY)"
                        : " does not exist: create it, or correct its name");
        break;
      case kafka::ProbedTopic::State::kForbidden:
        fail(topic, IsHub(cluster)
                        ? " may not be read: give the policy the Listen right, or the app or "
                          "identity the role Azure Event Hubs Data Receiver"
                        : " may not be read: allow Read and Describe on it");
        break;
      case kafka::ProbedTopic::State::kUnknown:
        fail(topic, ": " + topic.error);
        break;
    }
  }
  if (!findings.empty()) return findings;
  return {Make(Verdict::kOk, "topics",
               Count(topics.size(), "topic") + " with " + Count(partitions, "partition"))};
}

std::vector<Finding> JudgePartitions(const std::vector<kafka::ProbedPartition>& partitions,
                                     std::chrono::milliseconds throttled) {
  std::vector<Finding> findings;
  uint64_t held = 0;
  size_t empty = 0;
  for (const kafka::ProbedPartition& p : partitions) {
    if (!p.error.empty()) {
      findings.push_back(Make(Verdict::kFail, "partitions",
                              p.topic + " " + std::to_string(p.partition) + ": " + p.error +
                                  ": its broker does not answer, or reading it is not allowed"));
      continue;
    }
    held += static_cast<uint64_t>(std::max<int64_t>(p.end - p.start, 0));
    if (p.empty()) ++empty;
  }
  if (findings.empty()) {
    findings.push_back(
        Make(Verdict::kOk, "partitions",
             Count(partitions.size(), "partition") + " with " + Count(held, "message") +
                 (empty > 0 ? ", " + std::to_string(empty) + " of them empty" : "")));
  }
  if (throttled.count() > 0) {
    findings.push_back(Make(Verdict::kWarn, "throttling",
                            "answers were delayed by " + std::to_string(throttled.count()) +
                                " ms, which no error shows: give the namespace more throughput "
                                "units (or turn on auto-inflate)"));
  }
  return findings;
}

Finding JudgeRetention(const std::vector<kafka::ProbedPartition>& partitions,
                       const DetectionConfig& detection, EventTime now) {
  constexpr const char* kCheck = "retention";
  Duration least = Duration::max();  // of partitions that have lost something
  Duration most{0};
  for (const kafka::ProbedPartition& p : partitions) {
    if (p.empty() || p.oldest == kBeginningOfTime) continue;
    const Duration age = std::max(now - p.oldest, Duration{0});
    most = std::max(most, age);
    if (p.start > 0) least = std::min(least, age);
  }
  if (least == Duration::max()) {
    return most == Duration{0}
               ? Make(Verdict::kSkip, kCheck, "there is no message to judge by")
               : Make(Verdict::kOk, kCheck,
                      "nothing has expired yet; the oldest message is " + Span(most) + " old");
  }
  const std::string text = "messages are kept for " + Span(least);
  const Duration lateness = detection.time.allowed_lateness;
  if (least < lateness) {
    return Make(Verdict::kFail, kCheck,
                text + ", less than time.allowed_lateness (" + Span(lateness) +
                    "): raise the retention, or records expire while they are still waited for");
  }
  if (least < kDay) {
    return Make(Verdict::kWarn, kCheck,
                text +
                    ": if the daemon is down for longer, records are lost; raise the retention to "
                    "a few days");
  }
  if (least < detection.correlation.lookback) {
    return Make(
        Verdict::kOk, kCheck,
        text + "; a new store will not know of earlier password changes (correlation.lookback is " +
            Span(detection.correlation.lookback) + ")");
  }
  return Make(Verdict::kOk, kCheck, text);
}

Finding JudgeGroup(const std::string& name, const kafka::ProbedGroup& group, bool daemon_runs) {
  constexpr const char* kCheck = "group";
  if (!group.error.empty()) {
    return Make(Verdict::kSkip, kCheck,
                config::Quoted(name) + " could not be looked up: " + group.error);
  }
  std::string members;
  for (const kafka::ProbedGroup::Member& member : group.members) AddMember(member, &members);
  constexpr const char* kAdvice =
      ": each member gets a part of the records, so bursts are missed. Give this one a kafka.group "
      "of its own (in Event Hubs a group spans the namespace, whatever hub it reads)";
  if (group.members.empty()) {
    return Make(Verdict::kOk, kCheck, config::Quoted(name) + " has no member now");
  }
  if (group.members.size() == 1 && daemon_runs) {
    return Make(Verdict::kOk, kCheck,
                config::Quoted(name) + " has one member, as the running daemon: " + members);
  }
  if (group.members.size() == 1) {
    return Make(Verdict::kWarn, kCheck,
                config::Quoted(name) +
                    " has a member, and no daemon runs on this store: " + members + kAdvice);
  }
  return Make(Verdict::kFail, kCheck,
              config::Quoted(name) + " has " + Count(group.members.size(), "member") + ": " +
                  members + kAdvice);
}

Finding JudgeClock(const ClockFacts& facts) {
  constexpr const char* kCheck = "clock";
  constexpr seconds kWarn{30}, kFail{300};
  Duration ahead{0};  // of ours
  std::string text;
  if (facts.other) {
    ahead = facts.now - EventTime(*facts.other);
    text = "by the clock of " + facts.whose;
  } else if (facts.newest_message != kBeginningOfTime) {
    // It may be as old as it likes; only from the future it says something.
    ahead = std::min(facts.now - facts.newest_message, Duration{0});
    text = "by the broker's time of the newest message";
  } else {
    return Make(Verdict::kSkip, kCheck, "there is nothing to compare it with");
  }
  const Duration off = ahead < Duration{0} ? -ahead : ahead;
  if (off < kWarn && !facts.other) {
    return Make(Verdict::kOk, kCheck, "is not behind the broker's; a fast clock can't be detected");
  }
  if (off < kWarn) return Make(Verdict::kOk, kCheck, "is right, " + text);
  text = "is " + Span(off) + (ahead < Duration{0} ? " behind, " : " ahead, ") + text +
         ": set it, and keep it right with NTP";
  return off < kFail ? Make(Verdict::kWarn, kCheck, text)
                     : Make(Verdict::kFail, kCheck,
                            text + "; assertions are refused, and idle times are wrong");
}

std::vector<Finding> JudgeRecords(const RecordShape& shape, const TimeConfig& time, EventTime now) {
  constexpr const char* kCheck = "records";
  if (shape.messages == 0) {
    return {
        Make(Verdict::kWarn, kCheck,
             "there are no messages: check that a diagnostic setting of Entra ID exports to these "
             "hubs (the first arrive after about 15 minutes, in a new tenant after up to a day)")};
  }
  std::vector<Finding> findings;
  const auto warn = [&](std::string text) {
    findings.push_back(Make(Verdict::kWarn, kCheck, std::move(text)));
  };
  const std::string newest = " among the newest " + Count(shape.records, "record");
  uint64_t rejected = 0;
  std::string reasons;
  for (const auto& [reason, count] : shape.rejected) {
    rejected += count;
    reasons += (reasons.empty() ? "" : ", ") + std::to_string(count) + " " + reason;
  }
  uint64_t accepted = 0;
  for (const uint64_t count : shape.accepted) accepted += count;
  // What they are is to be mended before any category is missed.
  if (accepted == 0 && shape.records > 0) {
    std::string text = "none" + newest + " is of use";
    if (rejected > 0) text += " (" + reasons + ")";
    if (!shape.unused.name.empty()) {
      text += "; they look like " + shape.unused.name + ": " + shape.unused.advice;
    }
    return {Make(Verdict::kFail, kCheck, text)};
  }
  constexpr std::array<std::pair<Category, const char*>, 3> kWanted{
      {{Category::kSignIn, "interactive failures are not seen"},
       {Category::kNonInteractiveSignIn, "most bursts are missed (50173 above all)"},
       {Category::kAudit, "causes will be 'unexplained'"}}};
  for (const auto& [category, loss] : kWanted) {
    if (shape.of(category) > 0) continue;
    warn(std::string("no ") + CategoryName(category) + newest +
         ": add the category to the diagnostic setting, or " + loss);
  }
  if (shape.unused_messages > 0) {
    warn("nothing in " + std::to_string(shape.unused_messages) + " of the newest " +
         Count(shape.messages, "message") + " is of use; they look like " + shape.unused.name +
         ": " + shape.unused.advice);
  }
  if (shape.broken_messages > 0) {
    warn(Count(shape.broken_messages, "message") +
         (shape.broken_messages == 1 ? " breaks" : " break") +
         " in the middle, and what follows the break is lost: another service seems to write "
         "broken records to this hub; export Entra's logs to a hub of their own");
  }
  if (rejected > 0) {
    warn(Count(rejected, "record") + " of the newest " + std::to_string(shape.records) +
         " cannot be read: " + reasons + "; dead_letters keeps them for inspection");
  }
  const Duration age = now - shape.newest_message;
  if (shape.newest_message != kBeginningOfTime && age > hours(1)) {
    warn("the newest message is " + Span(age) +
         " old: check that the diagnostic setting still exports");
  }
  if (shape.has_delays && shape.most_delay - shape.least_delay > time.allowed_lateness) {
    warn("records come " + Span(shape.least_delay) + " to " + Span(shape.most_delay) +
         " after their event, a spread of more than time.allowed_lateness (" +
         Span(time.allowed_lateness) +
         "): raise it, or some will be late (while old hours are being backfilled, this passes)");
  }
  if (!findings.empty()) return findings;
  std::string text =
      Count(shape.records, "record") + " in the newest " + Count(shape.messages, "message");
  for (const auto& [category, loss] : kWanted) {
    text += std::string(", ") + std::to_string(shape.of(category)) + " " + CategoryName(category);
  }
  if (shape.has_delays) text += "; at most " + Span(shape.most_delay) + " after their event";
  return {Make(Verdict::kOk, kCheck, text)};
}

Finding JudgeStore(const std::string& path, const store::StoreFacts& facts) {
  constexpr const char* kCheck = "store";
  if (!facts.problem.empty()) {
    return Make(Verdict::kFail, kCheck,
                facts.problem + ": create the folder, owned by the user that runs the daemon");
  }
  const std::string disk =
      config::FormatSize(static_cast<int64_t>(facts.free_bytes >> 20 << 20)) + " free";
  if (facts.free_bytes < kFreeBytesFail) {
    return Make(Verdict::kFail, kCheck,
                path + ": its disk is full (" + disk + "): nothing can be committed");
  }
  std::string text =
      path + (facts.file_bytes == 0 ? " will be created" : " can be written") + ", " + disk;
  if (!facts.holder.empty()) text += "; a daemon runs on it (" + facts.holder + "), which is fine";
  return facts.free_bytes < kFreeBytesWarn
             ? Make(Verdict::kWarn, kCheck, text + ": free some space, a full disk stops reading")
             : Make(Verdict::kOk, kCheck, text);
}

Finding JudgeDatabase(const store::DatabaseFacts& facts) {
  constexpr const char* kCheck = "store";
  // A commit is one round trip; sinks wait for one or two a delivery.
  constexpr std::chrono::milliseconds kSlow{20};
  if (!facts.problem.empty()) {
    return Make(Verdict::kFail, kCheck,
                facts.problem +
                    ": check store.url and store.password, and that this host may "
                    "connect (pg_hba.conf, firewall)");
  }
  std::string text = facts.server + ", version " + std::to_string(facts.server_version / 10'000) +
                     "." + std::to_string(facts.server_version % 10'000) + ", answers in " +
                     std::to_string(facts.round_trip.count()) + " us";
  if (facts.version > facts.known_version) {
    return Make(Verdict::kFail, kCheck,
                text + ": its tables were made by a newer signinwatch: install that one");
  }
  if (facts.version < facts.known_version) {
    if (!facts.may_make_tables) {
      return Make(Verdict::kFail, kCheck,
                  text + ": the role may not make tables: GRANT CREATE ON SCHEMA to it");
    }
    text += facts.version == 0 ? "; its tables will be made"
                               : "; its tables will be brought up to date";
  } else {
    text += ", " + config::FormatSize(static_cast<int64_t>(facts.bytes >> 20 << 20)) + "; " +
            Count(facts.shards_owned, "shard") + " of " + std::to_string(facts.shards) +
            " claimed by " + Count(facts.owners, "instance");
  }
  return facts.round_trip > kSlow
             ? Make(Verdict::kWarn, kCheck, text + ": far away, which delays tickets")
             : Make(Verdict::kOk, kCheck, text);
}

}  // namespace signinwatch::doctor
