// Whether the process is near its memory budget (limits.memory), by what the system says it has.
//
// Each large user of memory has a share of the budget and keeps it by what it computes itself
// (config_shares in daemon/config). This looks at the sum, with all that nobody counts: the
// allocator, libraries, threads. Near the budget, reading waits until what was read is folded.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_MEMORY_GUARD_H_
#define SIGNINWATCH_DAEMON_PIPELINE_MEMORY_GUARD_H_

#include <cstddef>
#include <functional>

#include "daemon/clock/clock.h"

namespace signinwatch::pipeline {

// Of this process; 0: the system does not say.
[[nodiscard]] size_t ResidentBytes();

// One thread's.
class MemoryGuard {
 public:
  explicit MemoryGuard(size_t budget, std::function<size_t()> resident = ResidentBytes,
                       std::function<void()> give_back = GiveFreedMemoryBack);

  // Looks at most ten times a second. True above seven eighths of the budget; then memory that is
  // free is given back to the system at once, as it counts for the process while it is kept.
  [[nodiscard]] bool Near(clock::SteadyTime now);

 private:
  static void GiveFreedMemoryBack();

  const size_t near_;
  const std::function<size_t()> resident_;
  const std::function<void()> give_back_;
  clock::SteadyTime look_at_{}, give_back_at_{};
  bool is_near_ = false;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_MEMORY_GUARD_H_
