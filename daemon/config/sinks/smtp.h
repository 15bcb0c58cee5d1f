// Sinks of type `smtp`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SMTP_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SMTP_H_

#include <string>
#include <vector>

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch {

[[nodiscard]] inline SinkType SmtpSinkType() {
  SinkType type{
      .name = "smtp",
      .what = "mails",
      .options = {MustBeGiven(Setting<std::string>("server", FormKind{TextForm::kServer}, {},
                                                   "Host and port of the mail server."),
                              "mail.contoso.example:587"),
                  Setting<std::string>("tls", ChoiceKind{{"starttls", "implicit"}}, "starttls",
                                       "`starttls` requires STARTTLS and sends nothing without it; "
                                       "`implicit` is TLS from the first byte (port 465)."),
                  MustBeGiven(Setting<std::string>("from", FormKind{TextForm::kPlain}, {},
                                                   "Sender address."),
                              "signinwatch@contoso.example"),
                  MustBeGiven(Setting<std::vector<std::string>>(
                                  "to", PrefixesKind{}, {},
                                  "Recipient addresses. If the server refuses one of them, the "
                                  "mail goes to none."),
                              "[soc@contoso.example]"),
                  Unset(Setting<std::string>("username", FormKind{TextForm::kPlain}, {},
                                             "User name to log in with. No log-in if not set."),
                        "signinwatch"),
                  Unset(Setting<SecretRef>("password", SecretKind{}, {}, "Password of `username`."),
                        "env:SMTP_PASSWORD")},
      .doctor_says = "is tried with the first mail"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SMTP_H_
