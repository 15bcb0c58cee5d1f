// What the texts of the runbook ask of a ticket: their %fields%.
#ifndef SIGNINWATCH_DAEMON_WORDS_RUNBOOK_FIELDS_H_
#define SIGNINWATCH_DAEMON_WORDS_RUNBOOK_FIELDS_H_

#include <string>
#include <string_view>

#include "detectors/ticket.h"

namespace signinwatch::words {

// Puts the ticket's values for the %fields% of a text; the table in runbook_fields.cc has them all.
// Values are not looked into, so a name with a per cent sign stays as it is.
[[nodiscard]] std::string FillStep(std::string_view text, const Ticket& ticket);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_RUNBOOK_FIELDS_H_
