#include "daemon/sinks/retry_after.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "parser/event_time.h"

namespace signinwatch::sinks {

std::chrono::milliseconds ParseRetryAfter(const std::string& text,
                                          std::chrono::system_clock::time_point now) {
  constexpr std::chrono::milliseconds kNone{0};
  constexpr std::chrono::milliseconds kMost = kRetryAfterMax;
  // Before the date: a date is no number, but curl takes some numbers for dates.
  if (int64_t seconds = 0; absl::SimpleAtoi(text, &seconds)) {
    const int64_t most = std::chrono::seconds(kRetryAfterMax).count();
    return std::chrono::seconds(std::clamp<int64_t>(seconds, 0, most));
  }
  const std::optional<std::chrono::sys_seconds> date = http_client::ParseHttpDate(text);
  if (!date) return kNone;
  const auto span = std::chrono::ceil<std::chrono::milliseconds>(*date - now);
  return std::clamp(span, kNone, kMost);
}

std::chrono::milliseconds WaitAskedFor(const http_client::HttpResponse& response,
                                       std::chrono::system_clock::time_point now) {
  if (!response.retry_after.empty()) return ParseRetryAfter(response.retry_after, now);
  const auto header = [&response](const char* name) {
    const auto at = response.headers.find(name);
    return at == response.headers.end() ? std::string() : at->second;
  };
  const auto until = [now](std::chrono::system_clock::time_point moment) {
    constexpr std::chrono::milliseconds kNone{0};
    return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(moment - now), kNone,
                      std::chrono::milliseconds(kRetryAfterMax));
  };
  const std::string reset = header("x-ratelimit-reset");
  int64_t seconds = 0;
  if (absl::SimpleAtoi(reset, &seconds) && seconds > 0 && seconds < (int64_t{1} << 33)) {
    return until(std::chrono::system_clock::time_point(std::chrono::seconds(seconds)));
  }
  if (const auto moment = ParseEventTime(reset)) return until(*moment);
  return ParseRetryAfter(header("ratelimit-reset"), now);
}

}  // namespace signinwatch::sinks
