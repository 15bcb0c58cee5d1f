// Where time comes from: given to whoever needs it, so that a test or a simulation says what time
// it is. Nothing but what puts the program together asks the system's clocks.
#ifndef SIGNINWATCH_DAEMON_CLOCK_CLOCK_H_
#define SIGNINWATCH_DAEMON_CLOCK_CLOCK_H_

#include <chrono>

#include "parser/event_time.h"

namespace signinwatch::clock {

// For spans, deadlines and schedules: never goes back.
using SteadyTime = std::chrono::steady_clock::time_point;

// One moment by both clocks.
struct Instant {
  SteadyTime steady;
  EventTime wall;  // for what is stored, shown or compared with records; may be set by an operator
};

// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual SteadyTime Steady() const = 0;
  [[nodiscard]] virtual EventTime Wall() const = 0;
  [[nodiscard]] Instant Now() const { return {.steady = Steady(), .wall = Wall()}; }
};

// The system's. Lives as long as the process.
[[nodiscard]] const Clock& SystemClock();

}  // namespace signinwatch::clock

#endif  // SIGNINWATCH_DAEMON_CLOCK_CLOCK_H_
