// What is to be seen to when the watermark has come to a time.
#ifndef SIGNINWATCH_DETECTORS_TIMER_QUEUE_H_
#define SIGNINWATCH_DETECTORS_TIMER_QUEUE_H_

#include <compare>
#include <functional>
#include <queue>
#include <vector>

#include "parser/event_time.h"

namespace signinwatch {

// A timer can't be taken back: whoever sets one looks, when it fires, whether it still counts.
template <typename Subject>
class TimerQueue {
 public:
  struct Timer {
    EventTime due;
    Subject subject;
    friend auto operator<=>(const Timer&, const Timer&) = default;
  };

  void Set(EventTime due, const Subject& subject) { timers_.push({due, subject}); }
  // kEndOfTime: none is set.
  [[nodiscard]] EventTime next_due() const {
    return timers_.empty() ? kEndOfTime : timers_.top().due;
  }
  // The earliest, of several at one time the one with the least subject. Only when one is set.
  [[nodiscard]] Timer Take() {
    const Timer timer = timers_.top();
    timers_.pop();
    return timer;
  }

 private:
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TIMER_QUEUE_H_
