// Which users' tickets are left out at a sink as part of a tenant's, in SQLite. Forgotten with
// either ticket, by a trigger. RollUpTables writes, within a transaction.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_ROLL_UP_TABLES_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_ROLL_UP_TABLES_H_

#include <string>

#include "absl/status/status.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::store {

class RollUpTables {
 public:
  explicit RollUpTables(Connection& connection);

  // From now on, as part of this parent alone.
  absl::Status RollUp(const std::string& sink, const std::string& ticket_id,
                      const std::string& parent_ticket_id, EventTime now);
  // The sink is told of the ticket from now on.
  absl::Status End(const std::string& sink, const std::string& ticket_id, EventTime now);

 private:
  Statement put_;
  Statement end_others_;
};

// See Outbox::RolledUpUnder and TicketStore::RollUpsOf.
absl::Status ReadRolledUpUnder(Connection& connection, const std::string& sink,
                               const std::string& ticket_id, EventTime as_of, RolledUp* rolled_up);
absl::Status ReadRollUpsOf(Connection& connection, const std::string& ticket_id,
                           TicketRollUps* roll_ups);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_ROLL_UP_TABLES_H_
