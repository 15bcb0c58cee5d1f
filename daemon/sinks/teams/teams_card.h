// A ticket as an Adaptive Card in a Teams message. Pure.
//
// Teams' limit of 28 KB counts what it makes of a card, which is more than what was sent
// (MicrosoftDocs/msteams-docs#11274), and a card that is too large fails unseen, after 202. So a
// message is at most kTeamsBytesMax of JSON: details of steps go first, then steps, then the end of
// texts; related tickets, link and reference stay. Version 1.4: newer ones are not rendered
// everywhere (#11222). Texts of a card are Markdown, in which text of records is escaped.
#ifndef SIGNINWATCH_DAEMON_SINKS_TEAMS_TEAMS_CARD_H_
#define SIGNINWATCH_DAEMON_SINKS_TEAMS_TEAMS_CARD_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

inline constexpr size_t kTeamsBytesMax = 18'432;
inline constexpr size_t kTeamsTitleMax = 500;  // characters

// What means something in the Markdown of cards has a backslash before it.
[[nodiscard]] std::string EscapeCardText(std::string_view text);

// The body of the request.
[[nodiscard]] std::string TeamsMessage(const Telling& telling, const MessageWording& wording);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_TEAMS_TEAMS_CARD_H_
