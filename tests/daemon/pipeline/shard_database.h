// A database in memory for several instances: shards with epochs, as PostgreSQL keeps them, without
// a server. Each instance has a store of its own on it.
#ifndef SIGNINWATCH_TESTS_DAEMON_PIPELINE_SHARD_DATABASE_H_
#define SIGNINWATCH_TESTS_DAEMON_PIPELINE_SHARD_DATABASE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/store/held_claims.h"
#include "daemon/store/state_store.h"

namespace signinwatch::pipeline {

// Not thread-safe.
class ShardDatabase {
 public:
  struct Stored {
    int64_t epoch = 0;
    std::map<std::string, std::string> state;
    std::map<std::pair<std::string, int32_t>, position::PartitionPosition> positions;
    std::map<std::pair<EventTime, int64_t>, uint64_t> failures;
  };
  std::map<store::Shard, Stored> shards;
  std::vector<store::TicketRevision> revisions;  // in the order of their commits
  int commits = 0;
  int aborted = 0;  // commits of former owners

  [[nodiscard]] int64_t next_offset(store::Shard shard) const;
};

class ShardStore : public store::StateStore {
 public:
  explicit ShardStore(ShardDatabase& database) : database_(database) {}

  // Calls fail so, as long as it is not ok.
  absl::Status away;

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
  absl::Status Size(store::StoreSize*) override { return absl::OkStatus(); }
  void SetLimits(const store::StoreLimits&) override {}

  [[nodiscard]] const store::HeldClaims& held() const { return held_; }

 private:
  [[nodiscard]] absl::Status Check(const store::ShardClaim& claim);

  ShardDatabase& database_;
  store::HeldClaims held_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_TESTS_DAEMON_PIPELINE_SHARD_DATABASE_H_
