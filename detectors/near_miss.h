// A session that was nearly a burst: for setting thresholds by looking (SPEC 5 knows no such thing;
// nothing follows from one).
#ifndef SIGNINWATCH_DETECTORS_NEAR_MISS_H_
#define SIGNINWATCH_DETECTORS_NEAR_MISS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "detectors/config.h"
#include "parser/event_time.h"

namespace signinwatch {

// The fullest window of a session that closed without a burst and came within a fifth of the
// detector's threshold and of its min_users. A function of the records, as bursts are.
struct NearMiss {
  std::string detector;
  GroupBy scope = GroupBy::kUser;
  std::string tenant_id;
  std::string user;  // name, or object id where none is known; empty for tenants
  uint64_t events = 0;
  uint64_t users = 0;  // 1 for detectors of users
  uint32_t threshold_events = 0;
  uint32_t threshold_users = 0;
  EventTime first_event_time;  // of the window
  EventTime last_event_time;
};

// So many wait to be taken at most; the latest are kept.
inline constexpr size_t kNearMissesMax = 1'000;

class NearMissList {
 public:
  void Add(NearMiss miss) {
    if (misses_.size() == kNearMissesMax) misses_.pop_front();
    misses_.push_back(std::move(miss));
  }
  [[nodiscard]] std::vector<NearMiss> Take() {
    const std::deque<NearMiss> taken = std::exchange(misses_, {});
    return {taken.begin(), taken.end()};
  }

 private:
  std::deque<NearMiss> misses_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_NEAR_MISS_H_
