// When a server that stops has to be done with what it has begun.
#ifndef SIGNINWATCH_DAEMON_HTTP_CLOSING_TIME_H_
#define SIGNINWATCH_DAEMON_HTTP_CLOSING_TIME_H_

#include <atomic>
#include <chrono>

namespace signinwatch {

// Thread-safe.
class ClosingTime {
 public:
  using Clock = std::chrono::steady_clock;

  void Begin(std::chrono::milliseconds patience) {
    end_ = (Clock::now() + patience).time_since_epoch().count();
    begun_ = true;
  }
  [[nodiscard]] bool begun() const { return begun_; }
  // The end of time until it has begun.
  [[nodiscard]] Clock::time_point end() const {
    return Clock::time_point(Clock::duration(end_.load()));
  }

 private:
  std::atomic<bool> begun_{false};
  std::atomic<Clock::rep> end_{Clock::time_point::max().time_since_epoch().count()};
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_CLOSING_TIME_H_
