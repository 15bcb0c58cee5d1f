// A line that shows on a terminal how far a replay is.
#ifndef SIGNINWATCH_DAEMON_REPLAY_PROGRESS_H_
#define SIGNINWATCH_DAEMON_REPLAY_PROGRESS_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include "daemon/clock/clock.h"

namespace signinwatch::replay {

// "1.2 GB": powers of ten, two or three digits.
[[nodiscard]] std::string FormatBytes(double bytes);

class Progress {
 public:
  // Shows nothing when `err` is no terminal. `total_bytes`: nullopt when it can't be known.
  // `clock` outlives it.
  Progress(std::FILE* err, std::optional<uint64_t> total_bytes, const clock::Clock& clock);
  ~Progress() { Clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Cheap; writes a few times a second.
  void Show(uint64_t bytes, size_t tickets);
  // Before anything else is written to the terminal.
  void Clear();

 private:
  std::FILE* const err_;
  const bool enabled_;
  const std::optional<uint64_t> total_bytes_;
  const clock::Clock& clock_;
  const clock::SteadyTime start_ = clock_.Steady();
  clock::SteadyTime next_;
  bool shown_ = false;
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_PROGRESS_H_
