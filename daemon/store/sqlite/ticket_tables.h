// Tickets, their revisions, and who waits for them. Called within a transaction.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_TICKET_TABLES_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_TICKET_TABLES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/sqlite/outbox_tables.h"
#include "daemon/store/sqlite/roll_up_tables.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/state_store.h"
#include "daemon/store/store_counts.h"

namespace signinwatch::store {

class TicketTables {
 public:
  TicketTables(Connection& connection, OutboxTables& outbox, RollUpTables& roll_ups);

  absl::Status Write(const std::vector<TicketRevision>& revisions, EventTime moment,
                     StoreCounts* change);

  // A ticket and the time of its last revision: where ForgetTickets goes on.
  struct Place {
    EventTime committed_at = kBeginningOfTime;
    int64_t id = 0;
  };
  // Looks at up to `limit` tickets behind `place`, which it moves, that had no revision since
  // `before`, and forgets those that nobody waits for (of the open ones, those that had none since
  // `open_before`). How many it looked at:
  absl::StatusOr<int64_t> Forget(EventTime before, EventTime open_before, int64_t limit,
                                 Place* place, StoreCounts* change);

 private:
  // Puts the revision into the outbox of its sinks, and of those that were told of the ticket
  // before; notes who leaves it out as part of another ticket.
  absl::Status Queue(const TicketRevision& revision, int64_t sequence, EventTime moment,
                     StoreCounts* change);
  absl::StatusOr<int64_t> WriteRevision(const TicketRevision& revision, EventTime moment);
  absl::Status WriteTicket(const Ticket& ticket, int64_t sequence, EventTime moment,
                           StoreCounts* change);
  absl::Status Delete(const std::string& ticket_id, StoreCounts* change);

  Connection& connection_;
  OutboxTables& outbox_;
  RollUpTables& roll_ups_;
  int64_t updated_ = 0;  // counted by SQLite, row by row
  absl::Status ready_;
  Statement put_revision_;
  Statement put_ticket_;
  Statement put_words_;
  Statement put_told_;
  Statement find_told_;
  Statement find_old_;
  Statement delete_ticket_;
  Statement delete_revisions_;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_TICKET_TABLES_H_
