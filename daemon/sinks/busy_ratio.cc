#include "daemon/sinks/busy_ratio.h"

#include <utility>

namespace signinwatch {

void BusyRatio::Advance(Time now) {
  if (busy_) busy_now_ += now - since_;
  since_ = now;
  if (now - started_at_ < kSpan) return;
  span_before_ = now - std::exchange(started_at_, now);
  busy_before_ = std::exchange(busy_now_, {});
}

void BusyRatio::SetBusy(bool busy, Time now) {
  Advance(now);
  busy_ = busy;
}

double BusyRatio::At(Time now) {
  Advance(now);
  const std::chrono::duration<double> busy = busy_before_ + busy_now_;
  const std::chrono::duration<double> span = span_before_ + (now - started_at_);
  return span.count() > 0 ? busy.count() / span.count() : 0;
}

}  // namespace signinwatch
