#include "daemon/sinks/rate_budget.h"

#include <algorithm>

namespace signinwatch::sinks {

std::chrono::milliseconds RateBudget::WaitFor(size_t requests, clock::SteadyTime now) const {
  using std::chrono::milliseconds;
  requests = std::min(requests, per_minute_);
  if (requests == 0 || sent_.size() + requests <= per_minute_) return milliseconds(0);
  // So many of the oldest have to be over.
  const clock::SteadyTime over = sent_[sent_.size() + requests - per_minute_ - 1] + kMinute;
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(over - now));
}

void RateBudget::Take(clock::SteadyTime now) {
  if (per_minute_ == 0) return;
  if (sent_.size() == per_minute_) sent_.pop_front();
  sent_.push_back(now);
}

}  // namespace signinwatch::sinks
