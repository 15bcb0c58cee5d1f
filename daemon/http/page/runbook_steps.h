// A ticket's runbook as a list of steps, each with its tick, and its commands ready to be copied.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_RUNBOOK_STEPS_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_RUNBOOK_STEPS_H_

#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/page/html.h"
#include "daemon/http/page/page_context.h"
#include "daemon/json/json_value.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// Empty for a ticket without a runbook. A tick of a step that is in it no more is not shown.
[[nodiscard]] Html RunbookSteps(const json::JsonValue& ticket,
                                const store::TicketHandling& handling, const PageContext& context);

// The commands for a shell that are in the text of a step, as they are to be typed:
// "Get-MgUser -UserId ... | Format-List ...", "dsregcmd /status". Each once, in their order; behind
// them the query for the sign-in logs, which is all that follows "Query: ".
[[nodiscard]] std::vector<std::string> CommandsIn(std::string_view text);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_RUNBOOK_STEPS_H_
