// A revision of a ticket as an alert of TheHive 5. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_THEHIVE_THEHIVE_ALERT_H_
#define SIGNINWATCH_DAEMON_SINKS_THEHIVE_THEHIVE_ALERT_H_

#include <string>

#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

// Both `type` and `source` of all our alerts; with sourceRef they are unique there.
inline constexpr char kTheHiveSource[] = "signinwatch";

// What Create and Update write: title, description, summary, severity (1 to 4). Description and
// summary end in the reference, so that it is seen where a person has changed one of them.
[[nodiscard]] RemoteFields TheHiveFields(const Telling& telling, const MessageWording& wording);

// The body of POST /api/v1/alert.
[[nodiscard]] std::string TheHiveAlert(const Telling& telling, const MessageWording& wording);

// What means something in Markdown has a backslash before it.
[[nodiscard]] std::string EscapeMarkdown(const std::string& text);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_THEHIVE_THEHIVE_ALERT_H_
