// The page of one user: tickets, password changes and sources, as the tickets that are kept hold
// them.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_USER_PAGE_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_USER_PAGE_H_

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/page_context.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// ?tenant=ID&id=USER, the object id or the user principal name. 404, as a page too, where no ticket
// of the user is kept.
[[nodiscard]] HttpReply UserPage(store::TicketStore& store, const HttpRequest& request,
                                 const PageContext& context);

inline constexpr size_t kUserTicketsShown = 100;

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_USER_PAGE_H_
