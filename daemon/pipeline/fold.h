// What the fold stage (fold_stage.h) folds, and does not look into: parsed messages into what is to
// be committed. For `all` the records of all partitions go through one detector (stream_fold.h),
// for `detect` each partition of the signal topic has its own (shards_fold.h).
//
// One thread's. `now` is the wall clock.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_FOLD_H_
#define SIGNINWATCH_DAEMON_PIPELINE_FOLD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "daemon/pipeline/batch.h"
#include "daemon/pipeline/commit_work.h"
#include "daemon/pipeline/fold_metrics.h"
#include "daemon/pipeline/open_bursts.h"
#include "daemon/pipeline/partition_table.h"
#include "daemon/pipeline/status.h"
#include "daemon/store/state_store.h"
#include "detectors/detector.h"
#include "detectors/near_miss.h"
#include "parser/event_time.h"

namespace signinwatch::pipeline {

// What a fold shows of itself, some times a second. Of several shards: of all together.
struct FoldSnapshot {
  EventTime watermark = kBeginningOfTime;  // the least
  std::vector<PartitionStatus> partitions;
  std::vector<TopicStatus> topics;
  FoldTotals totals;
  DetectorCounters detection;
  DetectorSizes sizes;
  std::vector<store::FailureCount> failures;
  std::map<BurstLabels, uint64_t> open_bursts;
  std::vector<NearMiss> near_misses;
  size_t tenants_other = 0;
};

class Fold {
 public:
  virtual ~Fold() = default;

  virtual void Apply(Batch& batch, EventTime now) = 0;
  // Time has passed: at least some times a second.
  virtual void Tick(EventTime now) = 0;
  // No more will be applied; what is left is to be committed.
  virtual void End() = 0;

  // Since the last TakeWork.
  [[nodiscard]] virtual bool changed() const = 0;
  [[nodiscard]] virtual bool has_revisions() const = 0;  // which are not to wait for others
  [[nodiscard]] virtual uint64_t signals() const = 0;
  [[nodiscard]] virtual size_t rejected_bytes() const = 0;

  // What is to be committed, one a shard. `all`: of whatever has changed; else only what is not to
  // wait.
  [[nodiscard]] virtual std::vector<CommitWork> TakeWorks(EventTime now, bool all) = 0;

  // See PartitionTable.
  virtual void NoteElsewhere(uint32_t partitions) = 0;
  [[nodiscard]] virtual PartitionTable::Alignment Align() = 0;

  // All but the sizes, which cost a walk over all tenants and tickets.
  [[nodiscard]] virtual FoldSnapshot Look() const = 0;
  [[nodiscard]] virtual DetectorSizes Measure() const = 0;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_FOLD_H_
