#include "daemon/config/quantities.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace signinwatch::config {
namespace {

using std::chrono::milliseconds;

struct DurationUnit {
  std::string_view name;
  milliseconds length;
};
// From the greatest to the least: the order in which they may be written.
constexpr std::array<DurationUnit, 5> kDurationUnits{{{"d", std::chrono::hours(24)},
                                                      {"h", std::chrono::hours(1)},
                                                      {"m", std::chrono::minutes(1)},
                                                      {"s", std::chrono::seconds(1)},
                                                      {"ms", milliseconds(1)}}};
constexpr milliseconds kDurationMax = std::chrono::hours(24 * 36'500);

struct SizeUnit {
  std::string_view name;
  int64_t bytes;
};
constexpr std::array<SizeUnit, 8> kSizeUnits{{{"GiB", int64_t{1} << 30},
                                              {"MiB", int64_t{1} << 20},
                                              {"KiB", int64_t{1} << 10},
                                              {"GB", 1'000'000'000},
                                              {"MB", 1'000'000},
                                              {"KB", 1'000},
                                              {"B", 1},
                                              {"", 1}}};
constexpr int64_t kSizeMax = int64_t{1} << 62;

// Takes the digits at the start of *text; nullopt when there are none or too many.
std::optional<int64_t> TakeNumber(std::string_view* text) {
  if (text->empty() || text->front() < '0' || text->front() > '9') return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{}) return std::nullopt;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return number;
}

// Takes the letters at the start of *text.
std::string_view TakeLetters(std::string_view* text) {
  size_t size = 0;
  while (size < text->size() && ((*text)[size] < '0' || (*text)[size] > '9')) ++size;
  const std::string_view letters = text->substr(0, size);
  text->remove_prefix(size);
  return letters;
}

}  // namespace

std::optional<Duration> ParseDuration(std::string_view text) {
  if (text.empty()) return std::nullopt;
  milliseconds sum{0};
  size_t next_unit = 0;
  while (!text.empty()) {
    const auto number = TakeNumber(&text);
    if (!number) return std::nullopt;
    const std::string_view letters = TakeLetters(&text);
    while (next_unit < kDurationUnits.size() && kDurationUnits[next_unit].name != letters) {
      ++next_unit;
    }
    if (next_unit == kDurationUnits.size()) return std::nullopt;
    const milliseconds unit = kDurationUnits[next_unit++].length;
    if (*number > (kDurationMax - sum) / unit) return std::nullopt;
    sum += *number * unit;
  }
  return sum;
}

std::string FormatDuration(Duration duration) {
  auto rest = std::chrono::duration_cast<milliseconds>(duration);
  std::string text;
  for (const DurationUnit& unit : kDurationUnits) {
    // One day is written as 24h, and days only where nothing smaller follows: "30d", "36h".
    if (unit.name == "d" && (rest == unit.length || rest % unit.length != milliseconds(0))) {
      continue;
    }
    if (const auto number = rest / unit.length; number > 0) {
      text += std::to_string(number);
      text += unit.name;
      rest %= unit.length;
    }
  }
  return text.empty() ? "0s" : text;
}

std::optional<int64_t> ParseSize(std::string_view text) {
  const auto number = TakeNumber(&text);
  if (!number) return std::nullopt;
  for (const SizeUnit& unit : kSizeUnits) {
    if (unit.name != text) continue;
    if (*number > kSizeMax / unit.bytes) return std::nullopt;
    return *number * unit.bytes;
  }
  return std::nullopt;
}

std::string FormatSize(int64_t bytes) {
  for (const SizeUnit& unit : kSizeUnits) {
    if (bytes < unit.bytes || bytes % unit.bytes != 0) continue;
    return std::to_string(bytes / unit.bytes).append(unit.name);
  }
  return std::to_string(bytes);
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> ParseReal(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace signinwatch::config
