#include "daemon/sinks/retry_after.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "daemon/http_client/http_client.h"

namespace signinwatch {

std::chrono::milliseconds ParseRetryAfter(const std::string& text,
                                          std::chrono::system_clock::time_point now) {
  constexpr std::chrono::milliseconds kNone{0};
  constexpr std::chrono::milliseconds kMost = kRetryAfterMax;
  // Before the date: a date is no number, but curl takes some numbers for dates.
  if (int64_t seconds = 0; absl::SimpleAtoi(text, &seconds)) {
    const int64_t most = std::chrono::seconds(kRetryAfterMax).count();
    return std::chrono::seconds(std::clamp<int64_t>(seconds, 0, most));
  }
  const std::optional<std::chrono::sys_seconds> date = ParseHttpDate(text);
  if (!date) return kNone;
  const auto span = std::chrono::ceil<std::chrono::milliseconds>(*date - now);
  return std::clamp(span, kNone, kMost);
}

}  // namespace signinwatch
