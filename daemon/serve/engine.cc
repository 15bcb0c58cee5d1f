#include "daemon/serve/engine.h"

#include <algorithm>
#include <random>
#include <utility>

#include "daemon/http_client/token_request.h"
#include "daemon/serve/readiness.h"
#include "daemon/sinks/sink_registry.h"

namespace signinwatch::serve {
namespace {

using std::chrono::milliseconds;

double Seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Start(const config::Config& config,
                                                      EngineParts parts) {
  std::unique_ptr<Engine> engine(new Engine(config, std::move(parts)));
  if (absl::Status status = engine->StartDelivery(); !status.ok()) return status;
  if (absl::Status status = engine->StartPipeline(); !status.ok()) return status;
  return engine;
}

Engine::Engine(const config::Config& config, EngineParts parts)
    : config_(config), parts_(std::move(parts)) {}

Engine::~Engine() { Stop(milliseconds(0), milliseconds(0)); }

absl::Status Engine::StartDelivery() {
  const config::KafkaCluster& cluster = config_.serve.kafka.cluster;
  store::StoreLimits limits{.keep_tickets = config_.serve.store.keep_tickets,
                            .outbox_max = config_.serve.store.outbox_max,
                            .sinks = {}};
  std::mt19937_64 random(parts_.seed);
  for (const config::SinkConfig& sink : config_.serve.sinks) {
    sinks::TicketSinkOr made = sinks::MakeTicketSink(sink, {.source_cluster = cluster,
                                                            .make_http = parts_.make_http,
                                                            .clock = parts_.clock,
                                                            .outbox = parts_.outbox});
    if (!made.ok()) return made.status();
    limits.sinks.push_back(sink.name);
    deliveries_.push_back(std::make_unique<sinks::DeliveryWorker>(
        sinks::DeliveryOptionsOf(sink, random()), parts_.outbox, *std::move(made), parts_.clock,
        [this](const std::string& name, const store::Delivery& delivery,
               const sinks::SendResult& result) { OnAttempt(name, delivery, result); }));
    for (const char* outcome : {"delivered", "temporary", "permanent", "dropped"}) {
      parts_.metrics.counter(metrics::Metric::kDeliveries, {sink.name, outcome});
    }
  }
  absl::StatusOr<std::unique_ptr<sinks::DeadLetterSink>> letters = sinks::MakeDeadLetterSink(
      config_.serve.dead_letters, cluster, parts_.clock, parts_.make_http);
  if (!letters.ok()) return letters.status();
  dead_letters_ = *std::move(letters);
  parts_.state.SetLimits(limits);
  return absl::OkStatus();
}

absl::StatusOr<pipeline::RestoredState> Engine::LoadAll() {
  store::StateStore& store = parts_.state;
  const absl::StatusOr<store::ShardClaim> claim = store.Claim(0);
  if (!claim.ok()) return claim.status();
  pipeline::RestoredState restored{.claim = *claim, .rows = {}, .positions = {}, .failures = {}};
  restored.rows = [&store, claim = *claim](const StateVisitor& visit) {
    return store.LoadState(claim, kStateHead, visit);
  };
  absl::Status status = store.LoadPositions(*claim, &restored.positions);
  if (status.ok()) status = store.LoadFailures(*claim, kBeginningOfTime, &restored.failures);
  if (!status.ok()) return status;
  return restored;
}

kafka::KafkaSourceOptions Engine::SourceOptions(const pipeline::RestoredState& restored) {
  kafka::KafkaSourceOptions options{
      .config = config_.serve.kafka, .positions = restored.positions, .fetch_token = {}};
  if (config_.serve.role == config::Role::kDetect) {
    options.config.topics = {config_.serve.signals.topic};
    options.config.group = config_.serve.signals.group;
    options.config.start = config::KafkaSourceConfig::Start::kEarliest;
    options.starts_by = kafka::StartsBy::kTold;
  }
  options.fetch_token =
      http_client::MakeTokenFetcher(config_.serve.kafka.cluster, parts_.clock, parts_.make_http);
  return options;
}

absl::Status Engine::StartPipeline() {
  pipeline::RestoredState restored;
  if (config_.serve.role == config::Role::kAll) {
    absl::StatusOr<pipeline::RestoredState> loaded = LoadAll();
    if (!loaded.ok()) return loaded.status();
    restored = *std::move(loaded);
  }
  const kafka::KafkaSourceOptions options = SourceOptions(restored);
  absl::StatusOr<std::unique_ptr<kafka::RecordSource>> source =
      parts_.make_source(parts_.clock, options);
  if (!source.ok()) return source.status();
  source_ = *std::move(source);
  pipeline_ = std::make_unique<pipeline::Pipeline>(pipeline::PipelineParts{
      .config = config_,
      .source = *source_,
      .store = parts_.state,
      .dead_letters = dead_letters_.get(),
      .memory = pipeline::MemoryGuard(config_.memory_bytes),
      .clock = parts_.clock,
      .metrics = parts_.metrics,
      .fold_metrics = parts_.fold_metrics,
      .committed = [this](const store::StoreCommit& commit) { OnCommitted(commit); },
      .shards_changed =
          [this] {
            for (const auto& delivery : deliveries_) delivery->Wake();
          },
      .failed = parts_.failed});
  for (const auto& delivery : deliveries_) delivery->Start();
  return pipeline_->Start(std::move(restored));
}

void Engine::Stop(milliseconds commit_patience, milliseconds delivery_grace) {
  if (std::exchange(stopped_, true)) return;
  if (pipeline_ != nullptr) pipeline_->Stop(commit_patience);
  const clock::SteadyTime deadline = parts_.clock.Steady() + delivery_grace;
  for (const auto& delivery : deliveries_) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - parts_.clock.Steady());
    delivery->Stop(std::max(left, milliseconds(0)));
  }
}

