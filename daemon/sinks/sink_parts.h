// What sinks are given of the world around them, when they are made.
#ifndef SIGNINWATCH_DAEMON_SINKS_SINK_PARTS_H_
#define SIGNINWATCH_DAEMON_SINKS_SINK_PARTS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "daemon/config/serve_config.h"
#include "daemon/http_client/http_client.h"
#include "daemon/sinks/ticket_sink.h"

namespace signinwatch {

struct SinkParts {
  KafkaCluster source_cluster;  // of the source, for a Kafka sink without brokers of its own
  HttpTransportMaker make_http = NetworkTransports();
};

using TicketSinkOr = absl::StatusOr<std::unique_ptr<TicketSink>>;

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_SINKS_SINK_PARTS_H_
