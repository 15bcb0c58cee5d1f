#include "daemon/steps/busy_meter.h"

#include <algorithm>
#include <chrono>

namespace signinwatch::steps {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

int64_t MicrosecondsBetween(clock::SteadyTime from, clock::SteadyTime to) {
  return std::chrono::duration_cast<std::chrono::microseconds>(to - from).count();
}

}  // namespace

BusyMeter::BusyMeter(clock::SteadyTime start, int threads) : start_(start), threads_(threads) {}

void BusyMeter::CountUntil(int64_t now_us, Seconds* seconds) const {
  // What is older than is shown is of no interest.
  int64_t from = std::max(counted_us_, now_us - static_cast<int64_t>(seconds->size()) * kSecondUs);
  while (working_ > 0 && from < now_us) {
    const int64_t number = from / kSecondUs;
    const int64_t until = std::min(now_us, (number + 1) * kSecondUs);
    Second& second = (*seconds)[static_cast<size_t>(number) % seconds->size()];
    if (second.number != number) second = {.number = number, .busy_us = 0};
    second.busy_us += working_ * (until - from);
    from = until;
  }
}

void BusyMeter::Change(clock::SteadyTime now, int by) {
  const int64_t now_us = MicrosecondsBetween(start_, now);
  const std::lock_guard lock(mutex_);
  CountUntil(now_us, &seconds_);
  // Threads come here in another order than they looked at the clock, now and then.
  counted_us_ = std::max(counted_us_, now_us);
  working_ += by;
}

void BusyMeter::Begin(clock::SteadyTime now) { Change(now, 1); }
void BusyMeter::End(clock::SteadyTime now) { Change(now, -1); }

double BusyMeter::Ratio(clock::SteadyTime now) const {
  const int64_t now_us = MicrosecondsBetween(start_, now);
  const int64_t current = now_us / kSecondUs;
  // Before the first second is over there is nothing to say.
  const int64_t oldest = std::max<int64_t>(current - kSeconds, 0);
  if (current <= oldest) return 0;
  Seconds seconds;
  {
    const std::lock_guard lock(mutex_);
    seconds = seconds_;
    CountUntil(now_us, &seconds);
  }
  int64_t busy_us = 0;
  for (const Second& second : seconds) {
    if (second.number >= oldest && second.number < current) busy_us += second.busy_us;
  }
  const double whole = static_cast<double>((current - oldest) * kSecondUs) * threads_;
  return std::min(1.0, static_cast<double>(busy_us) / whole);
}

}  // namespace signinwatch::steps
