// The fold of the role `detect`: the shards that this instance owns, one for each partition of the
// signal topic that the group gave to it (SPEC 14).
//
//   offered -> wanted (takeover_stage.h: claim, load) -> started -> read -> revoked: its last
//   commit, then given back
//
// What another has taken is seen by a commit, of which nothing was written then: the shard is
// dropped and, where the partition is still ours, taken anew. So at any time two instances may
// believe to own a shard, but one alone can write.
//
// NoteEnded is anybody's; the rest one thread's. `now` is the wall clock.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_SHARDS_FOLD_H_
#define SIGNINWATCH_DAEMON_PIPELINE_SHARDS_FOLD_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/pipeline/batch.h"
#include "daemon/pipeline/fold.h"
#include "daemon/pipeline/fold_metrics.h"
#include "daemon/pipeline/shard_fold.h"
#include "daemon/pipeline/source_commands.h"
#include "daemon/pipeline/takeover_stage.h"
#include "metrics/metrics.h"

namespace signinwatch::pipeline {

class ShardsFold final : public Fold {
 public:
  // All outlive the fold. `failed`: it can not go on; called in Apply, once a shard at most.
  ShardsFold(const config::Config& config, TakeoverStage& takeover, SourceCommands& commands,
             metrics::Metrics& metrics, FoldMetrics& fold_metrics,
             std::function<void(const absl::Status&)> failed);

  void Apply(Batch& batch, EventTime now) override;
  void Tick(EventTime now) override;
  // Gives all shards back, behind their last commit.
  void End() override;

  [[nodiscard]] bool changed() const override;
  [[nodiscard]] bool has_revisions() const override;
  [[nodiscard]] uint64_t signals() const override;
  [[nodiscard]] size_t rejected_bytes() const override;
  [[nodiscard]] std::vector<CommitWork> TakeWorks(EventTime now, bool all) override;

  // What holds event time back, and what runs ahead, is ingest's to know.
  void NoteElsewhere(uint32_t /*partitions*/) override {}
  [[nodiscard]] PartitionTable::Alignment Align() override { return {}; }
  [[nodiscard]] FoldSnapshot Look() const override;
  [[nodiscard]] DetectorSizes Measure() const override;

  // The commit stage's word (CommitHooks::ended): the claim is over.
  void NoteEnded(const store::ShardClaim& claim, bool taken);

 private:
  struct Place {
    kafka::PartitionSlot slot = 0;
    bool ours = false;     // by the group's word
    bool wanted = false;   // the takeover stage was asked
    bool reading = false;  // its messages are those that follow what was folded
    bool at_end = false;
    bool touched = false;                          // in the batch that is applied
    std::unique_ptr<ShardFold> fold;               // nullptr: not taken over
    std::optional<store::ShardClaim> ending = {};  // its last commit is on its way
    SteppedPast stepped_past = {};
    uint64_t made_anew = 0;
    EventTime made_anew_at = kBeginningOfTime;
  };
  struct Ended {
    store::ShardClaim claim;
    bool taken = false;
  };

  // What the other stages have said since the last time.
  void Attend(EventTime now);
  void Install(std::unique_ptr<ShardFold> fold, EventTime now);
  void Handle(const kafka::PartitionEvent& event, EventTime now);
  void Begin(int64_t offset, Place& place);
  void HandleLoss(const kafka::PartitionEvent& event, EventTime now, Place& place);
  void WantIfNeeded(store::Shard shard, Place& place);
  // Its last commit is to be made, then it is given back.
  void Leave(Place& place, EventTime now);
  [[nodiscard]] Place* FindSlot(kafka::PartitionSlot slot);
  [[nodiscard]] std::vector<PartitionStatus> PartitionStatuses() const;

  const config::Config& config_;
  TakeoverStage& takeover_;
  SourceCommands& commands_;
  metrics::Metrics& metrics_;
  FoldMetrics& fold_metrics_;
  const std::function<void(const absl::Status&)> failed_;
  std::map<store::Shard, Place> places_;  // bounded by the partitions of the topic
  std::vector<Place*> by_slot_;           // null: never offered
  std::vector<CommitWork> last_works_;    // of shards that were left
  bool ended_all_ = false;

  std::mutex ended_mutex_;
  std::vector<Ended> ended_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_SHARDS_FOLD_H_
