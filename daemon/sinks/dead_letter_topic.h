// Rejected records as messages of a Kafka topic: the value is the original bytes; the headers, all
// of them text, are those that Kafka Connect writes and that tools for dead-letter topics show:
//
//   __connect.errors.topic, __connect.errors.partition, __connect.errors.offset
//                                       where it came from
//   __connect.errors.exception.message  "no_time: ...", for people
//   signinwatch.reason                  no_time, damaged, ... (SPEC 3.3)
//   signinwatch.detail
//   signinwatch.truncated               only where the topic does not take a message of that size:
//                                       the value is its first part, and this its full size
//
// (Spring's kafka_dlt-* headers hold binary numbers, which kcat and consoles can't show.) There is
// no key: dead letters spread over the partitions.
#ifndef SIGNINWATCH_DAEMON_SINKS_DEAD_LETTER_TOPIC_H_
#define SIGNINWATCH_DAEMON_SINKS_DEAD_LETTER_TOPIC_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"
#include "daemon/json/dead_letter.h"
#include "daemon/kafka/kafka_producer.h"

namespace signinwatch::sinks {

// A dead letter that waits to be safe.
struct WaitingLetter {
  json::DeadLetter letter;
  bool in_file = false;
  // Shared with the producer's callback, which may come when the letter has gone.
  struct InTopic {
    enum class State : uint8_t { kWaiting, kUnderWay, kDone } state = State::kWaiting;
    absl::Status error;   // of the last attempt
    size_t size_max = 0;  // no more of the payload is sent than this
  };
  std::shared_ptr<InTopic> in_topic;
};

class DeadLetterTopic {
 public:
  DeadLetterTopic(std::unique_ptr<kafka::KafkaProducer> producer, std::string topic,
                  const clock::Clock& clock)
      : producer_(std::move(producer)), topic_(std::move(topic)), clock_(clock) {}

  // Until all are acknowledged by the broker. After an error those that are not stay under way, or
  // are sent again by the next call.
  absl::Status Send(const std::deque<WaitingLetter>& letters, std::chrono::milliseconds timeout);

 private:
  void Produce(const WaitingLetter& letter, clock::SteadyTime deadline);
  void WaitFor(const WaitingLetter& letter, clock::SteadyTime deadline);
  void SendAlone(const WaitingLetter& letter, clock::SteadyTime deadline);

  const std::unique_ptr<kafka::KafkaProducer> producer_;
  const std::string topic_;
  const clock::Clock& clock_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_DEAD_LETTER_TOPIC_H_
