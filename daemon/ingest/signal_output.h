// The producer of the signal topic, with what its promise to detect asks for (SPEC 14): of what was
// sent to a partition, in its order, nothing is missing before anything that arrived.
//
// A client may give a message up and go on with the next; then a gap is in the topic, and whoever
// reads it takes what is sent again for a repetition. So there is no time-out, the client ends
// itself rather than leave a gap (enable.gapless.guarantee), and once anything has failed it is
// destroyed: `failed` until Restart, after which everything that was not acknowledged is to be sent
// again.
#ifndef SIGNINWATCH_DAEMON_INGEST_SIGNAL_OUTPUT_H_
#define SIGNINWATCH_DAEMON_INGEST_SIGNAL_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/kafka/kafka_producer.h"

namespace signinwatch::ingest {

// One thread's.
class SignalOutput {
 public:
  using ProducerMaker = std::function<absl::StatusOr<std::unique_ptr<kafka::KafkaProducer>>()>;
  static constexpr size_t kInFlightBytesMax = size_t{32} << 20;

  SignalOutput(std::string topic, ProducerMaker make)
      : topic_(std::move(topic)), make_(std::move(make)) {}

  // Makes a producer, where there is none; an error may pass. Nothing has failed then.
  [[nodiscard]] absl::Status Restart();
  // `acknowledged` is called by Poll, unless the producer fails before. Whoever sends when it has
  // failed sends nothing.
  void Send(int32_t partition, std::string_view key, std::string_view value,
            std::function<void()> acknowledged);
  // Takes the word of the brokers.
  void Poll();

  [[nodiscard]] bool failed() const { return producer_ == nullptr || !failure_.ok(); }
  [[nodiscard]] const absl::Status& failure() const { return failure_; }
  [[nodiscard]] bool HasRoom() const { return in_flight_bytes_ < kInFlightBytesMax; }
  [[nodiscard]] size_t in_flight_bytes() const { return in_flight_bytes_; }
  [[nodiscard]] size_t in_flight() const { return in_flight_; }
  // Since the start.
  [[nodiscard]] uint64_t messages() const { return messages_; }
  [[nodiscard]] uint64_t bytes() const { return bytes_; }

 private:
  const std::string topic_;
  const ProducerMaker make_;
  std::unique_ptr<kafka::KafkaProducer> producer_;
  uint64_t session_ = 0;  // of the producer: words about another are of no interest
  absl::Status failure_;
  size_t in_flight_bytes_ = 0, in_flight_ = 0;
  uint64_t messages_ = 0, bytes_ = 0;
};

}  // namespace signinwatch::ingest

#endif  // SIGNINWATCH_DAEMON_INGEST_SIGNAL_OUTPUT_H_
