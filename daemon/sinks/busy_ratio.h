// What share of the last ten seconds or so somebody was busy. Pure: time is an input.
#ifndef SIGNINWATCH_DAEMON_SINKS_BUSY_RATIO_H_
#define SIGNINWATCH_DAEMON_SINKS_BUSY_RATIO_H_

#include <chrono>

namespace signinwatch {

class BusyRatio {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit BusyRatio(Time now) : started_at_(now), since_(now) {}

  void SetBusy(bool busy, Time now);
  // From 0 to 1, over the span that is running and the one before.
  [[nodiscard]] double At(Time now);

 private:
  static constexpr std::chrono::seconds kSpan{5};
  void Advance(Time now);

  bool busy_ = false;
  Time started_at_;  // of the running span
  Time since_;       // until then it is counted
  std::chrono::steady_clock::duration busy_now_{0};
  std::chrono::steady_clock::duration busy_before_{0};
  std::chrono::steady_clock::duration span_before_{0};
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_SINKS_BUSY_RATIO_H_
