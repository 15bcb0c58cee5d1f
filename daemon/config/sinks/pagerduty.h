// Sinks of type `pagerduty`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_PAGERDUTY_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_PAGERDUTY_H_

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType PagerDutySinkType() {
  SinkType type{
      .name = "pagerduty",
      .what = "alerts of PagerDuty",
      .options = {MustBeGiven(Setting<SecretRef>("routing_key", SecretKind{}, {},
                                                 "Integration key of the service (Events API v2)."),
                              "env:PAGERDUTY_ROUTING_KEY"),
                  Setting<std::string>(
                      "url", FormKind{TextForm::kUrl}, "https://events.pagerduty.com",
                      "URL of the Events API; in the EU https://events.eu.pagerduty.com."),
                  Unset(Setting<SecretRef>(
                            "api_token", SecretKind{}, {},
                            "REST API token, to see whether a person resolved an incident; such "
                            "incidents are left alone. If not set, the REST API is not used."),
                        "env:PAGERDUTY_API_TOKEN"),
                  Setting<std::string>("api_url", FormKind{TextForm::kUrl},
                                       "https://api.pagerduty.com",
                                       "URL of the REST API; used only with `api_token`.")},
      .url = "url"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_PAGERDUTY_H_
