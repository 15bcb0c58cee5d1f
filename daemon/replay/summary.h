// What a replay says at its end: one line for people, one in JSON (SPEC 8).
#ifndef SIGNINWATCH_DAEMON_REPLAY_SUMMARY_H_
#define SIGNINWATCH_DAEMON_REPLAY_SUMMARY_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "daemon/replay/input_counts.h"
#include "detectors/detector.h"

namespace signinwatch::replay {

struct ReplaySummary {
  const InputCounts& input;
  const DetectorCounters& detection;
  uint64_t bursts = 0;
  size_t tickets = 0;
  size_t files = 0;
  uint64_t bytes = 0;  // of the files as they are stored
  double seconds = 0;  // wall time
};

// One line without its end. The contract's keys first; then, where there is something to say:
// `irrelevant_by_category`, `invalid_utf8` (replacements made) and `evictions` by kind.
[[nodiscard]] std::string SummaryJson(const ReplaySummary& summary);
// One line without its end.
[[nodiscard]] std::string SummaryText(const ReplaySummary& summary);
// Which limits of the detectors were reached, so that the answer may not be that of a batch
// (SPEC 4). Empty: none.
[[nodiscard]] std::string EvictionWarning(const DetectorCounters& detection);

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_SUMMARY_H_
