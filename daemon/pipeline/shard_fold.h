// One shard: the tenants of one partition of the signal topic, with a detector, event time and a
// position of their own, committed together under the claim by which they are owned.
//
//   auto fold = ShardFold::Load(config, store, shard, now);   // claims; any thread
//   (*fold)->Apply(message, batch, i, now, metrics);          // in the order of the partition
//   CommitWork work = (*fold)->TakeWork(now);
//
// One thread's at a time. `now` is the wall clock; it stamps and paces tickets, and decides
// nothing: event time passes by what the partition holds alone (daemon/signals/input_watermarks.h).
// So who takes the shard over comes to the same.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_SHARD_FOLD_H_
#define SIGNINWATCH_DAEMON_PIPELINE_SHARD_FOLD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/config/config.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/batch.h"
#include "daemon/pipeline/detection_fold.h"
#include "daemon/pipeline/fold_metrics.h"
#include "daemon/signals/input_watermarks.h"
#include "daemon/store/state_store.h"

namespace signinwatch::pipeline {

// The reason of a dead letter: a message of the signal topic that nothing can be made of.
inline constexpr char kMalformedSignals[] = "malformed_signals";

class ShardFold {
 public:
  // Takes the shard from whoever has it, and reads its state. Errors are those of the store, and
  // kFailedPrecondition as of DetectionFold::Restore.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<ShardFold>> Load(const config::Config& config,
                                                                       store::StateStore& store,
                                                                       store::Shard shard,
                                                                       EventTime now);

  // Message `i` of the batch, inside an update of the metrics. kFailedPrecondition: it is of a
  // later version of the format; nothing of it was done, and the shard must not go on.
  [[nodiscard]] absl::Status Apply(const Batch& batch, size_t i, EventTime now,
                                   FoldMetrics& metrics);
  // The log goes on at `offset`: expired, made anew, or not to be read before it.
  void SkipTo(int64_t offset);
  // Tickets whose review is due.
  void Tick(EventTime now, FoldMetrics& metrics);

  [[nodiscard]] CommitWork TakeWork(EventTime now);
  [[nodiscard]] bool changed() const { return detection_.changed(); }
  [[nodiscard]] bool has_revisions() const { return detection_.has_revisions(); }
  // Since the last TakeWork.
  [[nodiscard]] uint64_t signals() const { return signals_; }
  [[nodiscard]] size_t rejected_bytes() const { return rejected_bytes_; }

  [[nodiscard]] const store::ShardClaim& claim() const { return detection_.claim(); }
  // Where the partition goes on, and what stands before.
  [[nodiscard]] const position::PartitionPosition& position() const { return position_; }
  [[nodiscard]] const DetectionFold& detection() const { return detection_; }
  [[nodiscard]] const signals::InputWatermarks& input() const { return input_; }
  // Watermarks that were beyond the wall clock when it was loaded, and were set back.
  [[nodiscard]] size_t set_back() const { return set_back_; }
  void CountDetection(FoldMetrics& metrics) { detection_.CountDetection(metrics); }

 private:
  ShardFold(const config::Config& config, store::Shard shard);
  [[nodiscard]] absl::Status Restore(store::StateStore& store, const store::ShardClaim& claim,
                                     EventTime now);
  // false: damaged.
  [[nodiscard]] bool RestoreInput(const StateRow& row);
  void ApplySignals(const signals::SignalsMessage& message, EventTime now, FoldMetrics& metrics);
  void KeepMalformed(const std::string& bytes, int64_t offset);

  const config::Config& config_;
  DetectionFold detection_;
  signals::InputWatermarks input_;
  position::PartitionPosition position_;
  size_t set_back_ = 0;
  uint64_t signals_ = 0;
  size_t rejected_bytes_ = 0;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_SHARD_FOLD_H_
