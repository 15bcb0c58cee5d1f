#include "daemon/serve/status_metrics.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/pipeline/state_kinds.h"

namespace signinwatch::serve {
namespace {

double Number(uint64_t count) { return static_cast<double>(count); }

template <typename Counts>
void SetByKind(metrics::Metrics& metrics, metrics::Metric metric, const Counts& counts) {
  for (const pipeline::StateKind& kind : pipeline::StateKinds(counts)) {
    metrics.gauge(metric, {kind.name}).Set(Number(kind.count));
  }
}

}  // namespace

double UnixSeconds(EventTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void StatusMetrics::Begin(const DetectionLimits& limits, size_t memory_bytes) {
  const std::lock_guard lock(mutex_);
  source_totals_.clear();
  SetByKind(metrics_, metrics::Metric::kTrackedKeysMax, limits);
  metrics_.gauge(metrics::Metric::kMemoryMax).Set(Number(memory_bytes));
}

void StatusMetrics::AddGrowth(metrics::Counter& counter, uint64_t total, Totals* totals) {
  uint64_t& was = (*totals)[&counter];
  if (total > was) counter.Add(Number(total - was));
  was = total;
}

void StatusMetrics::Update(const pipeline::ServeStatus& status, const pipeline::FoldSnapshot& fold,
                           const kafka::SourceFacts& source, const log::LogCounts& log) {
  const std::lock_guard lock(mutex_);
  const auto update = metrics_.BeginUpdate();
  metrics_.gauge(metrics::Metric::kReady).Set(status.not_ready.empty() ? 1 : 0);
  UpdatePartitions(status, source);
  UpdateSinks(status);
  UpdateDetection(status, fold);
  UpdateSource(status, source);
  for (const metrics::Metric metric : {metrics::Metric::kStageBusy, metrics::Metric::kStageQueue,
                                       metrics::Metric::kStageQueueMax}) {
    metrics_.Clear(metric);
  }
  for (const pipeline::StageStatus& stage : status.stages) {
    metrics_.gauge(metrics::Metric::kStageBusy, {stage.name}).Set(stage.busy_ratio);
    if (stage.queue_max == 0) continue;
    metrics_.gauge(metrics::Metric::kStageQueue, {stage.name}).Set(Number(stage.queue_depth));
    metrics_.gauge(metrics::Metric::kStageQueueMax, {stage.name}).Set(Number(stage.queue_max));
  }
  metrics_.Clear(metrics::Metric::kTopicIrrelevant);
  for (const pipeline::TopicStatus& topic : status.topics) {
    metrics_.gauge(metrics::Metric::kTopicIrrelevant, {topic.topic})
        .Set(topic.irrelevant_for_long ? 1 : 0);
  }
  metrics_.gauge(metrics::Metric::kStoreBytes).Set(Number(status.store.file_bytes));
  if (status.store.disk_bytes > 0) {
    metrics_.gauge(metrics::Metric::kStoreDiskFree).Set(Number(status.store.disk_free_bytes));
    metrics_.gauge(metrics::Metric::kStoreDisk).Set(Number(status.store.disk_bytes));
  }
  metrics_.gauge(metrics::Metric::kLastCommit).Set(UnixSeconds(status.last_commit_at));
  for (size_t i = 0; i < config::kLogLevelNames.size(); ++i) {
    AddGrowth(metrics_.counter(metrics::Metric::kLogLines, {config::kLogLevelNames[i]}),
              log.written[i], &totals_);
  }
  AddGrowth(metrics_.counter(metrics::Metric::kLogLinesDropped, {"repeated"}), log.suppressed,
            &totals_);
  AddGrowth(metrics_.counter(metrics::Metric::kLogLinesDropped, {"unwritable"}), log.failed,
            &totals_);
}

void StatusMetrics::UpdateHttp(const http::HttpCounts& counts) {
  const std::lock_guard lock(mutex_);
  const auto update = metrics_.BeginUpdate();
  AddGrowth(metrics_.counter(metrics::Metric::kHttpLogInFailures), counts.failed_log_ins, &totals_);
  AddGrowth(metrics_.counter(metrics::Metric::kHttpTurnedAway, {"no_room"}), counts.turned_away,
            &totals_);
  AddGrowth(metrics_.counter(metrics::Metric::kHttpTurnedAway, {"slow"}), counts.ended_for_room,
            &totals_);
}

void StatusMetrics::ShowTickets(const std::vector<pipeline::RecentTickets::Row>& rows) {
  const std::lock_guard lock(mutex_);
  const auto update = metrics_.BeginUpdate();
  metrics_.Clear(metrics::Metric::kTicketsRecent);
  for (const pipeline::RecentTickets::Row& row : rows) {
    metrics_
        .gauge(metrics::Metric::kTicketsRecent,
               {row.tenant, row.scope == GroupBy::kUser ? "user" : "tenant",
                SeverityName(row.severity), row.cause})
        .Set(Number(row.tickets));
  }
}

void StatusMetrics::UpdatePartitions(const pipeline::ServeStatus& status,
                                     const kafka::SourceFacts& source) {
  for (const metrics::Metric metric :
       {metrics::Metric::kPartitionWatermark, metrics::Metric::kPartitionLag,
        metrics::Metric::kPartitionLagSeconds, metrics::Metric::kPartitionPaused,
        metrics::Metric::kPartitionIdle}) {
    metrics_.Clear(metric);
  }
  size_t assigned = 0;
  for (const pipeline::PartitionStatus& partition : status.partitions) {
    if (!partition.assigned) continue;
    ++assigned;
    const std::string number = std::to_string(partition.partition);
    const auto set = [&](metrics::Metric metric, double value) {
      metrics_.gauge(metric, {partition.topic, number}).Set(value);
    };
    if (partition.watermark > kBeginningOfTime) {
      set(metrics::Metric::kPartitionWatermark, UnixSeconds(partition.watermark));
    }
    if (partition.lag_records >= 0) {
      set(metrics::Metric::kPartitionLag, static_cast<double>(partition.lag_records));
    }
    set(metrics::Metric::kPartitionLagSeconds, partition.lag_seconds);
    set(metrics::Metric::kPartitionPaused, partition.paused ? 1 : 0);
    set(metrics::Metric::kPartitionIdle, partition.idle ? 1 : 0);
  }
  metrics_.gauge(metrics::Metric::kPartitionsAssigned).Set(Number(assigned));
  ShowOwnership(status, source);
  metrics_.Clear(metrics::Metric::kWatermark);  // an instance that owns nothing has none
  if (status.watermark > kBeginningOfTime) {
    metrics_.gauge(metrics::Metric::kWatermark).Set(UnixSeconds(status.watermark));
  }
}

void StatusMetrics::ShowOwnership(const pipeline::ServeStatus& status,
                                  const kafka::SourceFacts& source) {
  std::map<std::string, size_t> all, owned;
  for (const kafka::PartitionFacts& partition : source.partitions) ++all[partition.topic];
  for (const pipeline::PartitionStatus& partition : status.partitions) {
    owned[partition.topic] += partition.assigned ? 1 : 0;
  }
  metrics_.Clear(metrics::Metric::kTopicPartitions);
  metrics_.Clear(metrics::Metric::kTopicPartitionsOwned);
  for (const auto& [topic, count] : all) {
    metrics_.gauge(metrics::Metric::kTopicPartitions, {topic}).Set(Number(count));
    metrics_.gauge(metrics::Metric::kTopicPartitionsOwned, {topic}).Set(Number(owned[topic]));
  }
}

void StatusMetrics::UpdateSinks(const pipeline::ServeStatus& status) {
  for (const metrics::Metric metric :
       {metrics::Metric::kOutboxDepth, metrics::Metric::kOutboxAge, metrics::Metric::kSinkUp,
        metrics::Metric::kSinkBreaker, metrics::Metric::kDeliveriesWaiting}) {
    metrics_.Clear(metric);
  }
  for (const pipeline::SinkStatus& sink : status.sinks) {
    const std::string& name = sink.delivery.sink;
    metrics_.gauge(metrics::Metric::kOutboxDepth, {name}).Set(Number(sink.outbox.depth));
    const bool waits = sink.outbox.depth > 0 && sink.outbox.oldest > kBeginningOfTime;
    const Duration age = waits ? status.now - sink.outbox.oldest : Duration{0};
    metrics_.gauge(metrics::Metric::kOutboxAge, {name})
        .Set(std::max(0.0, std::chrono::duration<double>(age).count()));
    for (const auto& [reason, count] : sink.delivery.waiting_by_reason) {
      metrics_.gauge(metrics::Metric::kDeliveriesWaiting, {name, reason}).Set(Number(count));
    }
    metrics_.gauge(metrics::Metric::kSinkUp, {name}).Set(sink.delivery.down ? 0 : 1);
    for (const sinks::CircuitBreaker::State state : sinks::kBreakerStates) {
      metrics_.gauge(metrics::Metric::kSinkBreaker, {name, sinks::BreakerStateName(state)})
          .Set(state == sink.delivery.breaker ? 1 : 0);
    }
    AddGrowth(metrics_.counter(metrics::Metric::kDeliveries, {name, "dropped"}), sink.dropped,
              &totals_);
    AddGrowth(metrics_.counter(metrics::Metric::kDamped, {name}), sink.delivery.damped, &totals_);
  }
}

void StatusMetrics::UpdateDetection(const pipeline::ServeStatus& status,
                                    const pipeline::FoldSnapshot& fold) {
  metrics_.Clear(metrics::Metric::kBurstsOpen);
  for (const auto& [labels, count] : fold.open_bursts) {
    metrics_
        .gauge(metrics::Metric::kBurstsOpen,
               {labels.detector, labels.scope == GroupBy::kUser ? "user" : "tenant",
                CauseName(labels.cause), SeverityName(labels.severity)})
        .Set(Number(count));
  }
  const DetectorSizes& state = status.state;
  metrics_.gauge(metrics::Metric::kFailingUsers).Set(Number(state.failing_users));
  metrics_.gauge(metrics::Metric::kTickets, {"open"}).Set(Number(state.open_tickets));
  metrics_.gauge(metrics::Metric::kTickets, {"resolved"})
      .Set(Number(state.tickets - state.open_tickets));
  metrics_.gauge(metrics::Metric::kTenantsOther).Set(Number(fold.tenants_other));
  SetByKind(metrics_, metrics::Metric::kTrackedKeys, state);
  metrics_.gauge(metrics::Metric::kStateBytes).Set(Number(state.bytes));
}

void StatusMetrics::UpdateSource(const pipeline::ServeStatus& status,
                                 const kafka::SourceFacts& source) {
  metrics_.Clear(metrics::Metric::kBrokerUp);
  metrics_.Clear(metrics::Metric::kBrokerThrottle);
  for (const kafka::SourceFacts::Broker& broker : status.brokers) {
    metrics_.gauge(metrics::Metric::kBrokerUp, {broker.name}).Set(broker.up ? 1 : 0);
    metrics_.gauge(metrics::Metric::kBrokerThrottle, {broker.name}).Set(broker.throttle_seconds);
  }
  AddGrowth(metrics_.counter(metrics::Metric::kSourceErrors), source.errors, &source_totals_);
  AddGrowth(metrics_.counter(metrics::Metric::kRebalances), source.rebalances, &source_totals_);
  AddGrowth(metrics_.counter(metrics::Metric::kTokenRefreshes, {"success"}), source.token_refreshes,
            &source_totals_);
  AddGrowth(metrics_.counter(metrics::Metric::kTokenRefreshes, {"failure"}), source.token_failures,
            &source_totals_);
}

}  // namespace signinwatch::serve
