// A ticket as plain text, to be pasted: ten lines for a chat, or all of it.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_COPY_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_COPY_H_

#include <string>

#include "daemon/http/page/page_context.h"
#include "daemon/json/json_value.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// At most nine lines; the page adds its address as the tenth.
[[nodiscard]] std::string ChatText(const json::JsonValue& ticket, const PageContext& context);
// With the lists, the changes, the evidence, and the runbook with what is done.
[[nodiscard]] std::string WholeText(const json::JsonValue& ticket,
                                    const store::TicketHandling& handling,
                                    const PageContext& context);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_COPY_H_
