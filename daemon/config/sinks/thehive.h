// Sinks of type `thehive`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_THEHIVE_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_THEHIVE_H_

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType TheHiveSinkType() {
  SinkType type{
      .name = "thehive",
      .what = "alerts of TheHive",
      .options = {MustBeGiven(Setting<std::string>("url", FormKind{TextForm::kUrl}, {},
                                                   "URL of TheHive 5, without `/api`."),
                              "https://thehive.contoso.example"),
                  MustBeGiven(Setting<SecretRef>("token", SecretKind{}, {},
                                                 "API key of a user with the permissions "
                                                 "manageAlert/create, /update and /reopen."),
                              "env:THEHIVE_TOKEN"),
                  MustBeGiven(
                      Setting<std::string>(
                          "closed_status", FormKind{TextForm::kPlain}, {},
                          "Status for the alerts of resolved and merged tickets, of the stage "
                          "Closed. An alert closed with any other status was closed by a person."),
                      "Ignored")},
      .url = "url"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_THEHIVE_H_
