// How far the input has been read, what was counted on the way, and facts about the store itself.
// Called within a transaction.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_PROGRESS_TABLES_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_PROGRESS_TABLES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/state_store.h"

namespace signinwatch::store {

class ProgressTables {
 public:
  explicit ProgressTables(Connection& connection);

  absl::Status WritePositions(const std::vector<position::PartitionPosition>& positions);
  absl::Status ReadPositions(std::vector<position::PartitionPosition>* positions);
  absl::Status WriteFailures(const std::vector<FailureCount>& failures);
  absl::Status ReadFailures(EventTime from, std::vector<FailureCount>* failures);
  // Those that are older than the newest by more than `keep` (the input may be of last year), at
  // most `limit` of the oldest. How many were forgotten:
  absl::StatusOr<int64_t> ForgetFailures(Duration keep, int64_t limit);
  // That the state in the store is of this detector's version.
  absl::Status WriteStateVersion();

 private:
  Connection& connection_;
  Statement put_position_;
  Statement read_positions_;
  Statement put_failures_;
  Statement read_failures_;
  Statement forget_failures_;
  Statement put_meta_;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_PROGRESS_TABLES_H_
