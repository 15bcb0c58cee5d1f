// Words for people: what a ticket says in one line, in three, and as steps to take.
//
// All are functions of those of the ticket's other fields that do not depend on the order of
// arrival (SPEC 4), so the same records always say the same; the ids of tickets are not among them.
#ifndef SIGNINWATCH_DETECTORS_RUNBOOK_H_
#define SIGNINWATCH_DETECTORS_RUNBOOK_H_

#include <string>
#include <vector>

#include "detectors/ticket.h"

namespace signinwatch {

struct RunbookStep {
  std::string title;
  std::string detail;
};

// One line, no user name longer than 80 bytes of it: what happens, to whom, why.
[[nodiscard]] std::string TicketTitle(const Ticket& ticket);
// Two or three sentences: counts, span, cause with its time and actor, findings, state.
[[nodiscard]] std::string TicketSummary(const Ticket& ticket);
// The remediation of SPEC 7 for the ticket's cause, findings and scope, in the order to follow.
[[nodiscard]] std::vector<RunbookStep> TicketRunbook(const Ticket& ticket);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_RUNBOOK_H_
