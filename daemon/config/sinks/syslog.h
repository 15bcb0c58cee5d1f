// Sinks of type `syslog`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_SYSLOG_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_SYSLOG_H_

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType SyslogSinkType() {
  constexpr int64_t kEnterpriseMax = 4'294'967'295;
  SinkType type{
      .name = "syslog",
      .what = "messages to a collector of syslog",
      .options = {MustBeGiven(Setting<std::string>("server", FormKind{TextForm::kServer}, {},
                                                   "Host and port of the syslog server."),
                              "siem.contoso.example:6514"),
                  Setting<std::string>("transport", ChoiceKind{{"tls", "tcp", "udp"}}, "tls",
                                       "Transport. tcp and udp are not encrypted."),
                  Setting<std::string>("format", ChoiceKind{{"rfc5424", "cef", "leef"}}, "rfc5424",
                                       "Format of the message after the RFC 5424 header: text with "
                                       "structured data, ArcSight CEF or QRadar LEEF 2.0."),
                  Setting<int64_t>("enterprise", IntegerKind{1, kEnterpriseMax}, 32'473,
                                   "Private enterprise number for the names of structured data.")}};
  Append(&type.options, TicketSystemOptions());
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_SYSLOG_H_
