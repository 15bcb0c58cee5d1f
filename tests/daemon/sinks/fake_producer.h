// A Kafka producer that does what a test says, at the moment the test's code polls.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_PRODUCER_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_PRODUCER_H_

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/kafka/kafka_producer.h"

namespace signinwatch::sinks {

class FakeProducer : public kafka::KafkaProducer {
 public:
  struct Message {
    std::string topic;
    std::string key;
    std::string value;
    std::map<std::string, std::string> headers;
  };
  // What becomes of a message: by default the broker takes it.
  std::function<absl::Status(const Message&)> decide = [](const Message&) {
    return absl::OkStatus();
  };
  size_t queue_max = 1'000;
  bool answers = true;  // false: Poll brings nothing

  absl::Status Produce(const kafka::ProducedMessage& message, Done done) override {
    if (waiting_.size() >= queue_max) return absl::ResourceExhaustedError("queue full");
    ++produced_;
    waiting_.push_back({{std::string(message.topic),
                         std::string(message.key),
                         std::string(message.value),
                         {message.headers.begin(), message.headers.end()}},
                        std::move(done)});
    return absl::OkStatus();
  }
  void Poll(std::chrono::milliseconds) override {
    if (!answers) return;
    while (!waiting_.empty()) {
      auto [message, done] = std::move(waiting_.front());
      waiting_.pop_front();
      const absl::Status status = decide(message);
      if (status.ok()) taken_.push_back(std::move(message));
      done(status);
    }
  }
  absl::Status Flush(std::chrono::milliseconds timeout) override {
    Poll(timeout);
    return waiting_.empty() ? absl::OkStatus() : absl::DeadlineExceededError("flush");
  }

  [[nodiscard]] const std::vector<Message>& taken() const { return taken_; }
  [[nodiscard]] size_t produced() const { return produced_; }

 private:
  std::deque<std::pair<Message, Done>> waiting_;
  std::vector<Message> taken_;
  size_t produced_ = 0;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_FAKE_PRODUCER_H_
