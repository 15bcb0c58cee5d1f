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

namespace signinwatch {

// Not thread-safe.
class ShardDatabase {
 public:
  struct Stored {
    int64_t epoch = 0;
    std::map<std::string, std::string> state;
    std::map<std::pair<std::string, int32_t>, PartitionPosition> positions;
    std::map<std::pair<EventTime, int64_t>, uint64_t> failures;
  };
  std::map<Shard, Stored> shards;
  std::vector<TicketRevision> revisions;  // in the order of their commits
  int commits = 0;
  int aborted = 0;  // commits of former owners

  [[nodiscard]] int64_t next_offset(Shard shard) const;
};

class ShardStore : public StateStore {
 public:
  explicit ShardStore(ShardDatabase& database) : database_(database) {}

  // Calls fail so, as long as it is not ok.
  absl::Status away;

  absl::StatusOr<ShardClaim> Claim(Shard shard) override;
  absl::Status Release(const ShardClaim& claim) override;
  absl::Status LoadState(const ShardClaim& claim, std::string_view head,
                         const StateVisitor& visit) override;
  absl::Status LoadPositions(const ShardClaim& claim,
                             std::vector<PartitionPosition>* positions) override;
  absl::Status LoadFailures(const ShardClaim& claim, EventTime from,
                            std::vector<FailureCount>* failures) override;
  absl::Status Commit(const ShardClaim& claim, const StoreCommit& commit) override;
  absl::StatusOr<bool> Maintain(EventTime) override { return false; }
  absl::Status Size(StoreSize*) override { return absl::OkStatus(); }
  void SetLimits(const StoreLimits&) override {}

  [[nodiscard]] const HeldClaims& held() const { return held_; }

 private:
  [[nodiscard]] absl::Status Check(const ShardClaim& claim);

  ShardDatabase& database_;
  HeldClaims held_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_PIPELINE_SHARD_DATABASE_H_
