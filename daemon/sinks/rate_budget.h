// At most so many requests in any 60 s. Pure: time is an input.
#ifndef SIGNINWATCH_DAEMON_SINKS_RATE_BUDGET_H_
#define SIGNINWATCH_DAEMON_SINKS_RATE_BUDGET_H_

#include <chrono>
#include <cstddef>
#include <deque>

#include "daemon/clock/clock.h"

namespace signinwatch::sinks {

class RateBudget {
 public:
  // 0: no limit.
  explicit RateBudget(size_t per_minute) : per_minute_(per_minute) {}

  // How long until `requests` may be sent one after another; 0: now. More than a whole minute's are
  // waited for as a minute's.
  [[nodiscard]] std::chrono::milliseconds WaitFor(size_t requests, clock::SteadyTime now) const;
  // Whether a minute's budget is enough for so many.
  [[nodiscard]] bool HoldsAtOnce(size_t requests) const {
    return per_minute_ == 0 || requests <= per_minute_;
  }
  void Take(clock::SteadyTime now);  // one is sent

 private:
  // A request may take longer on its way than one that was sent later: the minute has a margin.
  static constexpr std::chrono::seconds kMinute{61};

  const size_t per_minute_;
  std::deque<clock::SteadyTime> sent_;  // the last per_minute_
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_RATE_BUDGET_H_
