#include "daemon/doctor/examination.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"
#include "daemon/config/text_forms.h"
#include "daemon/doctor/configured_secrets.h"
#include "daemon/doctor/judgement.h"
#include "daemon/doctor/record_shape.h"
#include "daemon/doctor/signal_judgement.h"
#include "daemon/doctor/web_judgement.h"
#include "daemon/http_client/client_assertion.h"
#include "daemon/http_client/connection_probe.h"
#include "daemon/http_client/http_client.h"
#include "daemon/http_client/token_request.h"
#include "daemon/kafka/cluster_probe.h"
#include "daemon/rehearsal/scratch_outbox.h"
#include "daemon/sinks/sink_registry.h"
#include "daemon/store/store_probe.h"

namespace signinwatch::doctor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// All together; each step has its own bound below. What is left for the end of a client is beside.
constexpr seconds kAll{50};
constexpr seconds kConnect{4};
constexpr seconds kLogIn{10};
constexpr seconds kAsk{5};
constexpr seconds kRead{8};
constexpr size_t kBrokersMax = 4;
constexpr int64_t kMessagesEach = 50;
constexpr int64_t kSignalMessagesEach = 20;
constexpr size_t kBytesMax = size_t{32} << 20;

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

// Why a file could not be written there; empty: it can.
std::string FileProblem(const std::string& path) {
  const auto why = [](const std::string& what) { return what + ": " + std::strerror(errno); };
  if (::access(path.c_str(), F_OK) == 0) {
    return ::access(path.c_str(), W_OK) == 0 ? "" : why(path);
  }
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  return ::access(folder.c_str(), W_OK | X_OK) == 0 ? "" : why(folder);
}

class Examination {
 public:
  Examination(const config::Config& config, const clock::Clock& clock,
              const std::function<void(const Finding&)>& tell)
      : config_(config), serve_(config.serve), clock_(clock), tell_(tell) {}

  void Run(const std::string& config_path) {
    TellAll(JudgeConfiguration(config_, config_path));
    LookAtStore();
    ExamineSecrets();
    ExamineConnections();
    ExamineCluster();
    TellAll(store_findings_);
    TellAll(JudgeWeb(serve_.http));
    for (const config::SinkConfig& sink : serve_.sinks) ExamineSink(sink);
    ExamineDeadLetters();
  }

 private:
  void Tell(Finding finding) { tell_(finding); }
  void Tell(Verdict verdict, const char* check, std::string text) {
    tell_({.verdict = verdict, .check = check, .text = std::move(text)});
  }
  void TellAll(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) tell_(finding);
  }
  // Of a step: its own time, or what is left of all; 0: none.
  [[nodiscard]] milliseconds TimeFor(milliseconds step) const {
    const auto left = std::chrono::floor<milliseconds>(deadline_ - clock_.Steady());
    return std::clamp(left, milliseconds(0), step);
  }

  void LookAtStore();
  void ExamineSecrets();
  void ExamineCertificate();
  void ExamineConnections();
  bool LogIn();
  void ExamineCluster();
  // The input of the roles `all` and `ingest`. The broker's time of the newest message.
  [[nodiscard]] EventTime ExamineRecords();
  // What `ingest` and `detect` share. The same.
  [[nodiscard]] EventTime ExamineSignals();
  void ExamineClock(EventTime newest_message);
  void ExamineSink(const config::SinkConfig& sink);
  void ExamineDeadLetters();
  void TellFile(const std::string& check, const std::string& path);
  void TellTopic(const std::string& check, const config::KafkaCluster& own,
                 const std::string& topic);
  void Ask(const std::string& check, const config::SinkConfig& sink, const config::SinkType& type);
  static std::vector<std::string> UrlsOf(const config::SinkConfig& sink,
                                         const config::SinkType& type);
  [[nodiscard]] Finding Reach(const std::string& check, const config::SinkConfig& sink,
                              const std::string& url);

  const config::Config& config_;
  const config::ServeConfig& serve_;
  const clock::Clock& clock_;
  const http_client::HttpTransportMaker make_http_ = http_client::NetworkTransports();
  const std::function<void(const Finding&)>& tell_;
  const clock::SteadyTime deadline_ = clock_.Steady() + kAll;
  const bool shares_work_ = serve_.role != config::Role::kAll;
  std::vector<Finding> store_findings_;
  bool daemon_runs_ = false;                    // by what the store says
  bool reachable_ = false;                      // some broker
  std::unique_ptr<kafka::ClusterProbe> probe_;  // of the source, logged in
};

