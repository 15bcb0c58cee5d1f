// The log: one line a fact, on standard error, as logfmt or JSON.
//
//   Log(LogLevel::kWarning, "delivery failed", {{"sink", name}, {"attempt", attempts}});
//   time=2026-11-26T05:41:00.123Z level=warning msg="delivery failed" sink=soc attempt=3
//
// Never give it a secret or a payload. A value is cut at 1,000 bytes, control characters and
// invalid UTF-8 are escaped, so a line is always one line. The same message more often than
// `kLogRepeatsPerMinute` times a minute is suppressed; the next line that gets through says how
// many were ("suppressed=12"). Thread-safe; a line is one write(2).
#ifndef SIGNINWATCH_DAEMON_LOG_LOG_H_
#define SIGNINWATCH_DAEMON_LOG_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "daemon/config/serve_config.h"

namespace signinwatch {

inline constexpr int kLogRepeatsPerMinute = 10;

class LogField {
 public:
  LogField(std::string_view key, std::string_view text) : key_(key), text_(text) {}
  LogField(std::string_view key, const char* text) : key_(key), text_(text) {}
  LogField(std::string_view key, const std::string& text) : key_(key), text_(text) {}
  template <typename T>
  requires std::is_arithmetic_v<T> LogField(std::string_view key, T number)
      : key_(key),
        text_(std::is_same_v<T, bool> ? (number ? "true" : "false") : std::to_string(number)),
        bare_(true) {}

  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool bare() const { return bare_; }  // a number or truth value: no quotes in JSON

 private:
  std::string_view key_;  // a literal
  std::string text_;
  bool bare_ = false;
};

// Before the first use from several threads. `fd`: where lines go.
void ConfigureLog(const LogConfig& config, int fd = 2);

// `message` is a literal: it is what repeats are counted by.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// Lines written and suppressed since the start, by level: for the metrics.
struct LogCounts {
  uint64_t written[4] = {};
  uint64_t suppressed = 0;
};
[[nodiscard]] LogCounts GetLogCounts();

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_LOG_LOG_H_
