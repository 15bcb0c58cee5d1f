// Sinks of type `teams`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_TEAMS_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_TEAMS_H_

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType TeamsSinkType() {
  SinkType type{
      .name = "teams",
      .what = "cards in a Microsoft Teams channel",
      .options = {MustBeGiven(
          Setting<SecretRef>("url", SecretKind{}, {},
                             "URL of a workflow that starts \"When a Teams webhook request is "
                             "received\". Whoever has it can post, so it is a secret."),
          "env:TEAMS_URL")},
      .url = "url"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_TEAMS_H_
