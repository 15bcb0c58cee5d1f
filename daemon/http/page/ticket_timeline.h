// A ticket's burst drawn to scale: password changes above, failures by time, the revisions that
// were sent, and below what else its records say of that time (ticket_lanes.h). The tables of the
// story have the same in numbers.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_TIMELINE_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_TIMELINE_H_

#include <string>
#include <vector>

#include "daemon/http/page/html.h"
#include "detectors/ticket.h"

namespace signinwatch::http {

// `revisions`: as JSON, oldest first. What is long before the burst stands at the left edge, with
// how long before. Empty for a ticket without times.
[[nodiscard]] Html TicketTimeline(const Ticket& ticket, const std::vector<std::string>& revisions);

// More changes or revisions than these are in the tables alone.
inline constexpr size_t kTimelineMarksMax = 60;

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_TIMELINE_H_
