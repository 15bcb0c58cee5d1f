// Sinks of type `kafka`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_KAFKA_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_KAFKA_H_

#include "daemon/config/sink_types.h"
#include "daemon/config/sinks/sending.h"
#include "daemon/config/stored_option.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType KafkaSinkType() {
  SinkType type{.name = "kafka",
                .what = "messages to a topic",
                .options = {MustBeGiven(
                    Setting<std::string>(
                        "topic", FormKind{TextForm::kTopic}, {},
                        "Topic for tickets, keyed by ticket id. Must not be a topic that is read."),
                    "signinwatch-tickets")},
                .written_topic = "topic"};
  Append(&type.options, Within<SinkConfig>(
                            ClusterOptions(), [](auto& s) -> auto& { return s.cluster; }));
  // One key for both: of the cluster it has other words.
  std::erase_if(type.options, [](const auto& option) { return option.key == "ca_file"; });
  Append(&type.options, SendingOptions());
  for (Option<SinkConfig>& option : type.options) {
    if (option.key != "ca_file") continue;
    option.set = [](SinkConfig& sink, const OptionValue& value) {
      sink.ca_file = sink.cluster.ca_file = std::get<std::string>(value);
    };
  }
  return type;
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_KAFKA_H_
