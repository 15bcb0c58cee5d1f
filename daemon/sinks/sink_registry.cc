#include "daemon/sinks/sink_registry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "daemon/sinks/alertmanager/alertmanager_system.h"
#include "daemon/sinks/file/file_sink.h"
#include "daemon/sinks/jira/jira_system.h"
#include "daemon/sinks/kafka/kafka_sink.h"
#include "daemon/sinks/pagerduty/pagerduty_system.h"
#include "daemon/sinks/servicenow/servicenow_system.h"
#include "daemon/sinks/slack/slack_system.h"
#include "daemon/sinks/smtp/smtp_system.h"
#include "daemon/sinks/stdout/stdout_sink.h"
#include "daemon/sinks/syslog/syslog_sink.h"
#include "daemon/sinks/teams/teams_system.h"
#include "daemon/sinks/thehive/thehive_system.h"
#include "daemon/sinks/webhook/webhook_sink.h"

namespace signinwatch::sinks {

const std::vector<SinkRow>& SinkRegistry() {
  static const std::vector<SinkRow> rows{
      {"file", &MakeFileSink},  // a line each, as in SinkTypes()
      {"kafka", &MakeKafkaSink},
      {"webhook", &MakeWebhookSink},
      {"stdout", &MakeStdoutSink},
      {"pagerduty", &MakePagerDutySink},
      {"slack", &MakeSlackSink},
      {"teams", &MakeTeamsSink},
      {"servicenow", &MakeServiceNowSink},
      {"jira", &MakeJiraSink},
      {"syslog", &MakeSyslogSink},
      {"alertmanager", &MakeAlertmanagerSink},
      {"smtp", &MakeSmtpSink},
      {"thehive", &MakeTheHiveSink},
  };
  return rows;
}

TicketSinkOr MakeTicketSink(const config::SinkConfig& config, const SinkParts& parts) {
  const auto row =
      std::find_if(SinkRegistry().begin(), SinkRegistry().end(),
                   [&config](const SinkRow& each) { return each.type == config.type; });
  TicketSinkOr sink = row == SinkRegistry().end()
                          ? absl::InvalidArgumentError("no such type of sink")
                          : row->make(config, parts);
  if (sink.ok()) return sink;
  return absl::Status(sink.status().code(),
                      absl::StrCat("sink ", config.name, ": ", sink.status().message()));
}

}  // namespace signinwatch::sinks
