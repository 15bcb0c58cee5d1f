// The page for people: what nobody has looked at, what is burning, what is over, how the stream is.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_STATUS_PAGE_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_STATUS_PAGE_H_

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/page_context.h"
#include "daemon/pipeline/status.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// With a store that can't be read it says so and shows the rest.
[[nodiscard]] HttpReply StatusPage(store::TicketStore& store, const pipeline::ServeStatus& status,
                                   const PageContext& context);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_STATUS_PAGE_H_
