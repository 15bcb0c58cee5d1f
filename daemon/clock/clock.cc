#include "daemon/clock/clock.h"

namespace signinwatch::clock {
namespace {

class TheSystemClock : public Clock {
 public:
  [[nodiscard]] SteadyTime Steady() const override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] EventTime Wall() const override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
};

}  // namespace

const Clock& SystemClock() {
  static const TheSystemClock clock;
  return clock;
}

}  // namespace signinwatch::clock
