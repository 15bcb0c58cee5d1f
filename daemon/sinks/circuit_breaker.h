// Whether a sink's other side is tried at all. Pure: time is an input.
//
//   closed     all is tried
//   open       nothing is, until a time: the last attempt found the other side at fault
//   half open  that time has come: one delivery is tried, and decides
#ifndef SIGNINWATCH_DAEMON_SINKS_CIRCUIT_BREAKER_H_
#define SIGNINWATCH_DAEMON_SINKS_CIRCUIT_BREAKER_H_

#include <array>
#include <cstdint>

#include "daemon/clock/clock.h"

namespace signinwatch::sinks {

class CircuitBreaker {
 public:
  enum class State : uint8_t { kClosed, kOpen, kHalfOpen };

  [[nodiscard]] State StateAt(clock::SteadyTime now) const {
    if (outages_ == 0) return State::kClosed;
    return now < open_until_ ? State::kOpen : State::kHalfOpen;
  }
  // In a row; 0: closed.
  [[nodiscard]] int outages() const { return outages_; }
  [[nodiscard]] clock::SteadyTime open_until() const { return open_until_; }

  void Open(clock::SteadyTime until) {
    ++outages_;
    open_until_ = until;
  }
  void Close() { outages_ = 0; }

 private:
  int outages_ = 0;
  clock::SteadyTime open_until_{};
};

inline constexpr std::array kBreakerStates = {
    CircuitBreaker::State::kClosed, CircuitBreaker::State::kOpen, CircuitBreaker::State::kHalfOpen};

[[nodiscard]] inline const char* BreakerStateName(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::kClosed:
      return "closed";
    case CircuitBreaker::State::kOpen:
      return "open";
    case CircuitBreaker::State::kHalfOpen:
      return "half_open";
  }
  return "";
}

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_CIRCUIT_BREAKER_H_
