#include "detectors/failure_times.h"

#include <algorithm>

namespace signinwatch {

bool FailureTimes::Add(EventTime t, Duration bucket, size_t keep) {
  const auto place = std::upper_bound(times_.begin(), times_.end(), t);
  const EventTime begin = t - (t.time_since_epoch() % bucket);
  const auto first = std::lower_bound(times_.begin(), place, begin);
  const auto last = std::lower_bound(place, times_.end(), begin + bucket);
  if (static_cast<size_t>(last - first) < 2 * keep) {
    times_.insert(place, t);
    return true;
  }
  // The bucket is full: t matters only among its `keep` earliest or latest.
  const auto late_half = first + static_cast<ptrdiff_t>(keep);
  if (place < late_half) {
    std::move_backward(place, late_half - 1, late_half);
    *place = t;
    return true;
  }
  if (place > late_half) {
    std::move(late_half + 1, place, late_half);
    *(place - 1) = t;
    return true;
  }
  return false;
}

size_t FailureTimes::CountIn(EventTime from, EventTime to) const {
  const auto first = std::lower_bound(times_.begin(), times_.end(), from);
  return static_cast<size_t>(std::upper_bound(first, times_.end(), to) - first);
}

bool FailureTimes::Prune(EventTime horizon) {
  const auto first = std::lower_bound(times_.begin(), times_.end(), horizon);
  const bool any = first != times_.begin();
  times_.erase(times_.begin(), first);
  return any;
}

}  // namespace signinwatch
