// Sinks of type `slack`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SLACK_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SLACK_H_

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType SlackSinkType() {
  SinkType type{
      .name = "slack",
      .what = "messages to a Slack channel",
      .options = {MustBeGiven(Setting<SecretRef>(
                                  "token", SecretKind{}, {},
                                  "Bot token, `xoxb-...`, with the scopes `chat:write` and "
                                  "`channels:history` (`groups:history` for a private channel). "
                                  "The latter finds a message whose answer was lost."),
                              "env:SLACK_TOKEN"),
                  MustBeGiven(
                      Setting<std::string>(
                          "channel", TextKind{}, {},
                          "Id of the channel, such as `C0123456789`. The bot must be a member."),
                      "C0123456789"),
                  Setting<std::string>("url", FormKind{TextForm::kUrl}, "https://slack.com/api",
                                       "Base URL of the Slack API.")},
      .url = "url"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SLACK_H_
