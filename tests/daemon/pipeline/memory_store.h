// A store in memory that outlives the pipelines that use it, and fails when it is told to.
#ifndef SIGNINWATCH_TESTS_DAEMON_PIPELINE_MEMORY_STORE_H_
#define SIGNINWATCH_TESTS_DAEMON_PIPELINE_MEMORY_STORE_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/pipeline/stream_fold.h"
#include "daemon/store/state_store.h"

namespace signinwatch::pipeline {

class MemoryStore : public store::StateStore {
 public:
  // From now on: after so many commits each further one fails with `error`, until FailNever.
  void FailAfter(int commits, absl::Status error);
  void FailNever();
  // Another claims the shard.
  void TakeAway();

  absl::StatusOr<store::ShardClaim> Claim(store::Shard shard) override;
  absl::Status Release(const store::ShardClaim& claim) override;
  absl::Status LoadState(const store::ShardClaim& claim, std::string_view head,
                         const StateVisitor& visit) override;
  absl::Status LoadPositions(const store::ShardClaim& claim,
                             std::vector<position::PartitionPosition>* positions) override;
  absl::Status LoadFailures(const store::ShardClaim& claim, EventTime from,
                            std::vector<store::FailureCount>* failures) override;
  absl::Status Commit(const store::ShardClaim& claim, const store::StoreCommit& commit) override;
  absl::StatusOr<bool> Maintain(EventTime) override { return false; }
  absl::Status Size(store::StoreSize* size) override;
  void SetLimits(const store::StoreLimits&) override {}

  [[nodiscard]] RestoredState Restored();
  [[nodiscard]] std::vector<store::TicketRevision> revisions() const;
  [[nodiscard]] int commits() const;
  [[nodiscard]] int failures() const;
  [[nodiscard]] std::map<int32_t, int64_t> offsets() const;  // by partition

 private:
  [[nodiscard]] absl::Status Check(const store::ShardClaim& claim) const;

  mutable std::mutex mutex_;
  // Claimed from the beginning, for those who load nothing.
  store::ShardClaim claim_;
  bool held_ = true;
  std::map<std::string, std::string> state_;
  std::map<std::pair<std::string, int32_t>, position::PartitionPosition> positions_;
  std::map<std::pair<EventTime, int64_t>, uint64_t> failure_counts_;
  std::vector<store::TicketRevision> revisions_;
  int commits_ = 0;
  int failed_ = 0;
  int fail_after_ = -1;
  absl::Status error_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_TESTS_DAEMON_PIPELINE_MEMORY_STORE_H_
