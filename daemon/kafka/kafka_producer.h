// Produces messages: for Kafka ticket sinks, Kafka dead letters and the generator.
//
// Idempotent, acks=all. Thread-safe.
#ifndef SIGNINWATCH_DAEMON_KAFKA_KAFKA_PRODUCER_H_
#define SIGNINWATCH_DAEMON_KAFKA_KAFKA_PRODUCER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/kafka/token.h"

namespace signinwatch::kafka {

struct ProducedMessage {
  std::string_view topic;
  std::string_view key;  // empty: none
  std::string_view value;
  std::vector<std::pair<std::string, std::string>> headers;
  int32_t partition = -1;    // -1: by the key
  int64_t timestamp_ms = 0;  // 0: now
};

class KafkaProducer {
 public:
  // Called once for each message that Produce took, from the thread that calls Poll or Flush.
  // kUnavailable: may be tried again; others are for good (too large, no such topic, not allowed).
  using Done = std::function<void(const absl::Status&)>;

  virtual ~KafkaProducer() = default;
  // Copies the message. kResourceExhausted: the queue is full, Poll and try again.
  virtual absl::Status Produce(const ProducedMessage& message, Done done) = 0;
  virtual void Poll(std::chrono::milliseconds timeout) = 0;
  // Waits until all are done or `timeout` is over; kDeadlineExceeded.
  virtual absl::Status Flush(std::chrono::milliseconds timeout) = 0;
};

struct KafkaProducerOptions {
  config::KafkaCluster cluster;
  TokenFetcher fetch_token;
  std::chrono::milliseconds message_timeout{30'000};  // 0: none
  // Rather than leave a message out and go on with the next of its partition, the client ends:
  // then all that was under way fails. With message_timeout 0.
  bool gapless = false;
  int linger_ms = 5;
  std::string compression;  // none, gzip, lz4, zstd, snappy; empty: librdkafka's default
};

// `clock` outlives all clients; it must run as the system's does, which the client waits by.
[[nodiscard]] absl::StatusOr<std::unique_ptr<KafkaProducer>> MakeKafkaProducer(
    const clock::Clock& clock, const KafkaProducerOptions& options);

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_KAFKA_PRODUCER_H_
