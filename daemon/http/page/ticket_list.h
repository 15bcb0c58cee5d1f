// The page of all tickets, with a form for the filter of /api/v1/tickets.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_LIST_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_LIST_H_

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/page_context.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

[[nodiscard]] HttpReply TicketListPage(store::TicketStore& store, const HttpRequest& request,
                                       const PageContext& context);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_LIST_H_