void Examination::LookAtStore() {
  if (serve_.store.url.empty()) {
    if (serve_.role == config::Role::kIngest) return;  // it has none
    const store::StoreFacts facts = store::ProbeStore(serve_.store.path);
    daemon_runs_ = !facts.holder.empty();
    store_findings_ = {JudgeStore(serve_.store.path, facts)};
    return;
  }
  const store::DatabaseFacts facts =
      store::ProbeDatabase(store::StoreOptionsOf(serve_.store, clock_));
  daemon_runs_ = facts.shards_owned > 0;
  store_findings_ = {JudgeDatabase(facts)};
  if (serve_.role == config::Role::kDetect) {
    store_findings_.push_back(JudgeShards(facts, serve_.signals));
  }
}

void Examination::ExamineSecrets() {
  const std::vector<SecretState> secrets = LookAtSecrets(serve_);
  bool fine = true;
  for (const SecretState& secret : secrets) {
    if (secret.kind == SecretState::Kind::kGood) continue;
    fine = false;
    std::string text = secret.key + ": " + secret.text;
    if (secret.kind == SecretState::Kind::kUnread) {
      text +=
          ": set it for this user (a file must be readable by the one that runs the daemon; with "
          "the Debian package, signinwatch-doctor is given the daemon's secrets)";
    }
    Tell(Verdict::kFail, "secrets", text);
  }
  if (fine) {
    Tell(Verdict::kOk, "secrets",
         secrets.empty() ? "none are needed" : std::to_string(secrets.size()) + " can be read");
  }
  if (serve_.kafka.cluster.auth == config::KafkaAuth::kClientCertificate) ExamineCertificate();
}

void Examination::ExamineCertificate() {
  const std::string& path = serve_.kafka.cluster.client_certificate;
  const auto text =
      config::ReadSecret({config::SecretRef::From::kFile, path}, config::SecretForm::kPem);
  const auto expiry = text.ok() ? http_client::CertificateExpiry(*text) : text.status();
  if (!expiry.ok()) {
    return Tell(Verdict::kFail, "certificate",
                path + ": " + std::string(expiry.status().message()));
  }
  Tell(JudgeClientCertificate(path, *expiry, std::chrono::floor<seconds>(clock_.Wall())));
}

void Examination::ExamineConnections() {
  const config::KafkaCluster& cluster = serve_.kafka.cluster;
  size_t looked_at = 0;
  for (const std::string& broker : Split(cluster.brokers)) {
    if (++looked_at > kBrokersMax) break;
    const milliseconds timeout = TimeFor(kConnect);
    const http_client::ConnectionTarget target{.address = broker,
                                               .tls = cluster.tls,
                                               .ca_file = cluster.ca_file,
                                               .direct = true,
                                               .timeout = timeout};
    const http_client::ConnectionFacts facts = http_client::ProbeConnection(target);
    reachable_ = reachable_ || facts.error.empty();
    TellAll(JudgeConnection(target, facts, std::chrono::floor<seconds>(clock_.Wall())));
  }
}

// Ends with the log-in: whether there is a client to ask further.
bool Examination::LogIn() {
  const config::KafkaCluster& cluster = serve_.kafka.cluster;
  // A token is to be had also where no broker is.
  const kafka::TokenFetcher fetch = http_client::MakeTokenFetcher(cluster, clock_, make_http_);
  if (fetch) {
    const absl::StatusOr<kafka::AccessToken> token = fetch();
    if (!token.ok()) {
      Tell(Verdict::kFail, "authentication", std::string(token.status().message()));
      return false;
    }
    const auto left = std::chrono::ceil<std::chrono::minutes>(token->expires_at - clock_.Wall());
    Tell(Verdict::kOk, "token",
         "a token was given, for " + std::to_string(left.count()) + " minutes");
  }
  if (!reachable_) {
    Tell(Verdict::kSkip, "authentication", "needs a connection");
    return false;
  }
  absl::StatusOr<std::unique_ptr<kafka::ClusterProbe>> probe =
      kafka::ClusterProbe::Make(clock_, cluster, fetch);
  const absl::Status status = probe.ok() ? (*probe)->LogIn(TimeFor(kLogIn)) : probe.status();
  Tell(JudgeLogIn(cluster, status));
  if (status.ok()) probe_ = *std::move(probe);
  return status.ok();
}

