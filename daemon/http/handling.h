// What people do with tickets: marking one as looked at, ticking steps of its runbook. By the API,
// and by forms of the pages, which lead back to the page they are on.
//
// Who does it is HttpRequest::user, or "local" where nobody is asked who they are (routes.h lets
// those in from this machine alone).
#ifndef SIGNINWATCH_DAEMON_HTTP_HANDLING_H_
#define SIGNINWATCH_DAEMON_HTTP_HANDLING_H_

#include <string>

#include "daemon/http/http_exchange.h"
#include "daemon/json/json_writer.h"
#include "daemon/store/ticket_store.h"
#include "parser/event_time.h"

namespace signinwatch::http {

// {"needed":false,"at":"...","by":"ada","revision":3}; nulls where nobody has looked.
void WriteReview(json::JsonWriter& json, const store::TicketReview& review);
// {"review":{...},"ticks":[{"step":"...","at":"...","by":"..."}]}
void WriteHandling(json::JsonWriter& json, const store::TicketHandling& handling);

// POST ?revision=N: looked at (without it, the last revision). DELETE: taken back. Answers with
// what is then.
[[nodiscard]] HttpReply ReviewReply(store::TicketStore& store, const std::string& ticket_id,
                                    const HttpRequest& request, EventTime now);
// POST ?step=TITLE: done; a step of the runbook as it is now. DELETE: not done.
[[nodiscard]] HttpReply TickReply(store::TicketStore& store, const std::string& ticket_id,
                                  const HttpRequest& request, EventTime now);

// The same by a form, which knows POST alone: ?done=yes or no. 303 to the page that asked.
[[nodiscard]] HttpReply ReviewFormReply(store::TicketStore& store, const std::string& ticket_id,
                                        const HttpRequest& request, EventTime now);
[[nodiscard]] HttpReply TickFormReply(store::TicketStore& store, const std::string& ticket_id,
                                      const HttpRequest& request, EventTime now);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_HANDLING_H_
