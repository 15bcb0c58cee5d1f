// What Log() wraps: a logger with its own clock and destination, so that tests can have theirs.
#ifndef SIGNINWATCH_DAEMON_LOG_LOGGER_H_
#define SIGNINWATCH_DAEMON_LOG_LOGGER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "daemon/config/serve_config.h"
#include "daemon/log/log.h"

namespace signinwatch::log {

inline constexpr size_t kLogValueBytesMax = 1'000;
// Messages whose repeats are counted apart. There are fewer literals in the program; if a message
// is made of varying text by mistake, those beyond share one count.
inline constexpr size_t kLogMessagesMax = 1'000;

using LogTime = std::chrono::sys_time<std::chrono::milliseconds>;

// One line with its end. `suppressed`: shown as the last field unless it is 0.
[[nodiscard]] std::string FormatLogLine(config::LogFormat format, LogTime time,
                                        config::LogLevel level, std::string_view message,
                                        std::span<const LogField> fields, uint64_t suppressed);

// Thread-safe.
class Logger {
 public:
  using Clock = std::function<LogTime()>;

  Logger(const config::LogConfig& config, int fd, Clock clock);

  void Configure(const config::LogConfig& config, int fd);
  void Log(config::LogLevel level, std::string_view message, std::span<const LogField> fields);
  [[nodiscard]] LogCounts counts() const;

 private:
  // A message's lines in the minute that began with the first of them.
  struct Repeats {
    LogTime minute;
    int lines = 0;
    uint64_t suppressed = 0;  // since the last line that got through
  };

  Repeats& RepeatsOf(std::string_view message);

  const Clock clock_;
  mutable std::mutex mutex_;  // held while writing: lines never mix
  config::LogConfig config_;
  int fd_;
  std::map<std::string, Repeats, std::less<>> repeats_;
  Repeats other_repeats_;
  LogCounts counts_;
};

}  // namespace signinwatch::log

#endif  // SIGNINWATCH_DAEMON_LOG_LOGGER_H_
