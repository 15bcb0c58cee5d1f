// A sink that does as the test says.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_SCRIPTED_SINK_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_SCRIPTED_SINK_H_

#include <cstdint>
#include <functional>
#include <future>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "daemon/sinks/ticket_sink.h"

namespace signinwatch::sinks {

// Shared with the sink, which its delivery owns.
struct Script {
  std::mutex mutex;
  std::vector<std::pair<std::string, uint32_t>> sent;  // ticket, revision: each attempt
  std::function<SendResult(const store::Delivery&)> decide = [](const store::Delivery&) {
    return SendResult{};
  };
  std::function<clock::SteadyTime(clock::Instant)> tend = [](clock::Instant) {
    return clock::SteadyTime::max();
  };
  bool keeps_remote_tickets = false;
  std::promise<void> cancelled;

  size_t attempts() {
    const std::lock_guard lock(mutex);
    return sent.size();
  }
};

class ScriptedSink : public TicketSink {
 public:
  explicit ScriptedSink(Script* script) : script_(script) {}
  [[nodiscard]] std::vector<SendResult> Send(std::span<const store::Delivery> deliveries) override {
    std::vector<SendResult> results;
    for (const store::Delivery& delivery : deliveries) {
      {
        const std::lock_guard lock(script_->mutex);
        script_->sent.emplace_back(delivery.ticket_id, delivery.revision);
      }
      results.push_back(script_->decide(delivery));
    }
    return results;
  }
  [[nodiscard]] size_t batch_max() const override { return 10; }
  [[nodiscard]] bool keeps_remote_tickets() const override { return script_->keeps_remote_tickets; }
  [[nodiscard]] clock::SteadyTime Tend(clock::Instant now) override { return script_->tend(now); }
  void Cancel() override { script_->cancelled.set_value(); }

 private:
  Script* const script_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_SCRIPTED_SINK_H_
