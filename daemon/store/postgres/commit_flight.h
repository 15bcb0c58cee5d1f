// One commit as one flight: a few statements, however many rows.
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_COMMIT_FLIGHT_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_COMMIT_FLIGHT_H_

#include <cstdint>
#include <vector>

#include "daemon/store/postgres/postgres_connection.h"
#include "daemon/store/shard_claim.h"
#include "daemon/store/state_store.h"
#include "daemon/store/store_counts.h"

namespace signinwatch::store::postgres {

class CommitFlight {
 public:
  // `number`: of the commit in its shard. The commit may go once it is made.
  CommitFlight(const ShardClaim& claim, int64_t number, const StoreCommit& commit);

  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }
  // By how much it changed the store: of the results of all its steps.
  [[nodiscard]] StoreCounts ChangeOf(const std::vector<Rows>& rows) const;

 private:
  enum class Counts : uint8_t { kNothing, kNewState, kDeletedState, kNewTickets, kWaiting };

  void Add(Step step, Counts counts = Counts::kNothing);
  void AddState(const std::vector<StateRow>& rows);
  void AddPositions(const std::vector<position::PartitionPosition>& positions);
  void AddRevisions(const StoreCommit& commit);
  void AddTickets(const StoreCommit& commit);
  void AddRolledUp(const StoreCommit& commit);
  void AddFailures(const std::vector<FailureCount>& failures);

  const int64_t shard_;
  std::vector<Step> steps_;
  std::vector<Counts> counts_;  // of each step
  int64_t revisions_ = 0;
};

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_COMMIT_FLIGHT_H_
