// The page of one tenant: what needs review there, its latest tickets, and whom they are about.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TENANT_PAGE_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TENANT_PAGE_H_

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/page_context.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// ?id=ID. A tenant without tickets has a page too, if the configuration names it; else 404.
[[nodiscard]] HttpReply TenantPage(store::TicketStore& store, const HttpRequest& request,
                                   const PageContext& context);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TENANT_PAGE_H_
