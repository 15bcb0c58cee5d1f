// A ticket as one entry of a list, from its JSON as the store has it.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_ROW_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_ROW_H_

#include <string>
#include <string_view>

#include "daemon/http/page/html.h"
#include "daemon/http/page/page_context.h"
#include "daemon/json/json_value.h"
#include "daemon/store/ticket_store.h"
#include "parser/event_time.h"

namespace signinwatch::http {

// With its first runbook step while it is open or nobody has looked at it, with how it ended after;
// with the button for having looked at it, or who has.
[[nodiscard]] Html TicketRow(const json::JsonValue& ticket, const store::TicketReview& review,
                             const PageContext& context);

// The button, or who has looked at it and when; empty where neither is of use. `revision`: that is
// shown.
[[nodiscard]] Html ReviewHtml(const std::string& ticket_id, uint64_t revision,
                              const store::TicketReview& review, const PageContext& context);

// "Ada Lovelace ..." as far as the ticket knows: the user principal name, the object id, or
// "Tenant" and its name or id.
[[nodiscard]] std::string WhoOf(const json::JsonValue& ticket, const PageContext& context);
[[nodiscard]] std::string CauseTitle(std::string_view cause);      // "Password expired"
[[nodiscard]] std::string FindingTitle(std::string_view finding);  // "Unfamiliar source"
[[nodiscard]] std::string ChangeTitle(const std::string& kind);    // "Self-service reset"
[[nodiscard]] Html SeverityBadge(const std::string& severity);
[[nodiscard]] Html FindingTags(const json::JsonValue& ticket);
// By which exception nobody is told; nothing where there is none.
[[nodiscard]] Html QuietTag(const json::JsonValue& ticket);
// kBeginningOfTime: absent.
[[nodiscard]] EventTime TimeOf(const json::JsonValue& object, const char* key);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_ROW_H_
