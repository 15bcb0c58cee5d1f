#include "daemon/http/words.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace signinwatch::http {

std::string Thousands(uint64_t number) {
  std::string digits = std::to_string(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string CountWords(uint64_t count, const char* one, const char* many) {
  return Thousands(count) + " " + (count == 1 ? one : many);
}

std::string ShortSpan(Duration span) {
  const auto seconds = std::max<int64_t>(std::chrono::floor<std::chrono::seconds>(span).count(), 0);
  const int64_t minutes = seconds / 60;
  const int64_t hours = minutes / 60;
  const auto two = [](int64_t large, const char* large_unit, int64_t small,
                      const char* small_unit) {
    const std::string first = std::to_string(large) + large_unit;
    return small == 0 ? first : first + " " + std::to_string(small) + small_unit;
  };
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (minutes < 60) return std::to_string(minutes) + " min";
  if (hours < 24) return two(hours, " h", minutes % 60, " min");
  return two(hours / 24, " d", hours % 24, " h");
}

std::string BytesWords(uint64_t bytes) {
  if (bytes < 1'000) return std::to_string(bytes) + " B";
  constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1'000;
  size_t unit = 0;
  for (; value >= 999.95 && unit < 3; ++unit) value /= 1'000;
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %s", value, kUnits[unit]);
  return text;
}

std::string PercentWords(double ratio) {
  const double percent = std::isfinite(ratio) ? std::clamp(ratio, 0.0, 1.0) * 100 : 0;
  return std::to_string(std::lround(percent)) + " %";
}

// FormatEventTime gives 2026-11-24T09:00:00.000000Z.
std::string MinuteWords(EventTime time) {
  const std::string full = FormatEventTime(time);
  return full.substr(0, 10) + " " + full.substr(11, 5) + " UTC";
}

std::string SecondWords(EventTime time) {
  const std::string full = FormatEventTime(time);
  return full.substr(0, 10) + " " + full.substr(11, 8) + " UTC";
}

}  // namespace signinwatch::http
