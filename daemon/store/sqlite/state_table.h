// The rows of the detector's state.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_STATE_TABLE_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_STATE_TABLE_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/store_counts.h"
#include "detectors/detector.h"

namespace signinwatch::store {

class StateTable {
 public:
  explicit StateTable(Connection& connection);

  // Within a transaction. Of rows with one key the last counts; an empty value deletes. Many rows a
  // statement, in the order of their keys: the neighbours of a page are written together.
  absl::Status Write(const std::vector<StateRow>& rows, StoreCounts* change);

 private:
  absl::Status Put(std::span<const StateRow* const> rows, StoreCounts* change);
  absl::Status Delete(std::span<const StateRow* const> rows, StoreCounts* change);

  Connection& connection_;
  int64_t replaced_ = 0;  // counted by SQLite, row by row
  absl::Status ready_;
  Statement put_many_;
  Statement put_one_;
  Statement delete_many_;
  Statement delete_one_;
};

// See StateStore::LoadState.
absl::Status ReadState(Connection& connection, std::string_view head, const StateVisitor& visit);

// Looks for damage in what ReadState reads, not at its values, which have a check of their own:
// kDataLoss. A tenth of a second for a million rows.
absl::Status CheckState(Connection& connection);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_STATE_TABLE_H_
