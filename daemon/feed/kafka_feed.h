// Generated messages into a Kafka topic, each when it is due.
#ifndef SIGNINWATCH_DAEMON_FEED_KAFKA_FEED_H_
#define SIGNINWATCH_DAEMON_FEED_KAFKA_FEED_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "daemon/feed/pacer.h"
#include "daemon/generator/message_sink.h"
#include "daemon/kafka/kafka_producer.h"

namespace signinwatch::feed {

struct KafkaFeedOptions {
  std::string topic;
  // The generator's partition becomes the message's; else the client chooses.
  bool keep_partitions = false;
  Pace pace;
  EventTime start;                          // of the traffic
  std::function<EventTime()> now;           // wall time
  const std::atomic<bool>* stop = nullptr;  // set by another thread: no more is wanted
  std::chrono::milliseconds flush_timeout{90'000};
};

class KafkaFeed : public generator::MessageSink {
 public:
  // `producer` must outlive it, and is polled by it alone.
  KafkaFeed(KafkaFeedOptions options, kafka::KafkaProducer* producer);

  // Waits until the message is due, and for room in the producer's queue, which a broker that does
  // not answer empties by the producer's message timeout.
  bool Send(std::string_view message, uint32_t partition, EventTime exported_at) override;
  void Close() override;
  [[nodiscard]] std::string error() const override { return error_; }
  [[nodiscard]] uint64_t bytes() const override { return bytes_; }

 private:
  [[nodiscard]] bool ended() const;
  bool WaitUntil(EventTime due);
  void NoteResult(const absl::Status& status);

  KafkaFeedOptions options_;
  kafka::KafkaProducer* producer_;
  Pacer pacer_;
  uint64_t bytes_ = 0;
  std::string error_;  // the first
};

}  // namespace signinwatch::feed

#endif  // SIGNINWATCH_DAEMON_FEED_KAFKA_FEED_H_
