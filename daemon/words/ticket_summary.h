// What a ticket says in one line and in three.
//
// Like the runbook, a function of those of the ticket's facts that do not depend on the order of
// arrival (SPEC 4), so the same records always say the same; the ids of tickets are not among them,
// but for the one that a merged ticket went into.
#ifndef SIGNINWATCH_DAEMON_WORDS_TICKET_SUMMARY_H_
#define SIGNINWATCH_DAEMON_WORDS_TICKET_SUMMARY_H_

#include <string>

#include "detectors/ticket.h"

namespace signinwatch::words {

// One line, no user name longer than 80 bytes of it: what happens, to whom, why.
[[nodiscard]] std::string TicketTitle(const Ticket& ticket);
// A few sentences: counts, span, cause with its time and actor, what the records answer of MFA and
// what they found, findings, state.
[[nodiscard]] std::string TicketSummary(const Ticket& ticket);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_TICKET_SUMMARY_H_
