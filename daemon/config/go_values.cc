#include "daemon/config/go_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace signinwatch::config {
namespace {

constexpr double kInt64Edge = 9.2e18;  // below what fits

// The bare number of digits in `base`, all of the text.
std::optional<int64_t> Digits(std::string_view text, int base) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (text.empty() || text[0] == '-' || error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return value;
}

struct Unit {
  std::string_view name;
  double nanoseconds;
};
// The longer names first: "ms" is no "m".
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1e3},
                                      {"\xc2\xb5s", 1e3},
                                      {"\xce\xbcs", 1e3},
                                      {"ms", 1e6},
                                      {"s", 1e9},
                                      {"m", 60e9},
                                      {"h", 3'600e9}}};

}  // namespace

std::optional<bool> ParseGoBool(const std::string& text) {
  const std::string_view truths[] = {"y",  "Y",  "yes", "Yes",  "YES", "true",
                                     "on", "On", "ON",  "True", "TRUE"};
  const std::string_view lies[] = {"n",   "N",   "no",  "No",    "NO",   "false",
                                   "off", "Off", "OFF", "False", "FALSE"};
  if (std::find(std::begin(truths), std::end(truths), text) != std::end(truths)) return true;
  if (std::find(std::begin(lies), std::end(lies), text) != std::end(lies)) return false;
  return std::nullopt;
}

std::optional<int64_t> ParseGoInteger(const std::string& text) {
  std::string plain = text;
  std::erase(plain, '_');
  const bool negative = plain.starts_with('-');
  if (negative || plain.starts_with('+')) plain.erase(0, 1);
  const std::string_view view = plain;
  std::optional<int64_t> value;
  if (view.starts_with("0x")) {
    value = Digits(view.substr(2), 16);
  } else if (view.starts_with("0b")) {
    value = Digits(view.substr(2), 2);
  } else if (view.starts_with("0o")) {
    value = Digits(view.substr(2), 8);
  } else if (view.size() > 1 && view[0] == '0' && Digits(view, 8)) {
    value = Digits(view, 8);
  } else {
    value = Digits(view, 10);
  }
  if (!value && !view.empty() && view[0] >= '.' && view[0] <= '9') {
    double real = 0;
    const auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), real);
    const bool whole_text = error == std::errc() && end == view.data() + view.size();
    if (whole_text && real < kInt64Edge) value = static_cast<int64_t>(real);
  }
  if (value && negative) return -*value;
  return value;
}

std::optional<std::chrono::nanoseconds> ParseGoDuration(const std::string& text) {
  if (const auto bare = ParseGoInteger(text); bare && text.find('.') == std::string::npos) {
    return std::chrono::nanoseconds(*bare);
  }
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty()) return std::nullopt;
  double all = 0;
  while (!rest.empty()) {
    const size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
    double number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + digits, number);
    if (error != std::errc() || end != rest.data() + digits) return std::nullopt;
    rest.remove_prefix(digits);
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(),
                                   [rest](const Unit& u) { return rest.starts_with(u.name); });
    if (unit == kUnits.end()) return std::nullopt;
    all += number * unit->nanoseconds;
    rest.remove_prefix(unit->name.size());
  }
  if (all >= kInt64Edge) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<int64_t>(negative ? -all : all));
}

}  // namespace signinwatch::config
