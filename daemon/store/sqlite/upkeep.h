// Keeps the store within its bounds, a small piece of work at a time, each in a transaction of its
// own so that a commit never waits long.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_UPKEEP_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_UPKEEP_H_

#include <mutex>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/sqlite/outbox_tables.h"
#include "daemon/store/sqlite/progress_tables.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/sqlite/ticket_tables.h"
#include "daemon/store/state_store.h"
#include "daemon/store/store_counts.h"

namespace signinwatch::store {

// Work of one call.
inline constexpr int64_t kOutboxRowsPerUpkeep = 2'000;
inline constexpr int64_t kTicketsPerUpkeep = 200;
inline constexpr int64_t kFailuresPerUpkeep = 1'000;
inline constexpr int64_t kPagesPerUpkeep = 1'000;

// Free pages are used again by what comes next; only more of them than these are given back.
inline constexpr int64_t kFreePagesKept = 4'096;   // 8 MiB
inline constexpr int64_t kFreePagesShareKept = 8;  // an eighth of the file

class Upkeep {
 public:
  // The tables' writer and its lock; all outlive it.
  Upkeep(Connection& connection, std::mutex& writer, OutboxTables& outbox, TicketTables& tickets,
         ProgressTables& progress, SharedCounts& counts, const StoreLimits& limits);

  // Not during a Run.
  void SetLimits(const StoreLimits& limits);

  // `true`: there is more to do. One call at a time.
  absl::StatusOr<bool> Run(EventTime now);

 private:
  absl::StatusOr<bool> TrimOutbox(const std::string& sink, int64_t excess);
  absl::StatusOr<bool> ForgetTickets(EventTime now);
  absl::StatusOr<bool> ForgetFailures();
  absl::StatusOr<bool> GiveBackPages();

  Connection& connection_;
  std::mutex& writer_;
  OutboxTables& outbox_;
  TicketTables& tickets_;
  ProgressTables& progress_;
  SharedCounts& counts_;
  Duration keep_tickets_{};
  int64_t outbox_max_ = 0;
  TicketTables::Place place_;  // of the tickets that were looked at last
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_UPKEEP_H_
