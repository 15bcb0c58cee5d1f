// A ticket in which all is filled in that a ticket may say, for whoever wants to see what becomes
// of one before there is one.
#ifndef SIGNINWATCH_DAEMON_WORDS_EXAMPLE_TICKET_H_
#define SIGNINWATCH_DAEMON_WORDS_EXAMPLE_TICKET_H_

#include "detectors/ticket.h"

namespace signinwatch::words {

// Open, of a user of contoso.example, whose burst ended at `now`.
[[nodiscard]] Ticket ExampleTicket(EventTime now);

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_EXAMPLE_TICKET_H_
