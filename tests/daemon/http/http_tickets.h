// Tickets for the tests of what is shown of them.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_HTTP_TICKETS_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_HTTP_TICKETS_H_

#include <cstdint>
#include <string>

#include "detectors/ticket.h"

namespace signinwatch::http {

// "00000000-0000-5000-8000-000000000007"
[[nodiscard]] std::string TicketId(uint64_t number);

// An open ticket, all of whose fields say something; the first failure is `number` minutes before
// 2026-11-24T10:00:00Z.
[[nodiscard]] Ticket UserTicketNumber(uint64_t number);
[[nodiscard]] Ticket TenantTicketNumber(uint64_t number);
// Its last revision.
[[nodiscard]] Ticket Resolved(Ticket ticket);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_HTTP_TICKETS_H_
