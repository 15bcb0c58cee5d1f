// One ticket's story for people: what happened, what to do, what it rests on.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_STORY_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_STORY_H_

#include <string>

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/page_context.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// 404, as a page too, where there is no such ticket.
[[nodiscard]] HttpReply TicketStoryPage(store::TicketStore& store, const std::string& ticket_id,
                                        const PageContext& context);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_STORY_H_
