// How busy a stage is: the share of its time that it works rather than waits. Head-room for
// capacity reviews: 1 - ratio.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_BUSY_METER_H_
#define SIGNINWATCH_DAEMON_PIPELINE_BUSY_METER_H_

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace signinwatch {

// Marked by one thread, or several that do the same work; read by any.
class BusyMeter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit BusyMeter(int threads = 1, Clock::time_point start = Clock::now());

  // Counts the time it lives as busy.
  class Span {
   public:
    explicit Span(BusyMeter& meter) : meter_(meter), start_(Clock::now()) {}
    ~Span() { meter_.Add(start_, Clock::now()); }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

   private:
    BusyMeter& meter_;
    Clock::time_point start_;
  };

  void Add(Clock::time_point from, Clock::time_point to);
  // Of the last kSlots - 1 whole seconds; 0 to 1.
  [[nodiscard]] double Ratio(Clock::time_point now = Clock::now()) const;

 private:
  static constexpr int kSlots = 11;
  // A second's number in the upper bits, busy microseconds in the lower 32.
  std::array<std::atomic<uint64_t>, kSlots> slots_{};
  const int threads_;
  const Clock::time_point start_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_PIPELINE_BUSY_METER_H_
