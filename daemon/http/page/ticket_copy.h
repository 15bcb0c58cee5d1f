// A ticket as plain text, to be pasted: ten lines for a chat, or all of it.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_COPY_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_COPY_H_

#include <string>

#include "daemon/http/page/page_context.h"
#include "daemon/json/json_value.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch {

// At most nine lines; the page adds its address as the tenth.
[[nodiscard]] std::string ChatText(const JsonValue& ticket, const PageContext& context);
// With the lists, the changes, the evidence, and the runbook with what is done.
[[nodiscard]] std::string WholeText(const JsonValue& ticket, const TicketHandling& handling,
                                    const PageContext& context);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_COPY_H_
