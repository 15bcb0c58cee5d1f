#include "daemon/serve/ingest_daemon.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "daemon/http/http_server.h"
#include "daemon/http_client/token_request.h"
#include "daemon/ingest/ingest_pipeline.h"
#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/topic_admin.h"
#include "daemon/log/log.h"
#include "daemon/serve/no_tickets.h"
#include "daemon/serve/presence.h"
#include "daemon/serve/readiness.h"
#include "daemon/serve/status_metrics.h"
#include "daemon/store/open_store.h"
#include "daemon/version/version.h"

namespace signinwatch::serve {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kAcknowledgePatience{10'000};
constexpr milliseconds kTopicTimeout{5'000};

}  // namespace

class IngestDaemon::Impl {
 public:
  Impl(const config::Config& config, const clock::Clock& clock) : config_(config), clock_(clock) {}
  ~Impl() { (void)Stop(); }

  [[nodiscard]] absl::Status Start();
  [[nodiscard]] absl::Status Wait();
  absl::Status Stop();
  [[nodiscard]] std::string http_address() const { return http_->address(); }
  [[nodiscard]] pipeline::ServeStatus MakeStatus() const;
  [[nodiscard]] std::string Expose(metrics::Exposition exposition) {
    return metrics_.Expose(exposition);
  }

 private:
  [[nodiscard]] absl::Status OpenStore();
  [[nodiscard]] absl::Status StartSource();
  [[nodiscard]] absl::Status StartHttp();
  [[nodiscard]] absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>> MakeProducer() const;
  [[nodiscard]] std::vector<pipeline::Condition> NotReadyBecause(
      const pipeline::ServeStatus& status, const kafka::SourceFacts& source,
      const std::string& problem) const;
  void OnFailed(const absl::Status& status);

