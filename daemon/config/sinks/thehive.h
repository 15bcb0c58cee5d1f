// Sinks of type `thehive`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_THEHIVE_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_THEHIVE_H_

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch {

[[nodiscard]] inline SinkType TheHiveSinkType() {
  SinkType type{
      .name = "thehive",
      .what = "alerts of TheHive",
      .options = {MustBeGiven(Setting<std::string>("url", FormKind{TextForm::kUrl}, {},
                                                   "Where TheHive 5 is, without /api."),
                              "https://thehive.contoso.example"),
                  MustBeGiven(Setting<SecretRef>("token", SecretKind{}, {},
                                                 "API key of a user with the permissions "
                                                 "manageAlert/create, /update and /reopen."),
                              "env:THEHIVE_TOKEN"),
                  MustBeGiven(Setting<std::string>(
                                  "closed_status", FormKind{TextForm::kPlain}, {},
                                  "Status of the stage Closed that resolved and merged tickets "
                                  "get. An alert with another one was closed by a person."),
                              "Ignored")},
      .url = "url"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_THEHIVE_H_
