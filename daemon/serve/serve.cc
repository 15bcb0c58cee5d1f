#include "daemon/serve/serve.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "daemon/http/http_server.h"
#include "daemon/http_client/token_request.h"
#include "daemon/kafka/kafka_source.h"
#include "daemon/log/log.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/serve/readiness.h"
#include "daemon/serve/status_metrics.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/sinks/delivery.h"
#include "daemon/sinks/ticket_sink.h"
#include "daemon/store/store.h"
#include "daemon/version/version.h"
#include "metrics/metrics.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kCommitPatience{10'000};
constexpr milliseconds kDeliveryGrace{5'000};

EventTime WallClock() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

double Seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

class Serve::Impl {
 public:
  Impl(const Config& config, ServeOptions options)
      : config_(config),
        options_(std::move(options)),
        status_metrics_(metrics_, config_.detection.limits) {}
  ~Impl() { (void)Stop(); }

  [[nodiscard]] absl::Status Start();
  absl::Status Stop();
  [[nodiscard]] absl::Status Wait();

  [[nodiscard]] std::string http_address() const { return http_->address(); }
  [[nodiscard]] ServeStatus MakeStatus() const;
  [[nodiscard]] std::string Expose(Exposition exposition) { return metrics_.Expose(exposition); }

 private:
  [[nodiscard]] absl::Status OpenStore();
  [[nodiscard]] absl::Status StartDelivery();
  [[nodiscard]] absl::Status StartPipeline();
  [[nodiscard]] absl::Status StartHttp();
  void OnCommitted(const StoreCommit& commit);
  void OnFailed(const absl::Status& status);
  void OnAttempt(const std::string& sink, const Delivery& delivery, const SendResult& result);
  void RefreshMetrics();

  const Config config_;
  const ServeOptions options_;
  const EventTime started_at_ = WallClock();
  Metrics metrics_;
  StatusMetrics status_metrics_;
  std::unique_ptr<Store> store_;
  RestoredState restored_;
  std::unique_ptr<DeadLetterSink> dead_letters_;
  std::unique_ptr<RecordSource> source_;
  std::vector<std::unique_ptr<DeliveryWorker>> deliveries_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<HttpServer> http_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  bool stopping_ = false;
  absl::Status failure_;
};

absl::Status Serve::Impl::OpenStore() {
  StoreOptions options{.path = config_.serve.store.path,
                       .keep_tickets = config_.serve.store.keep_tickets,
                       .outbox_max = config_.serve.store.outbox_max,
                       .sinks = {}};
  for (const SinkConfig& sink : config_.serve.sinks) options.sinks.push_back(sink.name);
  absl::StatusOr<std::unique_ptr<Store>> store = OpenSqliteStore(options);
  if (!store.ok()) return store.status();
  store_ = *std::move(store);
  if (absl::Status status = store_->LoadState(&restored_.rows); !status.ok()) return status;
  if (absl::Status status = store_->LoadPositions(&restored_.positions); !status.ok()) {
    return status;
  }
  return store_->LoadFailures(kBeginningOfTime, &restored_.failures);
}

absl::Status Serve::Impl::StartDelivery() {
  const KafkaCluster& cluster = config_.serve.kafka.cluster;
  for (const SinkConfig& sink : config_.serve.sinks) {
    absl::StatusOr<std::unique_ptr<TicketSink>> made = MakeTicketSink(sink, cluster);
    if (!made.ok()) return made.status();
    deliveries_.push_back(std::make_unique<DeliveryWorker>(
        sink, *store_, *std::move(made),
        [this](const std::string& name, const Delivery& delivery, const SendResult& result) {
          OnAttempt(name, delivery, result);
        }));
    for (const char* outcome : {"delivered", "temporary", "permanent", "dropped"}) {
      metrics_.counter(Metric::kDeliveries, {sink.name, outcome});
    }
  }
  absl::StatusOr<std::unique_ptr<DeadLetterSink>> letters =
      MakeDeadLetterSink(config_.serve.dead_letters, cluster);
  if (!letters.ok()) return letters.status();
  dead_letters_ = *std::move(letters);
  for (const auto& delivery : deliveries_) delivery->Start();
  return absl::OkStatus();
}

absl::Status Serve::Impl::StartPipeline() {
  KafkaSourceOptions options{.config = config_.serve.kafka, .positions = {}, .fetch_token = {}};
  for (const PartitionPosition& position : restored_.positions) {
    options.positions.push_back({.topic = position.topic,
                                 .partition = position.partition,
                                 .next_offset = position.next_offset});
  }
  options.fetch_token = MakeTokenFetcher(config_.serve.kafka.cluster);
  absl::StatusOr<std::unique_ptr<RecordSource>> source = MakeKafkaSource(options);
  if (!source.ok()) return source.status();
  source_ = *std::move(source);
  pipeline_ = std::make_unique<Pipeline>(
      config_, *source_, *store_, dead_letters_.get(), metrics_,
      PipelineHooks{.committed = [this](const StoreCommit& commit) { OnCommitted(commit); },
                    .failed = [this](const absl::Status& status) { OnFailed(status); }});
  return pipeline_->Start(std::exchange(restored_, {}));
}

absl::Status Serve::Impl::StartHttp() {
  metrics_.OnScrape([this] { RefreshMetrics(); });
  absl::StatusOr<std::unique_ptr<HttpServer>> http = HttpServer::Start(
      config_.serve.http,
      {.store = store_.get(),
       .status = [this] { return MakeStatus(); },
       .metrics =
           [this](bool openmetrics) {
             return Expose(openmetrics ? Exposition::kOpenMetrics : Exposition::kText);
           }});
  if (!http.ok()) return http.status();
  http_ = *std::move(http);
  return absl::OkStatus();
}

absl::Status Serve::Impl::Start() {
  metrics_.gauge(Metric::kBuildInfo, {VersionNumber(), CompilerText()}).Set(1);
  metrics_.gauge(Metric::kConfigReloadSuccess).Set(1);
  metrics_.gauge(Metric::kConfigReloadTime).Set(Seconds(started_at_.time_since_epoch()));
  for (const auto step :
       {&Impl::OpenStore, &Impl::StartDelivery, &Impl::StartPipeline, &Impl::StartHttp}) {
    if (absl::Status status = (this->*step)(); !status.ok()) return status;
  }
  Log(LogLevel::kInfo, "listening", {{"address", http_->address()}});
  return absl::OkStatus();
}

absl::Status Serve::Impl::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    ended_.notify_all();
  }
  if (pipeline_ != nullptr) pipeline_->Stop(kCommitPatience);
  const auto deadline = steady_clock::now() + kDeliveryGrace;
  for (const auto& delivery : deliveries_) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
    delivery->Stop(std::max(left, milliseconds(0)));
  }
  // It reads the status of the others until here.
  http_.reset();
  deliveries_.clear();
  const std::lock_guard lock(mutex_);
  return failure_;
}

