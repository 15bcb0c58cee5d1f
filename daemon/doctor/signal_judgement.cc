#include "daemon/doctor/signal_judgement.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "daemon/config/quantities.h"
#include "daemon/config/quoted.h"
#include "daemon/doctor/finding_phrases.h"
#include "daemon/signals/signal_message.h"

namespace signinwatch::doctor {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

// docs/scaling.md: as long as detect may be away, and at least this.
constexpr Duration kRetentionLeast = kDay;
// What a client of Kafka puts into one batch by default (librdkafka's batch.size), which is what
// the broker's limit is of; and the largest single message.
constexpr int64_t kBatchBytes = 1'000'000;
constexpr int64_t kMessageBytes = 2 * static_cast<int64_t>(signals::kSignalMessageBytes);
// Each instance of ingest writes to each partition every second.
constexpr Duration kSilent = minutes(2);

std::optional<int64_t> NumberIn(const kafka::ProbedSettings& settings, const char* name) {
  const auto found = settings.values.find(name);
  if (found == settings.values.end()) return std::nullopt;
  return config::ParseInteger(found->second);
}

std::string PlaceOf(const kafka::ProbedMessage& message) {
  return "partition " + std::to_string(message.partition) + ", offset " +
         std::to_string(message.offset);
}

std::string OtherNumber(const std::string& topic, int32_t has, int32_t wanted) {
  return topic + " has " + Count(static_cast<uint64_t>(has), "partition") +
         ", but signals.partitions is " + std::to_string(wanted) +
         ": tenants are spread over them by that number. Set it to " + std::to_string(has) +
         " in all files, or create another topic with " + std::to_string(wanted) +
         " and start over with it and an empty database";
}

// `operations`: what a Kafka ACL calls what is missing.
std::string ReadAdvice(const config::KafkaCluster& cluster, const std::string& operations) {
  if (!IsHub(cluster)) return "allow " + operations + " on it";
  return "give the policy the Listen right there, or the app or identity the role Azure Event Hubs "
         "Data Receiver";
}

// The age of what was last lost; nullopt: nothing was, or that is not known.
std::optional<Duration> LeastKept(const std::vector<kafka::ProbedPartition>& partitions,
                                  EventTime now) {
  std::optional<Duration> least;
  for (const kafka::ProbedPartition& p : partitions) {
    if (p.empty() || p.start == 0 || p.oldest == kBeginningOfTime) continue;
    const Duration age = std::max(now - p.oldest, Duration{0});
    least = std::min(least.value_or(age), age);
  }
  return least;
}

constexpr Duration kForEver = Duration::max();
// nullopt: it is not told.
std::optional<Duration> RetentionOf(const kafka::ProbedSettings& settings) {
  const std::optional<int64_t> ms = NumberIn(settings, "retention.ms");
  if (!ms) return std::nullopt;
  // Kafka's greatest number is too large for a duration.
  const bool ever = *ms < 0 || *ms > std::chrono::floor<milliseconds>(kForEver).count();
  return ever ? kForEver : Duration(milliseconds(*ms));
}

std::string KeptText(const std::optional<Duration>& retention) {
  if (!retention) return "retention.ms is not told";
  return "messages are kept for " + (*retention == kForEver ? "ever" : Span(*retention));
}

}  // namespace

SignalSample SampleSignals(const std::vector<kafka::ProbedMessage>& messages) {
  SignalSample sample;
  signals::SignalDecoder decoder;
  for (const kafka::ProbedMessage& message : messages) {
    ++sample.messages;
    sample.newest = std::max(sample.newest, message.broker_time);
    switch (decoder.Decode(message.payload)) {
      case signals::Decoded::kSignals:
      case signals::Decoded::kWatermarks:
      case signals::Decoded::kSources:
        break;
      case signals::Decoded::kMalformed:
        ++sample.malformed;
        sample.malformed_at = PlaceOf(message);
        break;
      case signals::Decoded::kNewer:
        ++sample.newer;
        sample.newer_at = PlaceOf(message);
        break;
    }
  }
  return sample;
}

