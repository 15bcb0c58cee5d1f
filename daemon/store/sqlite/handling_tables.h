// What people did with tickets: who looked at which, and which steps are done. Forgotten with the
// ticket, by a trigger. Called within a transaction.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_HANDLING_TABLES_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_HANDLING_TABLES_H_

#include <string>

#include "absl/status/status.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::store {

class HandlingTables {
 public:
  explicit HandlingTables(Connection& connection);

  // kNotFound: no such ticket, or no such revision of it. The other columns of the ticket are
  // TicketTables' alone; this one is changed nowhere else.
  absl::Status Review(const std::string& ticket_id, uint32_t revision, const std::string& by,
                      EventTime at);
  absl::Status TakeBackReview(const std::string& ticket_id);
  // kInvalidArgument: it would be more than kTicksMax.
  absl::Status Tick(const std::string& ticket_id, const StepTick& tick);
  absl::Status TakeBackTick(const std::string& ticket_id, const std::string& step);

 private:
  Connection& connection_;
  Statement note_rank_;
  Statement put_review_;
  Statement forget_rank_;
  Statement delete_review_;
  Statement find_ticket_;
  Statement count_ticks_;
  Statement put_tick_;
  Statement delete_tick_;
};

// kNotFound: no such ticket.
absl::Status ReadHandling(Connection& connection, const std::string& ticket_id,
                          TicketHandling* handling);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_HANDLING_TABLES_H_
