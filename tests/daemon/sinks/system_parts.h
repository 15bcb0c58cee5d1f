// The world as it is, for sinks whose tests do not replace it.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_SYSTEM_PARTS_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_SYSTEM_PARTS_H_

#include "daemon/sinks/sink_parts.h"
#include "tests/daemon/sinks/memory_outbox.h"

namespace signinwatch::sinks {

// `source_cluster` outlives the sinks.
inline SinkParts SystemParts(const config::KafkaCluster& source_cluster) {
  static MemoryOutbox outbox;
  return {.source_cluster = source_cluster,
          .make_http = http_client::NetworkTransports(),
          .clock = clock::SystemClock(),
          .outbox = outbox};
}
inline SinkParts SystemParts() {
  static const config::KafkaCluster none;
  return SystemParts(none);
}

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_SYSTEM_PARTS_H_
