// What a ticket's records answer, on its page: the guide's questions in words, and what else
// happened around the burst.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_ANSWERS_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_ANSWERS_H_

#include "daemon/http/page/html.h"
#include "detectors/ticket.h"

namespace signinwatch::http {

// A section; empty for tickets of former versions, which know nothing of it.
[[nodiscard]] Html TicketAnswersHtml(const Ticket& ticket);

// A section with a table of risk events, changes of security info and of policies, and the places
// of sessions, by time; empty where there is none.
[[nodiscard]] Html AroundTheBurst(const Ticket& ticket);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_ANSWERS_H_
