// What tickets are at the sinks, in SQLite. Forgotten with the ticket, by a trigger. RemoteTables
// writes, within a transaction.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_REMOTE_TABLES_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_REMOTE_TABLES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/outbox.h"
#include "daemon/store/sqlite/sqlite_connection.h"

namespace signinwatch::store {

class RemoteTables {
 public:
  explicit RemoteTables(Connection& connection);

  // See Outbox::NoteRemote.
  absl::Status Note(const RemoteTicket& remote);
  // What the outcome of a delivery says of its ticket there. The delivery still waits.
  absl::Status NoteOutcome(const std::string& sink, const DeliveryOutcome& outcome);

 private:
  Statement put_;
  Statement forget_old_;
  Statement note_told_;
  Statement note_error_;
};

// See Outbox::RemoteTickets and ToldTickets, and TicketStore::RemoteTicketsOf.
absl::Status ReadRemoteTickets(Connection& connection, const std::string& sink,
                               const std::string& ticket_id, std::vector<RemoteTicket>* remotes);
absl::Status ReadRemoteTicketsOf(Connection& connection, const std::string& ticket_id,
                                 std::vector<RemoteTicket>* remotes);
absl::Status ReadToldTickets(Connection& connection, const std::string& sink,
                             std::vector<ToldTicket>* told);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_REMOTE_TABLES_H_
