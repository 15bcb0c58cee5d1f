// Sinks of type `webhook`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_WEBHOOK_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_WEBHOOK_H_

#include <chrono>

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType WebhookSinkType() {
  using std::chrono::milliseconds;
  using std::chrono::minutes;
  using std::chrono::seconds;
  SinkType type{
      .name = "webhook",
      .what = "requests to a web server",
      .options = {MustBeGiven(
                      Setting<std::string>("url", FormKind{TextForm::kUrl}, {},
                                           "URL to which each ticket revision is posted as JSON."),
                      "https://soc.contoso.com/hooks/signinwatch"),
                  Unset(Setting<std::string>(
                            "body", FormKind{TextForm::kTemplate}, {},
                            "Posted in place of the ticket's JSON: JSON with {{name}} in its texts "
                            "for a field of the ticket, such as {{severity}}."),
                        "'{\"text\": \"{{severity}}: {{title}}\"}'"),
                  Unset(Setting<std::string>(
                            "resolved_url", FormKind{TextForm::kUrl}, {},
                            "Where resolved and merged tickets are posted instead; TICKET_ID in it "
                            "is the ticket's id."),
                        "https://soc.contoso.com/hooks/signinwatch/TICKET_ID/close"),
                  Unset(Setting<SecretRef>(
                            "secret", SecretKind{}, {},
                            "Key to sign time and body with (HMAC-SHA256), so that the receiver "
                            "can verify the sender. Unsigned if not set."),
                        "env:WEBHOOK_SECRET"),
                  Unset(Setting<SecretRef>("authorization", SecretKind{}, {},
                                           "The whole value of the Authorization header, such as "
                                           "`Bearer ...`. No header if not set."),
                        "file:/etc/signinwatch/webhook-authorization"),
                  Setting<Duration>("timeout", DurationKind{milliseconds(100), minutes(5)},
                                    seconds(10), "Deadline of one attempt."),
                  Setting<double>("rate_per_second", RealKind{0.001, 100'000}, 20.0,
                                  "Attempts a second, on average.")},
      .url = "url"};
  Append(&type.options, SendingOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_WEBHOOK_H_
