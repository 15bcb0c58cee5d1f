// The one writer of tickets as JSON: what is stored, sent and printed.
#ifndef SIGNINWATCH_DAEMON_WORDS_TICKET_JSON_H_
#define SIGNINWATCH_DAEMON_WORDS_TICKET_JSON_H_

#include <string>
#include <string_view>

#include "detectors/ticket.h"

namespace signinwatch::words {

// The ticket as one JSON object on one line, without the line's end, in the order of SPEC 7. Title,
// summary (ticket_summary.h) and runbook (runbook.h) are written out from its facts: some 8 KB, so
// it is to be made once, and not on the fold's thread (bench/fold). `external_url`:
// where people reach the console, without a slash at its end ("https://signinwatch.contoso.com");
// the ticket's `url` is its page there, or null if empty.
[[nodiscard]] std::string TicketToJson(const Ticket& ticket, std::string_view external_url = {});

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_TICKET_JSON_H_
