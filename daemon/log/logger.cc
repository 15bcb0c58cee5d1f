#include "daemon/log/logger.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <utility>

#include "daemon/json/json_string.h"
#include "parser/utf8.h"

namespace signinwatch::log {
namespace {

constexpr std::string_view kCutMark = "...";

std::string FormatTime(LogTime time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t seconds = whole.time_since_epoch().count();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[64];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
  const auto millis = static_cast<int>((time - whole).count());
  std::snprintf(text + size, sizeof(text) - size, ".%03dZ", millis);
  return text;
}

// The first bytes of a text that is too long, whole characters only, and a mark.
std::string Cut(std::string_view text) {
  if (text.size() <= kLogValueBytesMax) return std::string(text);
  const size_t room = kLogValueBytesMax - kCutMark.size();
  size_t size = 0;
  while (true) {
    const size_t step = NextUtf8(text.substr(size)).size;
    if (size + step > room) break;
    size += step;
  }
  return std::string(text.substr(0, size)) += kCutMark;
}

bool IsBareInLogfmt(std::string_view text) {
  for (const char c : text) {
    if (c <= ' ' || c > '~' || c == '=' || c == '"' || c == '\\') return false;
  }
  return !text.empty();
}

void AppendField(config::LogFormat format, std::string_view key, std::string_view value, bool bare,
                 std::string* out) {
  const std::string text = Cut(value);
  if (format == config::LogFormat::kJson) {
    out->append(out->empty() ? "{" : ",");
    json::AppendJsonString(key, out);
    out->push_back(':');
  } else {
    if (!out->empty()) out->push_back(' ');
    out->append(key).push_back('=');
    bare = IsBareInLogfmt(text);
  }
  if (bare) {
    out->append(text);
  } else {
    json::AppendJsonString(text, out);  // also what logfmt readers take for a quoted value
  }
}

// One write, unless the other side takes only a part at a time.
bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (written == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string FormatLogLine(config::LogFormat format, LogTime time, config::LogLevel level,
                          std::string_view message, std::span<const LogField> fields,
                          uint64_t suppressed) {
  std::string line;
  AppendField(format, "time", FormatTime(time), false, &line);
  AppendField(format, "level", config::kLogLevelNames[static_cast<size_t>(level)], false, &line);
  AppendField(format, "msg", message, false, &line);
  for (const LogField& field : fields) {
    AppendField(format, field.key(), field.text(), field.bare(), &line);
  }
  if (suppressed > 0) {
    AppendField(format, "suppressed", std::to_string(suppressed), true, &line);
  }
  line.append(format == config::LogFormat::kJson ? "}\n" : "\n");
  return line;
}

Logger::Logger(const config::LogConfig& config, int fd, Clock clock)
    : clock_(std::move(clock)), config_(config), fd_(fd) {}

void Logger::Configure(const config::LogConfig& config, int fd) {
  const std::lock_guard lock(mutex_);
  config_ = config;
  fd_ = fd;
}

Logger::Repeats& Logger::RepeatsOf(std::string_view message) {
  if (const auto found = repeats_.find(message); found != repeats_.end()) return found->second;
  if (repeats_.size() >= kLogMessagesMax) return other_repeats_;
  return repeats_.emplace(message, Repeats{}).first->second;
}

void Logger::Log(config::LogLevel level, std::string_view message,
                 std::span<const LogField> fields) {
  const std::lock_guard lock(mutex_);
  if (level < config_.level) return;
  const LogTime now = clock_();
  Repeats& repeats = RepeatsOf(message);
  // The wall clock may be set back.
  if (now < repeats.minute || now >= repeats.minute + std::chrono::minutes(1)) {
    repeats.minute = now;
    repeats.lines = 0;
  }
  if (repeats.lines >= kLogRepeatsPerMinute) {
    ++repeats.suppressed;
    ++counts_.suppressed;
    return;
  }
  ++repeats.lines;
  const uint64_t suppressed = std::exchange(repeats.suppressed, 0);
  if (WriteAll(fd_, FormatLogLine(config_.format, now, level, message, fields, suppressed))) {
    ++counts_.written[static_cast<int>(level)];
  } else {
    ++counts_.failed;
  }
}

LogCounts Logger::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace signinwatch::log
