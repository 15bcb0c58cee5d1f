// Who may reload by HTTP, and when: one at a time, at most one in kReloadEvery. A reload costs
// seconds without reading, so it must not be had for the asking again and again.
#ifndef SIGNINWATCH_DAEMON_SERVE_RELOAD_GATE_H_
#define SIGNINWATCH_DAEMON_SERVE_RELOAD_GATE_H_

#include <algorithm>
#include <chrono>
#include <mutex>
#include <optional>

namespace signinwatch::serve {

inline constexpr std::chrono::seconds kReloadEvery{10};

// Thread-safe.
class ReloadGate {
 public:
  using Clock = std::chrono::steady_clock;

  // 0: it may begin, and counts as begun. Else how many seconds to wait, at least 1.
  [[nodiscard]] int Enter(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (last_ && now < *last_ + kReloadEvery) {
      return static_cast<int>(
          std::chrono::ceil<std::chrono::seconds>(*last_ + kReloadEvery - now).count());
    }
    last_ = now;
    return 0;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::optional<Clock::time_point> last_;
};

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_RELOAD_GATE_H_
