// A revision of a ticket as an event of PagerDuty's Events API v2. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_EVENT_H_
#define SIGNINWATCH_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_EVENT_H_

#include <string>
#include <string_view>

#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

// All events of a ticket, and of what succeeds one that a person resolved, have the ticket's id as
// their dedup_key: the first event after a resolution begins a new incident under it.
//
// `trigger`: its texts and severity. At most some 50 KB, of the 512 that are taken.
[[nodiscard]] std::string TriggerEvent(const Telling& telling, const MessageWording& wording,
                                       std::string_view routing_key);
[[nodiscard]] std::string ResolveEvent(const Telling& telling, std::string_view routing_key);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_EVENT_H_
