#include "daemon/feed/pacer.h"

#include <algorithm>
#include <chrono>

namespace signinwatch::feed {

EventTime Pacer::NextDue(EventTime exported_at) {
  if (pace_.speed != 0) {
    const Duration passed = exported_at - start_ - pace_.head_start;
    return std::max(exported_at, began_ + std::max(passed, Duration{0}) / pace_.speed);
  }
  if (pace_.rate == 0) return began_;
  const uint64_t before = messages_++;
  // Whole seconds apart, so that nothing overflows in a lifetime.
  return began_ + std::chrono::seconds(before / pace_.rate) +
         std::chrono::duration_cast<Duration>(std::chrono::seconds(before % pace_.rate)) /
             pace_.rate;
}

}  // namespace signinwatch::feed
