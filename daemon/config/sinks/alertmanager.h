// Sinks of type `alertmanager`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_ALERTMANAGER_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_ALERTMANAGER_H_

#include <chrono>

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType AlertmanagerSinkType() {
  using std::chrono::hours;
  using std::chrono::seconds;
  SinkType type{
      .name = "alertmanager",
      .what = "alerts of Alertmanager",
      .options = {MustBeGiven(Setting<std::vector<std::string>>(
                                  "urls", UrlsKind{}, {},
                                  "URLs of all Alertmanager instances of the cluster, not of a "
                                  "load balancer. Every alert is sent to each; an instance that is "
                                  "down does not delay the others."),
                              "[\"https://alertmanager-1.contoso.example:9093\", "
                              "\"https://alertmanager-2.contoso.example:9093\"]"),
                  Setting<Duration>("resend", DurationKind{seconds(1), hours(1)}, seconds(60),
                                    "How often firing alerts are sent again. Alertmanager resolves "
                                    "an alert that is not repeated for three times as long.")},
      .url = "urls"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_ALERTMANAGER_H_