Finding JudgeSignalTopic(const kafka::ProbedTopic& topic, const config::ServeConfig& serve) {
  constexpr const char* kCheck = "signal topic";
  const std::string name = config::Quoted(topic.name);
  const int32_t wanted = serve.signals.partitions;
  const bool hub = IsHub(serve.kafka.cluster);
  const bool ingests = serve.role == config::Role::kIngest;
  const std::string create = "create it with " + std::to_string(wanted) + " partitions";
  switch (topic.state) {
    case kafka::ProbedTopic::State::kThere:
      break;
    case kafka::ProbedTopic::State::kMissing:
      if (ingests) {
        return Make(Verdict::kWarn, kCheck,
                    name + " does not exist: ingest makes it when it starts, if it may (" +
                        (hub ? "by the role Azure Event Hubs Data Owner" : "Create on the topic") +
                        "); else " + create);
      }
      return Make(Verdict::kFail, kCheck,
                  name +
                      " does not exist: start an instance of role ingest, which makes it if it "
                      "may, or " +
                      create);
    case kafka::ProbedTopic::State::kForbidden:
      if (ingests) {
        return Make(Verdict::kFail, kCheck,
                    name + " may not be used: " +
                        (hub ? "give the policy the Send right there, or the app or identity the "
                               "role Azure Event Hubs Data Sender"
                             : "allow Write and Describe on it"));
      }
      return Make(
          Verdict::kFail, kCheck,
          name + " may not be read: " + ReadAdvice(serve.kafka.cluster, "Read and Describe"));
    case kafka::ProbedTopic::State::kUnknown:
      return Make(Verdict::kFail, kCheck, name + ": " + topic.error);
  }
  if (topic.partitions != wanted) {
    return Make(Verdict::kFail, kCheck, OtherNumber(name, topic.partitions, wanted));
  }
  return Make(
      Verdict::kOk, kCheck,
      name + " has " + Count(static_cast<uint64_t>(wanted), "partition") + ", as configured");
}

std::vector<Finding> JudgeSignalSettings(const kafka::ProbedSettings& settings,
                                         const std::vector<kafka::ProbedPartition>& partitions,
                                         EventTime now) {
  constexpr const char* kCheck = "signal settings";
  std::vector<Finding> findings;
  const auto tell = [&](Verdict verdict, std::string text) {
    findings.push_back(Make(verdict, kCheck, std::move(text)));
  };
  const auto policy = settings.values.find("cleanup.policy");
  if (policy != settings.values.end() && policy->second.find("compact") != std::string::npos) {
    tell(Verdict::kFail, "cleanup.policy is " + policy->second +
                             ": of each tenant all messages but the last would go, and those "
                             "without a key are refused: set it to delete");
  }
  const std::string advice =
      ", and signals that detect has not read by then are lost: raise retention.ms (and "
      "retention.bytes) to as long as detect may be away, at least " +
      Span(kRetentionLeast);
  const std::optional<Duration> retention = RetentionOf(settings);
  const std::optional<Duration> kept = LeastKept(partitions, now);
  if (retention && *retention < kRetentionLeast) {
    tell(Verdict::kWarn, KeptText(retention) + advice);
  } else if (kept && *kept < kRetentionLeast) {
    tell(Verdict::kWarn, "what came before the last " + Span(*kept) + " is gone" + advice);
  }
  const std::optional<int64_t> bytes = NumberIn(settings, "max.message.bytes");
  if (bytes && *bytes < kMessageBytes) {
    tell(Verdict::kFail, "max.message.bytes is " + std::to_string(*bytes) +
                             ", and a message of signals has up to " +
                             std::to_string(kMessageBytes) + ": set it to 1048588 or more");
  } else if (bytes && *bytes < kBatchBytes) {
    tell(Verdict::kWarn, "max.message.bytes is " + std::to_string(*bytes) +
                             ", and a batch of messages has up to " + std::to_string(kBatchBytes) +
                             ": set it to 1048588 or more, or kafka.options.batch.size of ingest "
                             "to less");
  }
  if (!settings.error.empty()) {
    tell(Verdict::kSkip, "could not be asked: " + settings.error +
                             "; see to it that cleanup.policy is delete, and retention at least " +
                             Span(kRetentionLeast));
  }
  if (findings.empty()) {
    tell(Verdict::kOk,
         KeptText(retention) + (bytes ? "; of " + std::to_string(*bytes) + " bytes at most" : ""));
  }
  return findings;
}

Finding JudgeSignalAccess(const std::vector<kafka::ProbedPartition>& partitions,
                          const absl::Status& read, const config::ServeConfig& serve) {
  constexpr const char* kCheck = "signal access";
  const bool ingests = serve.role == config::Role::kIngest;
  const auto away = std::find_if(partitions.begin(), partitions.end(),
                                 [](const auto& p) { return !p.error.empty(); });
  if (away != partitions.end()) {
    const std::string text = "partition " + std::to_string(away->partition) + ": " + away->error;
    return ingests ? Make(Verdict::kWarn, kCheck,
                          text + ": its broker does not answer, or asking is not allowed")
                   : Make(Verdict::kFail, kCheck,
                          text + ": its broker does not answer, or reading it is not allowed");
  }
  if (ingests) {
    return Make(Verdict::kOk, kCheck,
                "its brokers answer; whether it may be written to is not tried");
  }
  if (read.ok()) return Make(Verdict::kOk, kCheck, "it may be read");
  std::string text = "it can't be read: " + std::string(read.message());
  if (read.code() == absl::StatusCode::kPermissionDenied) {
    text += ": " + ReadAdvice(serve.kafka.cluster, "Read");
  }
  return Make(Verdict::kFail, kCheck, text);
}