void Examination::ExamineCluster() {
  const bool reads_records = serve_.role != config::Role::kDetect;
  if (!LogIn()) {
    std::vector<const char*> checks;
    if (reads_records) checks = {"topics", "partitions", "retention"};
    checks.push_back("group");
    if (reads_records) checks.push_back("records");
    if (shares_work_) {
      checks.insert(checks.end(), {"signal topic", "signal settings", "signal access", "signals"});
    }
    for (const char* check : checks) Tell(Verdict::kSkip, check, "needs authentication");
    return ExamineClock(kBeginningOfTime);
  }
  EventTime newest = kBeginningOfTime;
  if (reads_records) newest = ExamineRecords();
  if (shares_work_) newest = std::max(newest, ExamineSignals());
  ExamineClock(newest);
}

EventTime Examination::ExamineRecords() {
  const std::vector<kafka::ProbedTopic> topics = probe_->Topics(serve_.kafka.topics, TimeFor(kAsk));
  TellAll(JudgeTopics(topics, serve_.kafka.cluster));
  std::vector<kafka::ProbedPartition> partitions = probe_->Partitions(topics, TimeFor(kAsk));
  probe_->FindOldest(&partitions, TimeFor(kAsk));
  const std::vector<kafka::ProbedMessage> newest =
      probe_->Newest(partitions, kMessagesEach, kBytesMax, TimeFor(kRead));
  if (partitions.empty()) {
    for (const char* check : {"partitions", "retention"}) {
      Tell(Verdict::kSkip, check, "needs a topic");
    }
  } else {
    TellAll(JudgePartitions(partitions, probe_->throttled()));
    Tell(JudgeRetention(partitions, config_.detection, clock_.Wall()));
  }
  const std::string& name = serve_.kafka.group;
  const kafka::ProbedGroup group = probe_->Group(name, TimeFor(kAsk));
  Tell(shares_work_ ? JudgeSharedGroup(name, group, partitions.size(), serve_.kafka.cluster)
                    : JudgeGroup(name, group, daemon_runs_));
  const RecordShape shape = ShapeOf(newest, config_.parser, clock_.Wall());
  const bool some = std::any_of(partitions.begin(), partitions.end(),
                                [](const kafka::ProbedPartition& p) { return !p.empty(); });
  if (partitions.empty()) {
    Tell(Verdict::kSkip, "records", "needs a topic");
  } else if (newest.empty() && some) {
    Tell(Verdict::kFail, "records",
         "no message could be read in time: reading may not be allowed, or the broker is slow");
  } else {
    TellAll(JudgeRecords(shape, config_.detection.time, clock_.Wall()));
  }
  return shape.newest_message;
}

EventTime Examination::ExamineSignals() {
  const bool detects = serve_.role == config::Role::kDetect;
  const std::vector<kafka::ProbedTopic> topics =
      probe_->Topics({serve_.signals.topic}, TimeFor(kAsk));
  Tell(JudgeSignalTopic(topics.front(), serve_));
  std::vector<kafka::ProbedPartition> partitions = probe_->Partitions(topics, TimeFor(kAsk));
  SignalSample sample;
  if (partitions.empty()) {
    for (const char* check : {"signal settings", "signal access", "signals"}) {
      Tell(Verdict::kSkip, check, "needs a topic");
    }
  } else {
    const absl::Status read =
        detects ? probe_->TryToRead(partitions.front(), TimeFor(kAsk)) : absl::OkStatus();
    // Who may not read has nothing to wait for.
    if (read.ok()) {
      probe_->FindOldest(&partitions, TimeFor(kAsk));
      sample =
          SampleSignals(probe_->Newest(partitions, kSignalMessagesEach, kBytesMax, TimeFor(kRead)));
    }
    const kafka::ProbedSettings settings = probe_->Settings(serve_.signals.topic, TimeFor(kAsk));
    TellAll(JudgeSignalSettings(settings, partitions, clock_.Wall()));
    Tell(JudgeSignalAccess(partitions, read, serve_));
    if (read.ok()) {
      TellAll(JudgeSignals(sample, partitions, serve_.role, clock_.Wall()));
    } else {
      Tell(Verdict::kSkip, "signals", "needs access");
    }
  }
  if (detects) {
    const std::string& group = serve_.signals.group;
    Tell(JudgeSharedGroup(group, probe_->Group(group, TimeFor(kAsk)), partitions.size(),
                          serve_.kafka.cluster));
  }
  return sample.newest;
}

