#include "parser/ip_address.h"

#include <cstddef>
#include <optional>

#include "parser/ascii.h"

namespace signinwatch {
namespace {

constexpr uint64_t kMappedPrefix = uint64_t{0xffff} << 32;  // ::ffff:0:0/96, RFC 4291 2.5.5.2

constexpr int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Four decimal numbers without leading zeros, as inet_pton(3) reads them.
std::optional<uint32_t> ParseV4(std::string_view text) {
  uint32_t address = 0;
  size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at >= text.size() || text[at++] != '.')) return std::nullopt;
    const size_t start = at;
    uint32_t value = 0;
    while (at < text.size() && at - start < 3 && IsDigit(text[at])) {
      value = value * 10 + static_cast<uint32_t>(text[at++] - '0');
    }
    const size_t digits = at - start;
    if (digits == 0 || value > 255 || (digits > 1 && text[start] == '0')) return std::nullopt;
    address = address << 8 | value;
  }
  if (at != text.size()) return std::nullopt;
  return address;
}

// One to four hex digits at `at`, which is moved behind them; -1 if there are none.
int ReadGroup(std::string_view text, size_t* at) {
  int value = 0;
  const size_t start = *at;
  while (*at < text.size() && *at - start < 4 && HexValue(text[*at]) >= 0) {
    value = value << 4 | HexValue(text[(*at)++]);
  }
  return *at == start ? -1 : value;
}

// RFC 4291 section 2.2, all three forms; no zone. The groups before and behind `::` are collected
// in order and the gap is filled at the end.
std::optional<IpAddress> ParseV6(std::string_view text) {
  uint16_t groups[8] = {};
  int count = 0;
  int gap = -1;
  size_t at = 0;
  if (text.substr(0, 2) == "::") {
    gap = 0;
    at = 2;
  }
  while (at < text.size()) {
    if (count == 8) return std::nullopt;
    const size_t start = at;
    const int value = ReadGroup(text, &at);
    if (at < text.size() && text[at] == '.') {
      const auto v4 = ParseV4(text.substr(start));
      if (!v4 || count > 6) return std::nullopt;
      groups[count++] = static_cast<uint16_t>(*v4 >> 16);
      groups[count++] = static_cast<uint16_t>(*v4);
      break;
    }
    if (value < 0) return std::nullopt;
    groups[count++] = static_cast<uint16_t>(value);
    if (at == text.size()) break;
    if (text[at++] != ':' || at == text.size()) return std::nullopt;
    if (text[at] == ':') {
      if (gap >= 0) return std::nullopt;
      gap = count;
      ++at;
    }
  }
  if (gap < 0 ? count != 8 : count > 7) return std::nullopt;
  uint64_t half[2] = {0, 0};
  const int zeros = 8 - count;
  for (int i = 0; i < count; ++i) {
    const int place = gap >= 0 && i >= gap ? i + zeros : i;
    half[place / 4] |= static_cast<uint64_t>(groups[i]) << (48 - 16 * (place % 4));
  }
  return IpAddress{half[0], half[1], true};
}

std::optional<IpAddress> ParsePlain(std::string_view text) {
  if (const auto v4 = ParseV4(text)) return IpAddress{0, kMappedPrefix | *v4, true};
  return ParseV6(text);
}

bool IsPort(std::string_view text) {
  if (text.empty() || text.size() > 5) return false;
  uint32_t value = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return false;
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  return value <= 65535;
}

// "[2001:db8::1]" and "[2001:db8::1]:443".
std::optional<IpAddress> ParseBracketed(std::string_view text) {
  const size_t close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(close + 1);
  if (!rest.empty() && (rest[0] != ':' || !IsPort(rest.substr(1)))) return std::nullopt;
  return ParseV6(text.substr(1, close - 1));
}

void AppendDecimal(std::string* text, uint32_t value) {
  if (value >= 100) text->push_back(static_cast<char>('0' + value / 100));
  if (value >= 10) text->push_back(static_cast<char>('0' + value / 10 % 10));
  text->push_back(static_cast<char>('0' + value % 10));
}

void AppendHex(std::string* text, uint32_t group) {
  static constexpr char kDigits[] = "0123456789abcdef";
  bool leading = true;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const uint32_t digit = group >> shift & 15;
    leading = leading && digit == 0 && shift > 0;
    if (!leading) text->push_back(kDigits[digit]);
  }
}

}  // namespace

IpAddress ParseIpAddress(std::string_view text) {
  if (text.empty()) return {};
  if (text[0] == '[') return ParseBracketed(text).value_or(IpAddress{});
  if (const auto plain = ParsePlain(text)) return *plain;
  // A port behind a dotted address can't be read as anything else; behind a group of hex digits it
  // could be a further group, so that needs brackets.
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !IsPort(text.substr(colon + 1))) return {};
  const std::string_view host = text.substr(0, colon);
  if (host.find('.') == std::string_view::npos) return {};
  return ParsePlain(host).value_or(IpAddress{});
}

std::string FormatIpAddress(const IpAddress& address) {
  std::string text;
  if (!address.present) return text;
  if (address.is_v4()) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      AppendDecimal(&text, static_cast<uint32_t>(address.lo >> shift & 255));
      if (shift > 0) text.push_back('.');
    }
    return text;
  }
  uint32_t groups[8];
  for (int i = 0; i < 8; ++i) {
    groups[i] =
        static_cast<uint32_t>((i < 4 ? address.hi : address.lo) >> (48 - 16 * (i % 4))) & 0xffff;
  }
  // RFC 5952 section 4.2: the longest run of zero groups, of equal ones the first, none of one.
  int best = 8;
  int best_length = 1;
  for (int i = 0, length = 0; i < 8; ++i) {
    length = groups[i] == 0 ? length + 1 : 0;
    if (length > best_length) {
      best_length = length;
      best = i - length + 1;
    }
  }
  for (int i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text.push_back(':');
    AppendHex(&text, groups[i]);
  }
  return text;
}

std::string FormatFamiliarNetwork(uint64_t network) {
  const bool v6 = network >> 63 != 0;
  const IpAddress first =
      v6 ? IpAddress{network << 16, 0, true}
         : IpAddress{0, uint64_t{0xffff} << 32 | (network << 8 & 0xffffffff), true};
  return FormatIpAddress(first) + (v6 ? "/48" : "/24");
}

}  // namespace signinwatch