void Engine::OnCommitted(const store::StoreCommit& commit) {
  if (!commit.revisions.empty()) {
    for (const auto& delivery : deliveries_) delivery->Wake();
  }
  parts_.committed(commit);
}

void Engine::OnAttempt(const std::string& sink, const store::Delivery& delivery,
                       const sinks::SendResult& result) {
  metrics::Metrics& metrics = parts_.metrics;
  const auto update = metrics.BeginUpdate();
  switch (result.kind) {
    case sinks::SendResult::Kind::kTemporary:
      metrics.counter(metrics::Metric::kDeliveries, {sink, "temporary"}).Add();
      return;
    case sinks::SendResult::Kind::kPermanent:
      metrics.counter(metrics::Metric::kDeliveries, {sink, "permanent"}).Add();
      metrics
          .counter(metrics::Metric::kDeliveriesGivenUp,
                   {sink, result.reason.empty() ? "other" : result.reason})
          .Add();
      return;
    case sinks::SendResult::Kind::kDelivered:
    case sinks::SendResult::Kind::kWaits:
      break;
  }
  const EventTime now = parts_.clock.Wall();
  metrics.counter(metrics::Metric::kDeliveries, {sink, "delivered"}).Add();
  metrics.histogram(metrics::Metric::kDeliveryLatency, {sink})
      .Observe(Seconds(now - delivery.committed_at));
  if (delivery.broker_time > kBeginningOfTime) {
    metrics.histogram(metrics::Metric::kTicketDelay, {sink})
        .Observe(Seconds(now - delivery.broker_time));
  }
}

void Engine::FillStatus(EventTime now, pipeline::ServeStatus* status) const {
  pipeline::FoldSnapshot fold = pipeline_->snapshot();
  const kafka::SourceFacts source = source_->facts();
  status->role = config_.serve.role;
  status->watermark = fold.watermark;
  status->partitions = std::move(fold.partitions);
  AddLag(source, config_.detection.time.allowed_lateness, now, &status->partitions);
  status->topics = std::move(fold.topics);
  status->warnings = UnusedTopics(config_.serve.health.irrelevant_after, now, &status->topics);
  for (pipeline::Condition& warning : LostInPartitions(source, now, &status->partitions)) {
    status->warnings.push_back(std::move(warning));
  }
  status->stages = pipeline_->stages();
  status->records = fold.totals.records;
  status->accepted = fold.totals.accepted;
  status->irrelevant = fold.totals.irrelevant;
  status->rejected = fold.totals.rejected;
  status->detection = std::move(fold.detection);
  status->state = fold.sizes;
  status->limits = config_.detection.limits;
  status->failures = std::move(fold.failures);
  status->near_misses = std::move(fold.near_misses);
  status->brokers = source.brokers;
  status->source_error = source.last_error;
  status->last_commit_at = pipeline_->commit_stage().last_commit_at();
  FillSinks(status);
}

void Engine::FillSinks(pipeline::ServeStatus* status) const {
  std::vector<store::OutboxSize> outboxes;
  // Where the store does not answer, the sizes are missing; why is said by commit_problem.
  (void)parts_.outbox.OutboxSizes(&outboxes);
  (void)parts_.state.Size(&status->store);
  const auto dropped = parts_.outbox.dropped_deliveries();
  for (const auto& delivery : deliveries_) {
    pipeline::SinkStatus sink{.delivery = delivery->status(), .outbox = {}, .dropped = 0};
    for (const store::OutboxSize& size : outboxes) {
      if (size.sink == sink.delivery.sink) sink.outbox = size;
    }
    for (const auto& [name, count] : dropped) {
      if (name == sink.delivery.sink) sink.dropped = count;
    }
    status->stages.push_back(
        {.name = "deliver " + sink.delivery.sink, .busy_ratio = sink.delivery.busy_ratio});
    status->sinks.push_back(std::move(sink));
  }
}

}  // namespace signinwatch::serve
