// The fold of the daemon: parsed messages of all partitions through the detector, in the order in
// which they were fetched, and what is to be committed of it.
//
//   StreamFold fold(config, metrics, fold_metrics);
//   fold.Restore(restored, now);
//   fold.Apply(batch, now);
//   fold.Tick(now);                       // at least some times a second
//   if (...) CommitWork work = fold.TakeWork(now);
//
// One thread's. `now` is the wall clock.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_STREAM_FOLD_H_
#define SIGNINWATCH_DAEMON_PIPELINE_STREAM_FOLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"
#include "daemon/pipeline/batch.h"
#include "daemon/pipeline/commit_work.h"
#include "daemon/pipeline/detection_fold.h"
#include "daemon/pipeline/failure_history.h"
#include "daemon/pipeline/fold.h"
#include "daemon/pipeline/fold_metrics.h"
#include "daemon/pipeline/open_bursts.h"
#include "daemon/pipeline/partition_table.h"
#include "daemon/pipeline/recent_near_misses.h"
#include "daemon/pipeline/topic_health.h"
#include "detectors/detector.h"
#include "metrics/metrics.h"

namespace signinwatch::pipeline {

class StreamFold final : public Fold {
 public:
  // All outlive the fold.
  StreamFold(const config::Config& config, metrics::Metrics& metrics, FoldMetrics& fold_metrics);

  // Before anything else. The error is DetectionFold::Restore's.
  [[nodiscard]] absl::Status Restore(RestoredState restored, EventTime now);

  void Apply(Batch& batch, EventTime now) override;
  // Idle partitions, timers, tickets whose review is due.
  void Tick(EventTime now) override;
  void End() override {}

  void NoteElsewhere(uint32_t partitions) override { partitions_->NoteElsewhere(partitions); }
  [[nodiscard]] bool changed() const override { return detection_.changed(); }
  [[nodiscard]] bool has_revisions() const override { return detection_.has_revisions(); }
  [[nodiscard]] uint64_t signals() const override { return signals_; }
  [[nodiscard]] size_t rejected_bytes() const override { return rejected_bytes_; }
  [[nodiscard]] CommitWork TakeWork(EventTime now);
  [[nodiscard]] std::vector<CommitWork> TakeWorks(EventTime now, bool all) override;

  [[nodiscard]] PartitionTable::Alignment Align() override { return partitions_->Align(); }
  [[nodiscard]] FoldSnapshot Look() const override;
  [[nodiscard]] DetectorSizes Measure() const override { return detector().sizes(); }

  [[nodiscard]] const PartitionTable& partitions() const { return *partitions_; }
  [[nodiscard]] const Detector& detector() const { return detection_.detector(); }
  [[nodiscard]] const FailureHistory& failures() const { return detection_.failures(); }
  [[nodiscard]] const OpenBursts& open_bursts() const { return detection_.open_bursts(); }
  [[nodiscard]] const RecentNearMisses& near_misses() const { return detection_.near_misses(); }
  [[nodiscard]] const TopicHealth& topics() const { return topics_; }
  [[nodiscard]] const FoldTotals& totals() const { return fold_metrics_.totals(); }

 private:
  void SayWhatWasSetBack();
  void KeepUnreadable(const kafka::PartitionEvent& event,
                      const PartitionTable::Partition& partition);
  void HandleEvents(const kafka::MessageBatch& input, EventTime now);
  void ApplyMessage(Batch& batch, size_t i, EventTime now);
  void ApplySignal(const Signal& signal, const ParsedMessage& message, kafka::PartitionSlot slot,
                   EventTime now);
  void KeepRejected(Batch& batch, size_t i, const PartitionTable::Partition& partition);
  [[nodiscard]] bool keeps_rejected() const {
    return !config_.serve.dead_letters.path.empty() || !config_.serve.dead_letters.topic.empty();
  }
  void AdvanceWatermark(EventTime now);
  void TakeRevisions(EventTime broker_time, EventTime now);

  const config::Config& config_;
  metrics::Metrics& metrics_;
  FoldMetrics& fold_metrics_;
  DetectionFold detection_;
  std::unique_ptr<PartitionTable> partitions_;
  TopicHealth topics_;
  uint64_t signals_ = 0;
  size_t rejected_bytes_ = 0;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_STREAM_FOLD_H_
