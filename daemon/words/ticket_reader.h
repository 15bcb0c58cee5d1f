// The one reader of tickets: their facts, from the JSON that ticket_json.h writes.
#ifndef SIGNINWATCH_DAEMON_WORDS_TICKET_READER_H_
#define SIGNINWATCH_DAEMON_WORDS_TICKET_READER_H_

#include "daemon/json/json_value.h"
#include "detectors/ticket.h"

namespace signinwatch::words {

// What is absent, or of another kind, or a word of a later version, stays as Ticket has it from the
// start: tickets of former versions have no context. Title, summary, runbook and url are no facts.
[[nodiscard]] Ticket ReadTicket(const json::JsonValue& ticket);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_TICKET_READER_H_
