// How busy a stage is: the share of its time that it works rather than waits. Head-room for
// capacity reviews: 1 - ratio.
#ifndef SIGNINWATCH_DAEMON_STEPS_BUSY_METER_H_
#define SIGNINWATCH_DAEMON_STEPS_BUSY_METER_H_

#include <array>
#include <cstdint>
#include <mutex>

#include "daemon/clock/clock.h"

namespace signinwatch::steps {

// Told by one thread, or several that do the same work; read by any. What is being done counts
// already. The lock is taken twice a piece of work.
class BusyMeter {
 public:
  explicit BusyMeter(clock::SteadyTime start, int threads = 1);

  // Counts the time it lives as busy.
  class Span {
   public:
    Span(BusyMeter& meter, const clock::Clock& clock) : meter_(meter), clock_(clock) {
      meter_.Begin(clock_.Steady());
    }
    ~Span() { meter_.End(clock_.Steady()); }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

   private:
    BusyMeter& meter_;
    const clock::Clock& clock_;
  };

  void Begin(clock::SteadyTime now);
  void End(clock::SteadyTime now);
  // Of the last ten whole seconds; 0 to 1.
  [[nodiscard]] double Ratio(clock::SteadyTime now) const;

 private:
  static constexpr int kSeconds = 10;
  struct Second {
    int64_t number = -1;  // since the start
    int64_t busy_us = 0;  // of all threads
  };
  // Those that are shown, and the one that runs.
  using Seconds = std::array<Second, kSeconds + 1>;

  // Counts what the threads at work have done since it was counted last.
  void CountUntil(int64_t now_us, Seconds* seconds) const;
  void Change(clock::SteadyTime now, int by);

  const clock::SteadyTime start_;
  const int threads_;

  mutable std::mutex mutex_;  // guards what follows
  Seconds seconds_;
  int64_t counted_us_ = 0;  // until then, since the start
  int working_ = 0;         // threads at work
};

}  // namespace signinwatch::steps

#endif  // SIGNINWATCH_DAEMON_STEPS_BUSY_METER_H_