absl::Status Serve::Impl::Wait() {
  std::unique_lock lock(mutex_);
  ended_.wait(lock, [this] { return stopping_ || !failure_.ok(); });
  return failure_;
}

void Serve::Impl::OnCommitted(const StoreCommit& commit) {
  if (commit.revisions.empty()) return;
  for (const auto& delivery : deliveries_) delivery->Wake();
  if (options_.on_committed == nullptr) return;
  for (const TicketRevision& revision : commit.revisions) options_.on_committed(revision.ticket);
}

void Serve::Impl::OnFailed(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  if (failure_.ok()) failure_ = status;
  ended_.notify_all();
}

void Serve::Impl::OnAttempt(const std::string& sink, const Delivery& delivery,
                            const SendResult& result) {
  const auto update = metrics_.BeginUpdate();
  switch (result.kind) {
    case SendResult::Kind::kTemporary:
      metrics_.counter(Metric::kDeliveries, {sink, "temporary"}).Add();
      return;
    case SendResult::Kind::kPermanent:
      metrics_.counter(Metric::kDeliveries, {sink, "permanent"}).Add();
      return;
    case SendResult::Kind::kDelivered:
      break;
  }
  const EventTime now = WallClock();
  metrics_.counter(Metric::kDeliveries, {sink, "delivered"}).Add();
  metrics_.histogram(Metric::kDeliveryLatency, {sink})
      .Observe(Seconds(now - delivery.committed_at));
  if (delivery.broker_time > kBeginningOfTime) {
    metrics_.histogram(Metric::kTicketDelay, {sink}).Observe(Seconds(now - delivery.broker_time));
  }
}

