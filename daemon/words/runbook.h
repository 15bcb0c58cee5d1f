// What a ticket asks people to do, step by step.
//
// A function of those of the ticket's facts that do not depend on the order of arrival (SPEC 4), so
// the same records always ask for the same; the ids of tickets are not among them.
#ifndef SIGNINWATCH_DAEMON_WORDS_RUNBOOK_H_
#define SIGNINWATCH_DAEMON_WORDS_RUNBOOK_H_

#include <string>
#include <vector>

#include "detectors/ticket.h"

namespace signinwatch::words {

struct RunbookStep {
  std::string title;
  std::string detail;
};

// The remediation of SPEC 7 for the ticket's cause, findings and scope, in the order to follow.
[[nodiscard]] std::vector<RunbookStep> TicketRunbook(const Ticket& ticket);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_RUNBOOK_H_
