// Watched failures by code over the last day of event time: the plot of the status page.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_FAILURE_HISTORY_H_
#define SIGNINWATCH_DAEMON_PIPELINE_FAILURE_HISTORY_H_

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "daemon/store/state_store.h"
#include "parser/event_time.h"

namespace signinwatch::pipeline {

// Bounded by the number of buckets in kFailureHistory times that of watched codes. Not thread-safe.
inline constexpr Duration kFailureHistory = kDay;

class FailureHistory {
 public:
  explicit FailureHistory(const std::vector<store::FailureCount>& restored);

  void Count(EventTime event_time, int64_t code);
  // All counts that are not older than a day before the latest, by bucket, then code.
  [[nodiscard]] std::vector<store::FailureCount> All() const;
  // Those that changed since the last call.
  [[nodiscard]] std::vector<store::FailureCount> TakeChanged();

 private:
  using Key = std::pair<EventTime, int64_t>;
  void Prune();

  std::map<Key, uint64_t> counts_;
  std::set<Key> changed_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_FAILURE_HISTORY_H_
