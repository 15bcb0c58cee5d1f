// A ticket as a Slack message. Pure.
//
//   *Sign-ins of ada@contoso.example fail ...*      title, with a sign for severity or the end
//   37 failed sign-ins of ...                       summary
//   Severity: High   State: Open   ...              facts, in two columns
//   What to do: 1. ... 2. ...                       the first steps of the runbook
//   Part of 6f6f...  Open the ticket  Reference: ticket_id/revision
//
// Text of records is text: `&`, `<` and `>` are escaped everywhere, so it neither links nor calls
// anybody (<!channel>), and it stands in plain_text or verbatim objects, in which Slack looks for
// no names. Slack takes 50 blocks, 3,000 characters a section, and in truth about 13,200 over all
// blocks (slackapi/bolt-js#2509): a message stays below 10,000.
#ifndef SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_MESSAGE_H_
#define SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_MESSAGE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "daemon/sinks/ticket_message.h"
#include "daemon/sinks/ticket_system.h"

namespace signinwatch::sinks {

inline constexpr size_t kSlackTitleMax = 1'000;
inline constexpr size_t kSlackBodyMax = 3'000;

// Escaped, at most `most` characters with that, of which the last is "…" where it is cut.
[[nodiscard]] std::string SlackText(std::string_view text, size_t most = std::string::npos);

// The body of chat.postMessage; with `ts`, of a message in the channel, that of chat.update.
[[nodiscard]] std::string SlackMessage(const Telling& telling, const MessageWording& wording,
                                       const std::string& channel, const std::string& ts = {});

// metadata.event_type: by it, and event_payload.ticket_id, a message is found again.
inline constexpr char kSlackEventType[] = "signinwatch_ticket";

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SLACK_SLACK_MESSAGE_H_
