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
#include <functional>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "daemon/config/config.h"
#include "daemon/pipeline/batch.h"
#include "daemon/pipeline/commit_work.h"
#include "daemon/pipeline/failure_history.h"
#include "daemon/pipeline/fold_metrics.h"
#include "daemon/pipeline/open_bursts.h"
#include "daemon/pipeline/partition_table.h"
#include "daemon/pipeline/recent_near_misses.h"
#include "daemon/pipeline/topic_health.h"
#include "detectors/detector.h"
#include "metrics/metrics.h"

namespace signinwatch {

// What the store had.
struct RestoredState {
  ShardClaim claim = {};  // of the shard; what the fold makes is committed by it
  // Hands the rows over, see StateStore::LoadState; empty: there are none.
  std::function<absl::Status(const StateVisitor&)> rows;
  std::vector<PartitionPosition> positions;
  std::vector<FailureCount> failures;
};

class StreamFold {
 public:
  // All outlive the fold.
  StreamFold(const Config& config, Metrics& metrics, FoldMetrics& fold_metrics);

  // Before anything else. kFailedPrecondition: the state is of another version, or of too many
  // detectors that are gone. Any other error: the rows could not be read.
  [[nodiscard]] absl::Status Restore(RestoredState restored, EventTime now);

  void Apply(Batch& batch, EventTime now);
  // Idle partitions, timers, tickets whose review is due.
  void Tick(EventTime now);

  // See PartitionTable.
  void NoteElsewhere(uint32_t partitions) { partitions_->NoteElsewhere(partitions); }

  // Whether something has changed since the last TakeWork.
  [[nodiscard]] bool changed() const { return changed_; }
  [[nodiscard]] bool has_revisions() const { return !work_.commit.revisions.empty(); }
  [[nodiscard]] uint64_t signals() const { return signals_; }
  [[nodiscard]] size_t rejected_bytes() const { return rejected_bytes_; }
  [[nodiscard]] CommitWork TakeWork(EventTime now);

  [[nodiscard]] PartitionTable::Alignment Align() { return partitions_->Align(); }
  [[nodiscard]] const PartitionTable& partitions() const { return *partitions_; }
  [[nodiscard]] const Detector& detector() const { return detector_; }
  [[nodiscard]] const FailureHistory& failures() const { return *failures_; }
  [[nodiscard]] const OpenBursts& open_bursts() const { return open_bursts_; }
  [[nodiscard]] const RecentNearMisses& near_misses() const { return near_misses_; }
  [[nodiscard]] const TopicHealth& topics() const { return topics_; }
  [[nodiscard]] const FoldTotals& totals() const { return fold_metrics_.totals(); }
  [[nodiscard]] size_t tenants_other() const { return fold_metrics_.tenants_other(); }

 private:
  void SayWhatWasSetBack();
  void KeepUnreadable(const PartitionEvent& event, const PartitionTable::Partition& partition);
  void HandleEvents(const MessageBatch& input, EventTime now);
  void ApplyMessage(Batch& batch, size_t i, EventTime now);
  void ApplySignal(const Signal& signal, const ParsedMessage& message, PartitionSlot slot,
                   EventTime now);
  void KeepRejected(Batch& batch, size_t i, const PartitionTable::Partition& partition);
  [[nodiscard]] bool keeps_rejected() const {
    return !config_.serve.dead_letters.path.empty() || !config_.serve.dead_letters.topic.empty();
  }
  void AdvanceWatermark(EventTime now);
  void TakeRevisions(EventTime broker_time, EventTime now);

  const Config& config_;
  Metrics& metrics_;
  FoldMetrics& fold_metrics_;
  Detector detector_;
  std::unique_ptr<PartitionTable> partitions_;
  std::unique_ptr<FailureHistory> failures_;
  OpenBursts open_bursts_;
  RecentNearMisses near_misses_;
  TopicHealth topics_;
  absl::flat_hash_set<int64_t> watched_codes_;
  CommitWork work_;
  bool changed_ = false;
  uint64_t signals_ = 0;
  size_t rejected_bytes_ = 0;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_PIPELINE_STREAM_FOLD_H_
