// The users of a tenant's ticket: by cause, those first that have to be looked at first, with who
// is not back yet.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TENANT_USERS_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TENANT_USERS_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "daemon/http/page/html.h"
#include "daemon/json/json_value.h"
#include "daemon/store/ticket_store.h"
#include "parser/event_time.h"

namespace signinwatch::http {

// What the user's own ticket of the same time says; there is none for users who failed too seldom.
struct UserTicket {
  std::string ticket_id;
  EventTime back_at = kBeginningOfTime;  // kBeginningOfTime: not yet
};

// By object id, or by name for a user without one. Looks for the users that `ticket` lists.
[[nodiscard]] absl::Status FindUserTickets(store::TicketStore& store, const json::JsonValue& ticket,
                                           std::map<std::string, UserTicket>* found);

// Empty for a ticket that lists no users.
[[nodiscard]] Html TenantUsers(const json::JsonValue& ticket,
                               const std::map<std::string, UserTicket>& found);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TENANT_USERS_H_
