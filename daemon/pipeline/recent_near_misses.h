// The latest sessions that were nearly bursts, kept over a restart: rows of state of their own, a
// ring of kMax. Nothing follows from one, so a row that can't be read is left out.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_RECENT_NEAR_MISSES_H_
#define SIGNINWATCH_DAEMON_PIPELINE_RECENT_NEAR_MISSES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "detectors/near_miss.h"
#include "detectors/state_row.h"

namespace signinwatch::pipeline {

class RecentNearMisses {
 public:
  static constexpr size_t kMax = 50;

  // The row that is to be committed.
  [[nodiscard]] StateRow Add(NearMiss miss);

  // False: the row is none of these, and the detector's.
  bool Load(const StateRow& row);

  // In the order of their closing.
  [[nodiscard]] std::vector<NearMiss> All() const;

 private:
  std::map<uint64_t, NearMiss> misses_;  // by number, from 1; at most kMax
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_RECENT_NEAR_MISSES_H_
