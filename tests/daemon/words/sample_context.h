// What the records answer of a ticket's questions, each list with something in it.
#ifndef SIGNINWATCH_TESTS_DAEMON_WORDS_SAMPLE_CONTEXT_H_
#define SIGNINWATCH_TESTS_DAEMON_WORDS_SAMPLE_CONTEXT_H_

#include "detectors/ticket.h"

namespace signinwatch::words {

// Of a user: MFA passed by two methods, two policies that block, a session in two places, risk,
// changes of security info and of a policy, synchronisation, a guest's home tenant. Fits the times
// of sample_tickets.h: a burst that begins on 2026-11-24 at 09:00.
[[nodiscard]] TicketContext FullUserContext();
// Of a tenant: the fields that its ticket has.
[[nodiscard]] TicketContext FullTenantContext();

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_TESTS_DAEMON_WORDS_SAMPLE_CONTEXT_H_
