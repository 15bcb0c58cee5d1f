// Tickets as JSON lines on standard output, or another descriptor that is a pipe or a terminal.
//
// A reader that does not read does not hang the thread: what could not be written in time is tried
// again. Of a line that was begun the rest is written before anything else, so lines are whole.
#ifndef SIGNINWATCH_DAEMON_SINKS_STDOUT_STDOUT_SINK_H_
#define SIGNINWATCH_DAEMON_SINKS_STDOUT_STDOUT_SINK_H_

#include <atomic>
#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "daemon/sinks/sink_parts.h"

namespace signinwatch::sinks {

class StdoutSink : public TicketSink {
 public:
  explicit StdoutSink(int fd, std::chrono::milliseconds timeout = std::chrono::seconds(5))
      : fd_(fd), timeout_(timeout) {}

  [[nodiscard]] std::vector<SendResult> Send(std::span<const store::Delivery> deliveries) override;
  [[nodiscard]] size_t batch_max() const override { return 100; }
  void Cancel() override { cancelled_ = true; }

 private:
  // Writes `text` from its beginning and takes off what was written. Empty: all of it was; else why
  // not.
  std::string Write(std::string* text);

  const int fd_;
  const std::chrono::milliseconds timeout_;
  std::atomic<bool> cancelled_{false};
  std::string rest_;    // of a line that was begun
  int64_t begun_ = -1;  // the sequence of the last such line: with its rest it is delivered
};

[[nodiscard]] TicketSinkOr MakeStdoutSink(const config::SinkConfig& config, const SinkParts& parts);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_STDOUT_STDOUT_SINK_H_
