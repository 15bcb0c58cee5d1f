// Where rejected records of the daemon go (SPEC 3.3): a file of JSON lines as `replay` writes them,
// and a Kafka topic with the original bytes as the value and headers that say why.
//
// What is written is safe only after Flush; the pipeline flushes before it commits positions, so
// a rejected record is in the dead letters at least once.
#ifndef SIGNINWATCH_DAEMON_SINKS_DEAD_LETTER_SINK_H_
#define SIGNINWATCH_DAEMON_SINKS_DEAD_LETTER_SINK_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/http_client/http_client.h"
#include "daemon/json/dead_letter.h"

namespace signinwatch::sinks {

// Write and Flush are one thread's.
class DeadLetterSink {
 public:
  virtual ~DeadLetterSink() = default;
  // Takes a copy. Bounded: beyond 64 MiB that wait for a flush it flushes by itself.
  virtual absl::Status Write(const json::DeadLetter& letter) = 0;
  // On disk, and acknowledged by the broker. An error may pass: try again, nothing is lost.
  virtual absl::Status Flush(std::chrono::milliseconds timeout) = 0;
};

// `source_cluster`: for a topic without brokers of its own. nullptr in the result: neither a path
// nor a topic is configured.
[[nodiscard]] absl::StatusOr<std::unique_ptr<DeadLetterSink>> MakeDeadLetterSink(
    const config::DeadLetterConfig& config, const config::KafkaCluster& source_cluster,
    const clock::Clock& clock, const http_client::HttpTransportMaker& make_http);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_DEAD_LETTER_SINK_H_
