// What sinks are given of the world around them, when they are made.
#ifndef SIGNINWATCH_DAEMON_SINKS_SINK_PARTS_H_
#define SIGNINWATCH_DAEMON_SINKS_SINK_PARTS_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/http_client/http_client.h"
#include "daemon/http_client/kept_connection.h"
#include "daemon/http_client/mail_client.h"
#include "daemon/sinks/ticket_sink.h"
#include "daemon/store/outbox.h"

namespace signinwatch::sinks {

// What is referred to outlives the sinks.
struct SinkParts {
  const config::KafkaCluster& source_cluster;  // for a Kafka sink without brokers of its own
  http_client::HttpTransportMaker make_http;
  const clock::Clock& clock;
  store::Outbox& outbox;  // what is known of tickets there
  http_client::MailTransportMaker make_mail = http_client::NetworkMail();
  // What lines are written to; empty: the network.
  std::function<std::unique_ptr<http_client::KeptConnection>()> make_lines = {};
};

using TicketSinkOr = absl::StatusOr<std::unique_ptr<TicketSink>>;

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_SINK_PARTS_H_