  const config::Config config_;
  const clock::Clock& clock_;
  const EventTime started_at_ = clock_.Wall();
  metrics::Metrics metrics_;
  pipeline::FoldMetrics fold_metrics_{metrics_};
  StatusMetrics status_metrics_{metrics_};
  NoTickets no_tickets_;
  std::unique_ptr<store::Store> store_;  // for its pages alone; nullptr: there is none
  kafka::TokenFetcher fetch_token_;
  std::unique_ptr<sinks::DeadLetterSink> dead_letters_;
  std::unique_ptr<kafka::RecordSource> source_;
  std::unique_ptr<ingest::IngestPipeline> pipeline_;
  std::unique_ptr<http::HttpServer> http_;
  std::unique_ptr<Presence> presence_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  bool stopping_ = false;
  absl::Status failure_;
};

absl::Status IngestDaemon::Impl::Start() {
  metrics_.gauge(metrics::Metric::kBuildInfo, {version::VersionNumber(), version::CompilerText()})
      .Set(1);
  for (const char* outcome : {"sent", "unneeded"})
    metrics_.counter(metrics::Metric::kSignals, {outcome});
  metrics_.counter(metrics::Metric::kSignalRewinds);
  if (absl::Status status = OpenStore(); !status.ok()) return status;
  if (absl::Status status = StartSource(); !status.ok()) return status;
  status_metrics_.Begin(config_.detection.limits, config_.memory_bytes);
  pipeline_ = std::make_unique<ingest::IngestPipeline>(
      ingest::IngestParts{.config = config_,
                          .source = *source_,
                          .make_producer = [this] { return MakeProducer(); },
                          .dead_letters = dead_letters_.get(),
                          .memory = pipeline::MemoryGuard(config_.memory_bytes),
                          .clock = clock_,
                          .metrics = metrics_,
                          .fold_metrics = fold_metrics_,
                          .failed = [this](const absl::Status& status) { OnFailed(status); }});
  pipeline_->Start();
  return StartHttp();
}

// Any instance shows the tickets of all, where it knows where they are.
absl::Status IngestDaemon::Impl::OpenStore() {
  if (config_.serve.store.url.empty()) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<store::Store>> store =
      store::OpenStore(store::StoreOptionsOf(config_.serve.store, clock_));
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  return absl::OkStatus();
}

absl::Status IngestDaemon::Impl::StartSource() {
  const config::KafkaCluster& cluster = config_.serve.kafka.cluster;
  const http_client::HttpTransportMaker make_http = http_client::NetworkTransports();
  fetch_token_ = http_client::MakeTokenFetcher(cluster, clock_, make_http);
  absl::StatusOr<std::unique_ptr<sinks::DeadLetterSink>> letters =
      sinks::MakeDeadLetterSink(config_.serve.dead_letters, cluster, clock_, make_http);
  if (!letters.ok()) return letters.status();
  dead_letters_ = *std::move(letters);
  kafka::KafkaSourceOptions options;
  options.config = config_.serve.kafka;
  options.starts_by = kafka::StartsBy::kGroup;
  options.fetch_token = fetch_token_;
  absl::StatusOr<std::unique_ptr<kafka::RecordSource>> source =
      kafka::MakeKafkaSource(clock_, options);
  if (!source.ok()) return source.status();
  source_ = *std::move(source);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>> IngestDaemon::Impl::MakeProducer() const {
  const config::KafkaCluster& cluster = config_.serve.kafka.cluster;
  const config::SignalsConfig& signals = config_.serve.signals;
  const absl::Status ensured = kafka::EnsureTopic(clock_, cluster, fetch_token_, signals.topic,
                                                  signals.partitions, kTopicTimeout);
  if (!ensured.ok()) return ensured;
  kafka::KafkaProducerOptions options;
  options.cluster = cluster;
  options.fetch_token = fetch_token_;
  options.message_timeout = milliseconds(0);
  options.gapless = true;
  return kafka::MakeKafkaProducer(clock_, options);
}

absl::Status IngestDaemon::Impl::StartHttp() {
  metrics_.OnScrape([this] {
    status_metrics_.Update(MakeStatus(), pipeline::FoldSnapshot(), source_->facts(),
                           log::GetLogCounts());
  });
  store::TicketStore* tickets = &no_tickets_;
  if (store_ != nullptr) tickets = store_.get();
  absl::StatusOr<std::unique_ptr<http::HttpServer>> http =
      http::HttpServer::Start(clock_, config_.serve.http,
                              {.store = tickets,
                               .instances = store_.get(),
                               .status = [this] { return MakeStatus(); },
                               .metrics =
                                   [this](bool openmetrics) {
                                     return Expose(openmetrics ? metrics::Exposition::kOpenMetrics
                                                               : metrics::Exposition::kText);
                                   },
                               .reload = {}});
  if (!http.ok()) return http.status();
  http_ = *std::move(http);
  log::Log(config::LogLevel::kInfo, "listening", {{"address", http_->address()}});
  if (store_ != nullptr) {
    presence_ = std::make_unique<Presence>(
        *store_, clock_, [this] { return FactsOf(MakeStatus(), http_->address()); });
    presence_->Start();
  }
  return absl::OkStatus();
}

pipeline::ServeStatus IngestDaemon::Impl::MakeStatus() const {
  const ingest::RouteSnapshot route = pipeline_->snapshot();
  const kafka::SourceFacts source = source_->facts();
  pipeline::ServeStatus status;
  status.version = version::VersionNumber();
  status.role = config::Role::kIngest;
  status.started_at = started_at_;
  status.now = clock_.Wall();
  status.watermark = route.watermark;
  status.partitions = route.partitions;
  AddLag(source, config_.detection.time.allowed_lateness, status.now, &status.partitions);
  status.topics = route.topics;
  status.warnings = UnusedTopics(config_.serve.health.irrelevant_after, status.now, &status.topics);
  for (pipeline::Condition& warning : LostInPartitions(source, status.now, &status.partitions)) {
    status.warnings.push_back(std::move(warning));
  }
  status.stages = pipeline_->stages();
  status.records = route.totals.records;
  status.accepted = route.totals.accepted;
  status.irrelevant = route.totals.irrelevant;
  status.rejected = route.totals.rejected;
  status.limits = config_.detection.limits;
  status.brokers = source.brokers;
  status.source_error = source.last_error;
  status.not_ready = NotReadyBecause(status, source, route.problem);
  return status;
}

std::vector<pipeline::Condition> IngestDaemon::Impl::NotReadyBecause(
    const pipeline::ServeStatus& status, const kafka::SourceFacts& source,
    const std::string& problem) const {
  ReadinessInputs inputs;
  {
    const std::lock_guard lock(mutex_);
    inputs.stopping = stopping_;
    inputs.failure = failure_;
  }
  inputs.commit_problem = problem;
  inputs.role = config::Role::kIngest;
  inputs.group = config_.serve.kafka.group;
  // That others of the group read partitions too is how it should be, and so is having none.
  kafka::SourceFacts own = source;
  own.partitions_elsewhere = 0;
  std::vector<pipeline::Condition> reasons = NotReady(inputs, status, own);
  if (source.partitions_elsewhere > 0) {
    std::erase_if(reasons, [](const pipeline::Condition& condition) {
      return condition.reason == pipeline::Condition::Reason::kNotAssigned;
    });
  }
  return reasons;
}

void IngestDaemon::Impl::OnFailed(const absl::Status& status) {
  log::Log(config::LogLevel::kError, "it cannot go on", {{"error", status.ToString()}});
  const std::lock_guard lock(mutex_);
  if (failure_.ok()) failure_ = status;
  ended_.notify_all();
}

absl::Status IngestDaemon::Impl::Wait() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return stopping_ || !failure_.ok(); });
  return failure_;
}

absl::Status IngestDaemon::Impl::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(stopping_, true)) return failure_;
    ended_.notify_all();
  }
  presence_.reset();
  if (pipeline_ != nullptr) pipeline_->Stop(kAcknowledgePatience);
  http_.reset();
  const std::lock_guard lock(mutex_);
  return failure_;
}

IngestDaemon::IngestDaemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
IngestDaemon::~IngestDaemon() = default;

absl::StatusOr<std::unique_ptr<IngestDaemon>> IngestDaemon::Start(const config::Config& config,
                                                                  const clock::Clock& clock) {
  auto impl = std::make_unique<Impl>(config, clock);
  if (absl::Status status = impl->Start(); !status.ok()) return status;
  return std::unique_ptr<IngestDaemon>(new IngestDaemon(std::move(impl)));
}

std::string IngestDaemon::http_address() const { return impl_->http_address(); }
pipeline::ServeStatus IngestDaemon::status() const { return impl_->MakeStatus(); }
std::string IngestDaemon::metrics() const { return impl_->Expose(metrics::Exposition::kText); }
absl::Status IngestDaemon::Wait() { return impl_->Wait(); }
absl::Status IngestDaemon::Stop() { return impl_->Stop(); }

}  // namespace signinwatch::serve
