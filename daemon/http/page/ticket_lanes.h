// What a ticket's records say of the time around its burst, a lane each, to be drawn below the
// failures: places of a session, risk events, changes of security info and of policies, and from
// when to when each program failed.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_LANES_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_LANES_H_

#include <string>
#include <vector>

#include "daemon/http/page/html.h"
#include "daemon/http/page/time_axis.h"
#include "detectors/ticket.h"

namespace signinwatch::http {

struct TicketLane {
  EventTime from;
  EventTime to;  // of programs; else as `from`
  std::string text;
  const char* kind;  // a class of page.css
};

// More of a kind than these are in the tables alone.
inline constexpr size_t kLanesOfAKindMax = 6;

[[nodiscard]] std::vector<TicketLane> LanesOf(const Ticket& ticket);
// In pixels.
[[nodiscard]] int LanesHeight(const std::vector<TicketLane>& lanes);
// SVG elements from `top` on.
[[nodiscard]] Html LanesHtml(const std::vector<TicketLane>& lanes, const TimeAxis& axis, int top);
// Entries of the legend for the kinds that there are.
[[nodiscard]] Html LanesLegend(const std::vector<TicketLane>& lanes);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TICKET_LANES_H_
