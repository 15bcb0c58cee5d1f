// `signinwatch replay`: files through the same parser and detectors as the daemon (SPEC 8).
#ifndef SIGNINWATCH_DAEMON_REPLAY_REPLAY_H_
#define SIGNINWATCH_DAEMON_REPLAY_REPLAY_H_

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/config.h"
#include "parser/event_time.h"

namespace signinwatch::replay {

struct ReplayOptions {
  std::vector<std::string> paths;  // each an input partition; "-" is standard input
  EventTime now;                   // the reference time of `future`
  bool events = false;             // every revision instead of the final tickets
  std::string dead_letters;        // a path; empty: rejected records are only counted
  enum class Format { kJson, kText } format = Format::kJson;
  int parse_threads = 0;  // 0: one for each processor
};

// Tickets go to `out`, messages, progress and the summary line to `err`. The result is the exit
// code: 0 fine, 1 failed while running, 2 a path that can't be opened. The same for any number of
// threads.
[[nodiscard]] int RunReplay(const config::Config& config, const ReplayOptions& options,
                            std::FILE* out, std::FILE* err);

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_REPLAY_H_
