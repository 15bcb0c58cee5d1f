#include "daemon/serve/status_metrics.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "daemon/pipeline/state_kinds.h"

namespace signinwatch {
namespace {

double Number(uint64_t count) { return static_cast<double>(count); }

template <typename Counts>
void SetByKind(Metrics& metrics, Metric metric, const Counts& counts) {
  for (const StateKind& kind : StateKinds(counts)) {
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
  SetByKind(metrics_, Metric::kTrackedKeysMax, limits);
  metrics_.gauge(Metric::kMemoryMax).Set(Number(memory_bytes));
}

void StatusMetrics::AddGrowth(Counter& counter, uint64_t total, Totals* totals) {
  uint64_t& was = (*totals)[&counter];
  if (total > was) counter.Add(Number(total - was));
  was = total;
}

void StatusMetrics::Update(const ServeStatus& status, const FoldSnapshot& fold,
                           const SourceFacts& source, const LogCounts& log) {
  const std::lock_guard lock(mutex_);
  const auto update = metrics_.BeginUpdate();
  metrics_.gauge(Metric::kReady).Set(status.not_ready.empty() ? 1 : 0);
  UpdatePartitions(status, source);
  UpdateSinks(status);
  UpdateDetection(status, fold);
  UpdateSource(status, source);
  for (const Metric metric : {Metric::kStageBusy, Metric::kStageQueue, Metric::kStageQueueMax}) {
    metrics_.Clear(metric);
  }
  for (const StageStatus& stage : status.stages) {
    metrics_.gauge(Metric::kStageBusy, {stage.name}).Set(stage.busy_ratio);
    if (stage.queue_max == 0) continue;
    metrics_.gauge(Metric::kStageQueue, {stage.name}).Set(Number(stage.queue_depth));
    metrics_.gauge(Metric::kStageQueueMax, {stage.name}).Set(Number(stage.queue_max));
  }
  metrics_.Clear(Metric::kTopicIrrelevant);
  for (const TopicStatus& topic : status.topics) {
    metrics_.gauge(Metric::kTopicIrrelevant, {topic.topic}).Set(topic.irrelevant_for_long ? 1 : 0);
  }
  metrics_.gauge(Metric::kStoreBytes).Set(Number(status.store.file_bytes));
  if (status.store.disk_bytes > 0) {
    metrics_.gauge(Metric::kStoreDiskFree).Set(Number(status.store.disk_free_bytes));
    metrics_.gauge(Metric::kStoreDisk).Set(Number(status.store.disk_bytes));
  }
  metrics_.gauge(Metric::kLastCommit).Set(UnixSeconds(status.last_commit_at));
  for (size_t i = 0; i < kLogLevelNames.size(); ++i) {
    AddGrowth(metrics_.counter(Metric::kLogLines, {kLogLevelNames[i]}), log.written[i], &totals_);
  }
  AddGrowth(metrics_.counter(Metric::kLogLinesDropped, {"repeated"}), log.suppressed, &totals_);
  AddGrowth(metrics_.counter(Metric::kLogLinesDropped, {"unwritable"}), log.failed, &totals_);
}

void StatusMetrics::UpdateHttp(const HttpCounts& counts) {
  const std::lock_guard lock(mutex_);
  const auto update = metrics_.BeginUpdate();
  AddGrowth(metrics_.counter(Metric::kHttpLogInFailures), counts.failed_log_ins, &totals_);
  AddGrowth(metrics_.counter(Metric::kHttpTurnedAway, {"no_room"}), counts.turned_away, &totals_);
  AddGrowth(metrics_.counter(Metric::kHttpTurnedAway, {"slow"}), counts.ended_for_room, &totals_);
}

void StatusMetrics::ShowTickets(const std::vector<RecentTickets::Row>& rows) {
  const std::lock_guard lock(mutex_);
  const auto update = metrics_.BeginUpdate();
  metrics_.Clear(Metric::kTicketsRecent);
  for (const RecentTickets::Row& row : rows) {
    metrics_
        .gauge(Metric::kTicketsRecent, {row.tenant, row.scope == GroupBy::kUser ? "user" : "tenant",
                                        SeverityName(row.severity), row.cause})
        .Set(Number(row.tickets));
  }
}

void StatusMetrics::UpdatePartitions(const ServeStatus& status, const SourceFacts& source) {
  for (const Metric metric :
       {Metric::kPartitionWatermark, Metric::kPartitionLag, Metric::kPartitionLagSeconds,
        Metric::kPartitionPaused, Metric::kPartitionIdle}) {
    metrics_.Clear(metric);
  }
  size_t assigned = 0;
  for (const PartitionStatus& partition : status.partitions) {
    if (!partition.assigned) continue;
    ++assigned;
    const std::string number = std::to_string(partition.partition);
    const auto set = [&](Metric metric, double value) {
      metrics_.gauge(metric, {partition.topic, number}).Set(value);
    };
    if (partition.watermark > kBeginningOfTime) {
      set(Metric::kPartitionWatermark, UnixSeconds(partition.watermark));
    }
    if (partition.lag_records >= 0) {
      set(Metric::kPartitionLag, static_cast<double>(partition.lag_records));
    }
    set(Metric::kPartitionLagSeconds, partition.lag_seconds);
    set(Metric::kPartitionPaused, partition.paused ? 1 : 0);
    set(Metric::kPartitionIdle, partition.idle ? 1 : 0);
  }
  metrics_.gauge(Metric::kPartitionsAssigned).Set(Number(assigned));
  ShowOwnership(status, source);
  metrics_.Clear(Metric::kWatermark);  // an instance that owns nothing has none
  if (status.watermark > kBeginningOfTime) {
    metrics_.gauge(Metric::kWatermark).Set(UnixSeconds(status.watermark));
  }
}

void StatusMetrics::ShowOwnership(const ServeStatus& status, const SourceFacts& source) {
  std::map<std::string, size_t> all, owned;
  for (const PartitionFacts& partition : source.partitions) ++all[partition.topic];
  for (const PartitionStatus& partition : status.partitions) {
    owned[partition.topic] += partition.assigned ? 1 : 0;
  }
  metrics_.Clear(Metric::kTopicPartitions);
  metrics_.Clear(Metric::kTopicPartitionsOwned);
  for (const auto& [topic, count] : all) {
    metrics_.gauge(Metric::kTopicPartitions, {topic}).Set(Number(count));
    metrics_.gauge(Metric::kTopicPartitionsOwned, {topic}).Set(Number(owned[topic]));
  }
}

void StatusMetrics::UpdateSinks(const ServeStatus& status) {
  for (const Metric metric : {Metric::kOutboxDepth, Metric::kOutboxAge, Metric::kSinkUp,
                              Metric::kSinkBreaker, Metric::kDeliveriesWaiting}) {
    metrics_.Clear(metric);
  }
  for (const SinkStatus& sink : status.sinks) {
    const std::string& name = sink.delivery.sink;
    metrics_.gauge(Metric::kOutboxDepth, {name}).Set(Number(sink.outbox.depth));
    const bool waits = sink.outbox.depth > 0 && sink.outbox.oldest > kBeginningOfTime;
    const Duration age = waits ? status.now - sink.outbox.oldest : Duration{0};
    metrics_.gauge(Metric::kOutboxAge, {name})
        .Set(std::max(0.0, std::chrono::duration<double>(age).count()));
    for (const auto& [reason, count] : sink.delivery.waiting_by_reason) {
      metrics_.gauge(Metric::kDeliveriesWaiting, {name, reason}).Set(Number(count));
    }
    metrics_.gauge(Metric::kSinkUp, {name}).Set(sink.delivery.down ? 0 : 1);
    for (const CircuitBreaker::State state : kBreakerStates) {
      metrics_.gauge(Metric::kSinkBreaker, {name, BreakerStateName(state)})
          .Set(state == sink.delivery.breaker ? 1 : 0);
    }
    AddGrowth(metrics_.counter(Metric::kDeliveries, {name, "dropped"}), sink.dropped, &totals_);
    AddGrowth(metrics_.counter(Metric::kDamped, {name}), sink.delivery.damped, &totals_);
  }
}

void StatusMetrics::UpdateDetection(const ServeStatus& status, const FoldSnapshot& fold) {
  metrics_.Clear(Metric::kBurstsOpen);
  for (const auto& [labels, count] : fold.open_bursts) {
    metrics_
        .gauge(Metric::kBurstsOpen,
               {labels.detector, labels.scope == GroupBy::kUser ? "user" : "tenant",
                CauseName(labels.cause), SeverityName(labels.severity)})
        .Set(Number(count));
  }
  const DetectorSizes& state = status.state;
  metrics_.gauge(Metric::kFailingUsers).Set(Number(state.failing_users));
  metrics_.gauge(Metric::kTickets, {"open"}).Set(Number(state.open_tickets));
  metrics_.gauge(Metric::kTickets, {"resolved"}).Set(Number(state.tickets - state.open_tickets));
  metrics_.gauge(Metric::kTenantsOther).Set(Number(fold.tenants_other));
  SetByKind(metrics_, Metric::kTrackedKeys, state);
  metrics_.gauge(Metric::kStateBytes).Set(Number(state.bytes));
}

void StatusMetrics::UpdateSource(const ServeStatus& status, const SourceFacts& source) {
  metrics_.Clear(Metric::kBrokerUp);
  metrics_.Clear(Metric::kBrokerThrottle);
  for (const SourceFacts::Broker& broker : status.brokers) {
    metrics_.gauge(Metric::kBrokerUp, {broker.name}).Set(broker.up ? 1 : 0);
    metrics_.gauge(Metric::kBrokerThrottle, {broker.name}).Set(broker.throttle_seconds);
  }
  AddGrowth(metrics_.counter(Metric::kSourceErrors), source.errors, &source_totals_);
  AddGrowth(metrics_.counter(Metric::kRebalances), source.rebalances, &source_totals_);
  AddGrowth(metrics_.counter(Metric::kTokenRefreshes, {"success"}), source.token_refreshes,
            &source_totals_);
  AddGrowth(metrics_.counter(Metric::kTokenRefreshes, {"failure"}), source.token_failures,
            &source_totals_);
}

}  // namespace signinwatch
