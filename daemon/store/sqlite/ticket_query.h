// Looking for tickets: a filter becomes a query, whose pages are cut by what was shown last and not
// by a number, so that tickets that arrive meanwhile move nothing.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_TICKET_QUERY_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_TICKET_QUERY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::store {

// kInvalidArgument: the cursor is not one of ours.
absl::Status FindTickets(Connection& connection, const TicketFilter& filter, TicketPage* page);

absl::Status FindTenantDays(Connection& connection, EventTime from, std::vector<TenantDay>* days);

// Ids that begin with `beginning`, in their order.
absl::Status FindTicketIds(Connection& connection, const std::string& beginning, size_t limit,
                           std::vector<std::string>* ids);
absl::Status FindTicketPeaks(Connection& connection, EventTime since,
                             std::vector<TicketPeak>* peaks);

// Of one ticket, oldest first; kNotFound.
absl::Status FindRevisions(Connection& connection, const std::string& ticket_id,
                           std::vector<std::string>* revisions);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_TICKET_QUERY_H_
