#include "daemon/pipeline/busy_meter.h"

#include <algorithm>

namespace signinwatch {
namespace {

using std::chrono::microseconds;
constexpr int64_t kSecondUs = 1'000'000;

int64_t MicrosecondsBetween(BusyMeter::Clock::time_point from, BusyMeter::Clock::time_point to) {
  return std::chrono::duration_cast<microseconds>(to - from).count();
}

}  // namespace

BusyMeter::BusyMeter(int threads, Clock::time_point start) : threads_(threads), start_(start) {}

void BusyMeter::Add(Clock::time_point from, Clock::time_point to) {
  int64_t begin = std::max<int64_t>(MicrosecondsBetween(start_, from), 0);
  const int64_t end = MicrosecondsBetween(start_, to);
  // What is older than the slots reach is of no interest.
  begin = std::max(begin, end - kSlots * kSecondUs);
  while (begin < end) {
    const int64_t second = begin / kSecondUs;
    const int64_t until = std::min(end, (second + 1) * kSecondUs);
    std::atomic<uint64_t>& slot = slots_[static_cast<size_t>(second % kSlots)];
    const uint64_t number = static_cast<uint64_t>(second + 1) << 32;
    uint64_t old = slot.load(std::memory_order_relaxed);
    uint64_t next = 0;
    do {
      next = (old >> 32 << 32 == number ? old : number) + static_cast<uint64_t>(until - begin);
    } while (!slot.compare_exchange_weak(old, next, std::memory_order_relaxed));
    begin = until;
  }
}

double BusyMeter::Ratio(Clock::time_point now) const {
  const int64_t current = MicrosecondsBetween(start_, now) / kSecondUs;
  // Before the first second is over there is nothing to say.
  const int64_t oldest = std::max<int64_t>(current - (kSlots - 1), 0);
  if (current == oldest) return 0;
  int64_t busy_us = 0;
  for (int64_t second = oldest; second < current; ++second) {
    const uint64_t slot =
        slots_[static_cast<size_t>(second % kSlots)].load(std::memory_order_relaxed);
    if (slot >> 32 == static_cast<uint64_t>(second + 1)) {
      busy_us += static_cast<int64_t>(slot & 0xffffffff);
    }
  }
  const double whole = static_cast<double>((current - oldest) * kSecondUs) * threads_;
  return std::min(1.0, static_cast<double>(busy_us) / whole);
}

}  // namespace signinwatch