std::vector<Finding> JudgeSignals(const SignalSample& sample,
                                  const std::vector<kafka::ProbedPartition>& partitions,
                                  config::Role role, EventTime now) {
  constexpr const char* kCheck = "signals";
  const bool ingests = role == config::Role::kIngest;
  if (sample.messages == 0) {
    const bool some =
        std::any_of(partitions.begin(), partitions.end(), [](const auto& p) { return !p.empty(); });
    if (some && ingests) {
      return {Make(Verdict::kSkip, kCheck, "none could be read, which ingest need not be allowed")};
    }
    if (some) return {Make(Verdict::kFail, kCheck, "no message could be read in time")};
    return {Make(ingests ? Verdict::kOk : Verdict::kWarn, kCheck,
                 "there are no messages: no instance of role ingest has written any that is kept")};
  }
  std::vector<Finding> findings;
  const std::string newest = " of the newest " + Count(sample.messages, "message");
  if (sample.newer > 0) {
    const std::string text = std::to_string(sample.newer) + newest +
                             " are of a later version of the format (" + sample.newer_at + ")";
    findings.push_back(
        ingests ? Make(Verdict::kWarn, kCheck,
                       text + ": other instances of role ingest are newer than this: update it too")
                : Make(Verdict::kFail, kCheck,
                       text + ", and this version of detect ends at them: update the instances of "
                              "role detect before those of role ingest"));
  }
  if (sample.malformed > 0) {
    findings.push_back(
        Make(Verdict::kWarn, kCheck,
             std::to_string(sample.malformed) + newest + " are no signals (" + sample.malformed_at +
                 "), so somebody else writes to this topic, who can forge them: let nobody but the "
                 "roles ingest and detect use it"));
  }
  std::string age;
  if (sample.newest != kBeginningOfTime) {
    const Duration span = std::max(now - sample.newest, Duration{0});
    age = "the newest message is " + Span(span) + " old";
    if (!ingests && span > kSilent) {
      findings.push_back(Make(Verdict::kWarn, kCheck,
                              age + ", and each instance of role ingest writes every second: none "
                                    "runs, or none can write"));
    }
  }
  if (!findings.empty()) return findings;
  return {Make(Verdict::kOk, kCheck,
               "the version" + newest + " is known (at most " +
                   std::to_string(signals::kSignalFormatVersion) + ")" +
                   (age.empty() ? "" : "; " + age))};
}

Finding JudgeSharedGroup(const std::string& name, const kafka::ProbedGroup& group,
                         size_t partitions, const config::KafkaCluster& cluster) {
  constexpr const char* kCheck = "group";
  const std::string quoted = config::Quoted(name);
  if (!group.error.empty()) {
    return Make(Verdict::kSkip, kCheck, quoted + " could not be looked up: " + group.error);
  }
  if (group.members.empty()) return Make(Verdict::kOk, kCheck, quoted + " has no member now");
  const auto option = cluster.options.find("client.id");
  const std::string ours = option == cluster.options.end() ? "signinwatch" : option->second;
  std::string strangers;
  for (const kafka::ProbedGroup::Member& member : group.members) {
    if (member.client_id != ours) AddMember(member, &strangers);
  }
  std::string text = quoted + " has " + Count(group.members.size(), "member");
  if (!strangers.empty()) {
    return Make(Verdict::kWarn, kCheck,
                text + ", and some are not called " + config::Quoted(ours) + ": " + strangers +
                    ": what another program is given no instance reads. Give it a group of its own "
                    "(in Event Hubs a group spans the namespace, whatever hub it reads)");
  }
  if (partitions > 0 && group.members.size() > partitions) {
    text += ", more than partitions (" + std::to_string(partitions) + "): those beyond wait";
  }
  return Make(Verdict::kOk, kCheck, text);
}

Finding JudgeShards(const store::DatabaseFacts& facts, const config::SignalsConfig& signals) {
  constexpr const char* kCheck = "shards";
  const auto wanted = static_cast<uint64_t>(signals.partitions);
  if (!facts.problem.empty()) return Make(Verdict::kSkip, kCheck, "needs the store");
  if (facts.shards == 0) return Make(Verdict::kOk, kCheck, "none was claimed yet");
  if (facts.greatest_shard >= signals.partitions) {
    return Make(Verdict::kFail, kCheck,
                "partition " + std::to_string(facts.greatest_shard) +
                    " was claimed in the database, but signals.partitions is " +
                    std::to_string(wanted) +
                    ": tenants are spread over them by that number. Set it to what it was, or "
                    "start over with another signals.topic and an empty database");
  }
  if (facts.shards < wanted) {
    return Make(Verdict::kWarn, kCheck,
                "only " + std::to_string(facts.shards) + " of " + Count(wanted, "partition") +
                    " were ever claimed: where signals.partitions was less before, start over with "
                    "another signals.topic and an empty database; else start an instance of role "
                    "detect");
  }
  return Make(Verdict::kOk, kCheck,
              "all " + Count(wanted, "partition") + " were claimed, " +
                  std::to_string(facts.shards_owned) + " are owned now");
}

}  // namespace signinwatch::doctor
