// A clock that stands until it is told otherwise.
#ifndef SIGNINWATCH_TESTS_DAEMON_CLOCK_MANUAL_CLOCK_H_
#define SIGNINWATCH_TESTS_DAEMON_CLOCK_MANUAL_CLOCK_H_

#include <atomic>

#include "daemon/clock/clock.h"

namespace signinwatch::clock {

class ManualClock : public Clock {
 public:
  // `wall` is where the wall clock stands first; the steady clock is anywhere.
  explicit ManualClock(EventTime wall) : wall_(wall) {}

  [[nodiscard]] SteadyTime Steady() const override {
    return SteadyTime(std::chrono::hours(100) + passed_.load());
  }
  [[nodiscard]] EventTime Wall() const override { return wall_.load() + passed_.load(); }

  void Advance(Duration by) { passed_ = passed_.load() + by; }
  // Forward only.
  void AdvanceTo(SteadyTime time) {
    if (time > Steady()) Advance(std::chrono::ceil<Duration>(time - Steady()));
  }
  // As an operator does.
  void SetWall(EventTime wall) { wall_ = wall - passed_.load(); }

 private:
  std::atomic<EventTime> wall_;
  std::atomic<Duration> passed_ = Duration(0);
};

}  // namespace signinwatch::clock

#endif  // SIGNINWATCH_TESTS_DAEMON_CLOCK_MANUAL_CLOCK_H_