void Examination::ExamineClock(EventTime newest_message) {
  const config::KafkaCluster& cluster = serve_.kafka.cluster;
  ClockFacts facts{.newest_message = newest_message};
  http_client::HttpCall request{.method = "GET"};
  std::string ca_file;
  if (config::UsesTokens(cluster.auth) && !cluster.token_endpoint.empty()) {
    request.url = cluster.token_endpoint;
    facts.whose = "the token endpoint";
    ca_file = cluster.ca_file;
  } else if (const std::string host = config::FirstBrokerHost(cluster.brokers);
             config::IsEventHubs(host)) {
    request.url = "https://" + host + "/";
    facts.whose = host;
  }
  request.timeout = TimeFor(kConnect);
  if (!request.url.empty() && request.timeout.count() > 0) {
    const absl::StatusOr<http_client::HttpResponse> response = make_http_(ca_file)->Send(request);
    if (response.ok()) facts.other = response->date;
  }
  facts.now = clock_.Wall();
  Tell(JudgeClock(facts));
}

void Examination::TellFile(const std::string& check, const std::string& path) {
  const std::string problem = FileProblem(path);
  if (problem.empty()) return Tell({Verdict::kOk, check, path + " can be written"});
  Tell({Verdict::kFail, check,
        problem + ": create the folder, owned by the user that runs the daemon"});
}

// Whether a topic that is written to exists. `own`: without brokers it is that of the source.
void Examination::TellTopic(const std::string& check, const config::KafkaCluster& own,
                            const std::string& topic) {
  const bool borrowed = own.brokers.empty();
  if (borrowed && probe_ == nullptr) {
    return Tell({Verdict::kSkip, check, "needs authentication at the cluster of kafka"});
  }
  if (TimeFor(kAsk).count() == 0) return Tell({Verdict::kSkip, check, "no time was left"});
  std::unique_ptr<kafka::ClusterProbe> made;
  if (!borrowed) {
    absl::StatusOr<std::unique_ptr<kafka::ClusterProbe>> probe = kafka::ClusterProbe::Make(
        clock_, own, http_client::MakeTokenFetcher(own, clock_, make_http_));
    const absl::Status status = probe.ok() ? (*probe)->LogIn(TimeFor(kLogIn)) : probe.status();
    if (!status.ok()) {
      Finding finding = JudgeLogIn(own, status);
      finding.check = check;
      return Tell(finding);
    }
    made = *std::move(probe);
  }
  kafka::ClusterProbe& probe = borrowed ? *probe_ : *made;
  const kafka::ProbedTopic found = probe.Topics({topic}, TimeFor(kAsk)).front();
  switch (found.state) {
    case kafka::ProbedTopic::State::kThere:
      return Tell({Verdict::kOk, check,
                   "topic " + topic + " is there; whether it may be written to is not tried"});
    case kafka::ProbedTopic::State::kMissing:
      return Tell({Verdict::kFail, check, "topic " + topic + " does not exist: make it"});
    case kafka::ProbedTopic::State::kForbidden:
      return Tell({Verdict::kFail, check,
                   "topic " + topic +
                       " is not allowed: give the right Send, or the role Azure "
                       "Event Hubs Data Sender"});
    case kafka::ProbedTopic::State::kUnknown:
      return Tell({Verdict::kFail, check, "topic " + topic + ": " + found.error});
  }
}

