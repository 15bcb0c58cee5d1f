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

#include <charconv>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

#include "daemon/config/serve_config.h"

namespace signinwatch::log {

inline constexpr int kLogRepeatsPerMinute = 10;

class LogField {
 public:
  LogField(std::string_view key, const char* text) : key_(key), text_(text) {}
  // Any text: std::string, std::string_view and absl::string_view, which is another.
  template <typename T>
  requires requires(const T& text) { std::string(text.data(), text.size()); }
  LogField(std::string_view key, const T& text) : key_(key), text_(text.data(), text.size()) {}
  template <typename T>
  requires std::is_arithmetic_v<T> LogField(std::string_view key, T number)
      : key_(key), text_(ToText(number)), bare_(IsFinite(number)) {}

  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool bare() const { return bare_; }  // a number or truth value: no quotes in JSON

 private:
  template <typename T>
  static std::string ToText(T number) {
    if constexpr (std::is_same_v<T, bool>) {
      return number ? "true" : "false";
    } else {
      char digits[32];  // the shortest text that reads back as the same number is 24 at most
      return {digits, std::to_chars(digits, digits + sizeof(digits), number).ptr};
    }
  }
  template <typename T>
  static bool IsFinite(T number) {
    if constexpr (std::is_floating_point_v<T>) return std::isfinite(number);
    return true;
  }

  std::string_view key_;  // a literal
  std::string text_;
  bool bare_ = false;
};

// At the start, and again when the configuration changes. `fd`: where lines go.
void ConfigureLog(const config::LogConfig& config, int fd = 2);

// `message` is a literal: it is what repeats are counted by.
void Log(config::LogLevel level, std::string_view message,
         std::initializer_list<LogField> fields = {});

// Since the start: for the metrics. What the configured level leaves out is not in it.
struct LogCounts {
  uint64_t written[4] = {};  // by level
  uint64_t suppressed = 0;   // repeats
  uint64_t failed = 0;       // could not be written: a full disk, a closed pipe
};
[[nodiscard]] LogCounts GetLogCounts();

}  // namespace signinwatch::log

#endif  // SIGNINWATCH_DAEMON_LOG_LOG_H_
