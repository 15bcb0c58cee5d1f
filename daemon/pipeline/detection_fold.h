// One detector and what is kept beside it: the part of a fold that is the same for a stream of
// records and for a shard of signals.
//
//   DetectionFold fold(config);
//   fold.Restore(restored, now);
//   fold.Apply(signal, message, now);
//   fold.AdvanceTo(watermark, now);
//   fold.TakeRevisions(watermark, broker_time, now);
//   CommitWork work = fold.TakeWork(now);
//
// One thread's at a time. `now` is the wall clock. What is counted goes to the FoldMetrics of the
// call, inside an update of the caller's.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_DETECTION_FOLD_H_
#define SIGNINWATCH_DAEMON_PIPELINE_DETECTION_FOLD_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"
#include "daemon/pipeline/commit_work.h"
#include "daemon/pipeline/failure_history.h"
#include "daemon/pipeline/fold_metrics.h"
#include "daemon/pipeline/open_bursts.h"
#include "daemon/pipeline/recent_near_misses.h"
#include "detectors/detector.h"

namespace signinwatch::pipeline {

// What the store had.
struct RestoredState {
  store::ShardClaim claim = {};  // of the shard; what the fold makes is committed by it
  // Hands the rows over, see StateStore::LoadState; empty: there are none.
  std::function<absl::Status(const StateVisitor&)> rows;
  std::vector<position::PartitionPosition> positions;
  std::vector<store::FailureCount> failures;
};

class DetectionFold {
 public:
  explicit DetectionFold(const config::Config& config);

  // Before anything else; `restored.positions` are the caller's. kFailedPrecondition: the state is
  // of another version, or of too many detectors that are gone. Any other error: the rows could not
  // be read.
  [[nodiscard]] absl::Status Restore(const RestoredState& restored, EventTime now);

  void Prefetch(const Signal& signal) { detector_.Prefetch(signal); }
  void Apply(const Signal& signal, const ParsedMessage& message, EventTime now,
             FoldMetrics& metrics);
  // Where it is beyond the one before.
  void AdvanceTo(EventTime watermark, EventTime now);
  // Also where the watermark stands: tickets are reviewed by the wall clock.
  void TakeRevisions(EventTime watermark, EventTime broker_time, EventTime now,
                     FoldMetrics& metrics);
  void CountDetection(FoldMetrics& metrics) {
    metrics.CountDetection(detector_.counters(), &counted_);
  }

  // All since the last call; positions and further rows are the caller's to add.
  [[nodiscard]] CommitWork TakeWork(EventTime now);
  [[nodiscard]] bool changed() const { return changed_; }
  [[nodiscard]] bool has_revisions() const { return !work_.commit.revisions.empty(); }
  void NoteChange() { changed_ = true; }
  void KeepRejected(json::DeadLetter letter) { work_.rejected.push_back(std::move(letter)); }

  [[nodiscard]] const store::ShardClaim& claim() const { return work_.claim; }
  [[nodiscard]] const Detector& detector() const { return detector_; }
  [[nodiscard]] const FailureHistory& failures() const { return *failures_; }
  [[nodiscard]] const OpenBursts& open_bursts() const { return open_bursts_; }
  [[nodiscard]] const RecentNearMisses& near_misses() const { return near_misses_; }

 private:
  Detector detector_;
  DetectorCounters counted_;
  std::unique_ptr<FailureHistory> failures_;
  OpenBursts open_bursts_;
  RecentNearMisses near_misses_;
  CommitWork work_;
  bool changed_ = false;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_DETECTION_FOLD_H_