void Examination::ExamineSink(const config::SinkConfig& sink) {
  const std::string check = "sink " + sink.name;
  const config::SinkType& type = config::SinkTypeOf(sink.type);
  const auto text_of = [&sink](const std::string& key) {
    return config::SettingOf<std::string>(sink, key);
  };
  if (!type.written_file.empty()) return TellFile(check, text_of(type.written_file));
  if (!type.written_topic.empty()) {
    return TellTopic(check, sink.cluster, text_of(type.written_topic));
  }
  bool reached = true;
  for (const std::string& url : UrlsOf(sink, type)) {
    const Finding finding = Reach(check, sink, url);
    reached = reached && finding.verdict == Verdict::kOk;
    Tell(finding);
  }
  if (reached) Ask(check, sink, type);
}

// What the other side says of our log-in. Nothing is left behind there.
void Examination::Ask(const std::string& check, const config::SinkConfig& sink,
                      const config::SinkType& type) {
  if (!config::HasSetting(sink, "timeout")) return Tell({Verdict::kOk, check, type.doctor_says});
  config::SinkConfig impatient = sink;
  const milliseconds left = TimeFor(kAsk);
  if (left.count() == 0) return Tell({Verdict::kSkip, check, "no time was left"});
  impatient.settings.insert_or_assign(
      "timeout",
      config::OptionValue(std::min<Duration>(config::SettingOf<Duration>(sink, "timeout"), left)));
  rehearsal::ScratchOutbox outbox;
  const sinks::TicketSinkOr made =
      sinks::MakeTicketSink(impatient, {.source_cluster = serve_.kafka.cluster,
                                        .make_http = make_http_,
                                        .clock = clock_,
                                        .outbox = outbox});
  if (!made.ok()) return Tell({Verdict::kFail, check, std::string(made.status().message())});
  const absl::StatusOr<std::string> said = (*made)->Ask();
  if (!said.ok()) {
    return Tell({Verdict::kFail, check,
                 "it takes no tickets: " + std::string(said.status().message()) +
                     "; `signinwatch sinks test " + sink.name + "` sends one"});
  }
  if (!said->empty()) return Tell({Verdict::kOk, check, *said + "; no ticket was sent"});
  if (!type.doctor_says.empty()) Tell({Verdict::kOk, check, type.doctor_says});
}

// What it connects to: also where that is a secret.
std::vector<std::string> Examination::UrlsOf(const config::SinkConfig& sink,
                                             const config::SinkType& type) {
  if (type.url.empty()) return {};
  const config::OptionValue value = config::SettingValue(sink, type.url);
  if (const auto* several = std::get_if<std::vector<std::string>>(&value)) return *several;
  if (const auto* secret = std::get_if<config::SecretRef>(&value)) {
    const absl::StatusOr<std::string> url = config::ReadSecret(*secret);
    return {url.ok() ? *url : ""};
  }
  return {std::get<std::string>(value)};
}

// How far a connection gets. Of the URL the finding names host and port.
Finding Examination::Reach(const std::string& check, const config::SinkConfig& sink,
                           const std::string& url) {
  std::optional<http_client::ConnectionTarget> target = http_client::TargetOfUrl(url);
  if (!target) return {Verdict::kFail, check, "its url can't be used"};
  target->ca_file = sink.ca_file;
  target->timeout = TimeFor(kConnect);
  if (target->timeout.count() == 0) return {Verdict::kSkip, check, "no time was left"};
  const std::vector<Finding> findings = JudgeConnection(
      *target, http_client::ProbeConnection(*target), std::chrono::floor<seconds>(clock_.Wall()));
  const auto worst = std::find_if(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.verdict != Verdict::kOk;
  });
  if (worst != findings.end()) return {worst->verdict, check, worst->check + ": " + worst->text};
  return {Verdict::kOk, check, findings.back().text + "; no ticket was sent"};
}

void Examination::ExamineDeadLetters() {
  const config::DeadLetterConfig& letters = serve_.dead_letters;
  if (!letters.path.empty()) TellFile("dead letters", letters.path);
  if (!letters.topic.empty()) TellTopic("dead letters", letters.cluster, letters.topic);
}

}  // namespace

void Examine(const config::Config& config, const std::string& config_path,
             const clock::Clock& clock, const std::function<void(const Finding&)>& tell) {
  Examination(config, clock, tell).Run(config_path);
}

}  // namespace signinwatch::doctor
