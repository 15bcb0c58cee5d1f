// Sinks of type `smtp`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SMTP_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SMTP_H_

#include <algorithm>
#include <string>
#include <vector>

#include "daemon/config/mail_address.h"
#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

// Of SinkType. Values are not repeated: a pasted secret may stand there.
[[nodiscard]] inline SinkType::Fault SmtpFault(const SinkConfig& sink) {
  constexpr const char* kAllowed = "allowed: addresses such as soc@contoso.example";
  const auto find = [&sink](const std::string& key) {
    const auto at = sink.settings.find(key);
    return at == sink.settings.end() ? nullptr : &at->second;
  };
  const OptionValue* from = find("from");
  if (from != nullptr && !IsMailAddress(std::get<std::string>(*from))) {
    return {"from", std::string(" is no address of a mail, ") + kAllowed};
  }
  if (const OptionValue* to = find("to")) {
    const auto& addresses = std::get<std::vector<std::string>>(*to);
    if (addresses.empty() || !std::all_of(addresses.begin(), addresses.end(), &IsMailAddress)) {
      return {"to", std::string(" has what is no address of a mail, or none, ") + kAllowed};
    }
  }
  const OptionValue* user = find("username");
  const OptionValue* password = find("password");
  const bool has_user = user != nullptr && !std::get<std::string>(*user).empty();
  const bool has_password = password != nullptr && !std::get<SecretRef>(*password).empty();
  if (has_user == has_password) return {};
  return {has_user ? "username" : "password",
          " stands alone, allowed: username and password, or neither"};
}

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
                        "env:SMTP_PASSWORD")}};
  type.fault = &SmtpFault;
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SMTP_H_
