// When a user had failures of the kinds that explain bursts (50126; 50055 and 50144), thinned.
//
// A client that hammers makes thousands of them, but the contract only asks whether a closed span
// of at least some length has none, or at least `keep` of them. Of each bucket of event time
// shorter than that length, the `keep` earliest and the `keep` latest times answer exactly: a span
// that meets a bucket reaches over one of the bucket's ends, and so counts from that end.
#ifndef SIGNINWATCH_DETECTORS_FAILURE_TIMES_H_
#define SIGNINWATCH_DETECTORS_FAILURE_TIMES_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "parser/event_time.h"

namespace signinwatch {

class FailureTimes {
 public:
  // `bucket` must be shorter than every span that is asked for.
  bool Add(EventTime t, Duration bucket, size_t keep);
  // How many times in [from, to]; exact up to `keep` of Add.
  [[nodiscard]] size_t CountIn(EventTime from, EventTime to) const;
  // Forgets times before `horizon`. True when there were any.
  bool Prune(EventTime horizon);

  [[nodiscard]] bool empty() const { return times_.empty(); }
  [[nodiscard]] const std::vector<EventTime>& times() const { return times_; }
  void Restore(std::vector<EventTime> times) { times_ = std::move(times); }

 private:
  std::vector<EventTime> times_;  // sorted
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_FAILURE_TIMES_H_
