// Sessions that were nearly bursts, for people: by what a threshold would have to be lower.
//
//   Nearly bursts: 3 (within a fifth of a threshold)
//   2026-11-24 09:00  9 of 10 failures in 08:41  user-session-invalid  alex.example@contoso.example
#ifndef SIGNINWATCH_DAEMON_REPLAY_NEAR_MISS_TABLE_H_
#define SIGNINWATCH_DAEMON_REPLAY_NEAR_MISS_TABLE_H_

#include <cstddef>
#include <span>
#include <string>

#include "detectors/near_miss.h"

namespace signinwatch::replay {

// Whole lines, the fullest first, `most` of them; empty if there are none. Text from records can't
// do harm to a terminal.
[[nodiscard]] std::string NearMissTable(std::span<const NearMiss> misses, size_t most);

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_NEAR_MISS_TABLE_H_
