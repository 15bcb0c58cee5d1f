// All types of sinks: what makes each. What of them the configuration and the doctor know is their
// row in daemon/config/sink_types.h.
#ifndef SIGNINWATCH_DAEMON_SINKS_SINK_REGISTRY_H_
#define SIGNINWATCH_DAEMON_SINKS_SINK_REGISTRY_H_

#include <string>
#include <vector>

#include "daemon/sinks/sink_parts.h"

namespace signinwatch::sinks {

// Does not wait for the other side. An error: what can't be used (a folder or a secret that is
// missing, ...).
struct SinkRow {
  std::string type;
  TicketSinkOr (*make)(const config::SinkConfig& config, const SinkParts& parts);
};
[[nodiscard]] const std::vector<SinkRow>& SinkRegistry();

// As its row does; an error names the sink.
[[nodiscard]] TicketSinkOr MakeTicketSink(const config::SinkConfig& config, const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SINK_REGISTRY_H_
