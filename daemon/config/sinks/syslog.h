// Sinks of type `syslog`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SYSLOG_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SYSLOG_H_

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch {

[[nodiscard]] inline SinkType SyslogSinkType() {
  constexpr int64_t kEnterpriseMax = 4'294'967'295;
  SinkType type{
      .name = "syslog",
      .what = "messages to a collector of syslog",
      .options = {MustBeGiven(Setting<std::string>("server", FormKind{TextForm::kServer}, {},
                                                   "Host and port of the server."),
                              "siem.contoso.example:6514"),
                  Setting<std::string>(
                      "transport", ChoiceKind{{"tls", "tcp", "udp"}}, "tls",
                      "How messages get there. With tcp and udp anybody on the way can read them."),
                  Setting<std::string>(
                      "format", ChoiceKind{{"rfc5424", "cef", "leef"}}, "rfc5424",
                      "What a message holds behind the header of RFC 5424: text "
                      "with structured data, ArcSight's CEF or QRadar's LEEF 2.0."),
                  Setting<int64_t>("enterprise", IntegerKind{1, kEnterpriseMax}, 32'473,
                                   "Enterprise number in the name of the structured data.")},
      .doctor_says = "is tried with the first ticket"};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SYSLOG_H_