void Serve::Impl::RefreshMetrics() {
  status_metrics_.Update(MakeStatus(), pipeline_->snapshot(), source_->facts(), GetLogCounts());
}

ServeStatus Serve::Impl::MakeStatus() const {
  ServeStatus status;
  status.version = VersionNumber();
  status.started_at = started_at_;
  status.now = WallClock();

  Pipeline::Snapshot fold = pipeline_->snapshot();
  const SourceFacts source = source_->facts();
  status.watermark = fold.watermark;
  status.partitions = std::move(fold.partitions);
  AddLag(source, config_.detection.time.allowed_lateness, status.now, &status.partitions);
  status.stages = pipeline_->stages();
  status.records = fold.totals.records;
  status.accepted = fold.totals.accepted;
  status.irrelevant = fold.totals.irrelevant;
  status.rejected = fold.totals.rejected;
  status.detection = std::move(fold.detection);
  status.state = fold.sizes;
  status.failures = std::move(fold.failures);
  status.brokers = source.brokers;
  status.source_error = source.last_error;
  status.last_commit_at = pipeline_->commit_stage().last_commit_at();

  std::vector<OutboxSize> outboxes;
  // Where the store does not answer, the sizes are missing; why is said by commit_problem.
  (void)store_->OutboxSizes(&outboxes);
  (void)store_->Size(&status.store);
  const auto dropped = store_->dropped_deliveries();
  for (const auto& delivery : deliveries_) {
    SinkStatus sink{.delivery = delivery->status(), .outbox = {}, .dropped = 0};
    for (const OutboxSize& size : outboxes) {
      if (size.sink == sink.delivery.sink) sink.outbox = size;
    }
    for (const auto& [name, count] : dropped) {
      if (name == sink.delivery.sink) sink.dropped = count;
    }
    status.stages.push_back(
        {.name = "deliver " + sink.delivery.sink, .busy_ratio = sink.delivery.busy_ratio});
    status.sinks.push_back(std::move(sink));
  }
  const std::lock_guard lock(mutex_);
  status.not_ready = NotReady({.stopping = stopping_,
                               .failure = failure_,
                               .commit_problem = pipeline_->commit_stage().problem(),
                               .group = config_.serve.kafka.group},
                              status, source);
  return status;
}

Serve::Serve(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Serve::~Serve() = default;

absl::StatusOr<std::unique_ptr<Serve>> Serve::Start(const Config& config, ServeOptions options) {
  auto impl = std::make_unique<Impl>(config, std::move(options));
  if (absl::Status status = impl->Start(); !status.ok()) return status;
  return std::unique_ptr<Serve>(new Serve(std::move(impl)));
}

std::string Serve::http_address() const { return impl_->http_address(); }
ServeStatus Serve::status() const { return impl_->MakeStatus(); }
std::string Serve::metrics() const { return impl_->Expose(Exposition::kText); }
absl::Status Serve::Wait() { return impl_->Wait(); }
absl::Status Serve::Stop() { return impl_->Stop(); }

}  // namespace signinwatch
