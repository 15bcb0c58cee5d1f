// A revision of a ticket as an alert of Alertmanager (API v2). Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_ALERTMANAGER_ALERT_H_
#define SIGNINWATCH_DAEMON_SINKS_ALERTMANAGER_ALERT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"
#include "parser/event_time.h"

namespace signinwatch::sinks {

// What is said of a ticket until it is over, at most some 25 KB.
struct Alert {
  std::string ticket_id;
  std::string reference;
  // JSON. The labels are what an alert is known by: they hold nothing that ever changes, and no
  // user. All else is annotations.
  std::string labels;
  std::string annotations;
  std::string url;                         // the ticket's page; empty: none
  EventTime starts_at = kBeginningOfTime;  // kBeginningOfTime: not known
  std::optional<EventTime> ended_at = {};  // absent: it fires
};

// It fires, whatever the state of the ticket.
[[nodiscard]] Alert MakeAlert(const Telling& telling, const MessageWording& wording);

// The body of POST /api/v2/alerts. What fires does so for `lasts` from `now` on.
[[nodiscard]] std::string AlertsBody(std::span<const Alert* const> alerts, EventTime now,
                                     Duration lasts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_ALERTMANAGER_ALERT_H_
