#include "tests/oracle/plain_address.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace signinwatch::oracle {
namespace {

using Bytes = std::vector<uint8_t>;    // 4 of IPv4
using Groups = std::vector<uint16_t>;  // 8 of IPv6, fewer while it is read

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

// `digits` in `base`, 1 to `digits_max` of them, no sign.
std::optional<uint32_t> ReadNumber(std::string_view digits, uint32_t base, size_t digits_max) {
  if (digits.empty() || digits.size() > digits_max) return std::nullopt;
  uint32_t value = 0;
  for (const char c : digits) {
    uint32_t digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<uint32_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') digit = static_cast<uint32_t>(c - 'A' + 10);
    if (digit >= base) return std::nullopt;
    value = value * base + digit;
  }
  return value;
}

// Four decimal numbers up to 255 without leading zeros, which some read as octal (RFC 6943 section
// 3.1.1).
std::optional<Bytes> ReadIpv4(std::string_view text) {
  Bytes bytes;
  for (const std::string_view part : Split(text, '.')) {
    const std::optional<uint32_t> number = ReadNumber(part, 10, 3);
    if (!number || *number > 255 || (part.size() > 1 && part[0] == '0')) return std::nullopt;
    bytes.push_back(static_cast<uint8_t>(*number));
  }
  if (bytes.size() != 4) return std::nullopt;
  return bytes;
}

// Groups between single colons; the last may be an IPv4 address when `ipv4_allowed`.
std::optional<Groups> ReadGroups(std::string_view text, bool ipv4_allowed) {
  Groups groups;
  if (text.empty()) return groups;
  const std::vector<std::string_view> parts = Split(text, ':');
  for (size_t i = 0; i < parts.size(); ++i) {
    if (const std::optional<uint32_t> group = ReadNumber(parts[i], 16, 4)) {
      groups.push_back(static_cast<uint16_t>(*group));
      continue;
    }
    const std::optional<Bytes> ipv4 = ReadIpv4(parts[i]);
    if (!ipv4 || !ipv4_allowed || i + 1 != parts.size()) return std::nullopt;
    groups.push_back(static_cast<uint16_t>((*ipv4)[0] << 8 | (*ipv4)[1]));
    groups.push_back(static_cast<uint16_t>((*ipv4)[2] << 8 | (*ipv4)[3]));
  }
  return groups;
}

// RFC 4291 section 2.2, all three forms.
std::optional<Groups> ReadIpv6(std::string_view text) {
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    std::optional<Groups> groups = ReadGroups(text, true);
    if (!groups || groups->size() != 8) return std::nullopt;
    return groups;
  }
  const std::optional<Groups> before = ReadGroups(text.substr(0, gap), false);
  const std::optional<Groups> after = ReadGroups(text.substr(gap + 2), true);
  if (!before || !after || before->size() + after->size() > 7) return std::nullopt;
  Groups groups = *before;
  groups.resize(8 - after->size(), 0);
  groups.insert(groups.end(), after->begin(), after->end());
  return groups;
}

bool IsPort(std::string_view text) {
  const std::optional<uint32_t> port = ReadNumber(text, 10, 5);
  return port && *port <= 65535;
}

// 192.0.2.1:443, ::ffff:192.0.2.1:443 and [2001:db8::1]:443 without their ports, [2001:db8::1]
// without brackets. What is no port stays, and then makes the text no address.
std::string_view CutPort(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return text;
    const std::string_view inside = text.substr(1, bracket - 1);
    const std::string_view behind = text.substr(bracket + 1);
    const bool is_ipv6 = inside.find(':') != std::string_view::npos;
    if (is_ipv6 && (behind.empty() || (behind[0] == ':' && IsPort(behind.substr(1))))) {
      return inside;
    }
    return text;
  }
  // Behind a dotted quad, also one at the end of IPv6, a colon can only be a port's.
  const size_t colon = text.rfind(':');
  const size_t dot = text.rfind('.');
  if (colon == std::string_view::npos || dot == std::string_view::npos || colon < dot) return text;
  return IsPort(text.substr(colon + 1)) ? text.substr(0, colon) : text;
}

std::string Hex(uint16_t group) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  do {
    text.insert(text.begin(), kDigits[group % 16]);
    group /= 16;
  } while (group != 0);
  return text;
}

// RFC 5952 section 4: lower case, no leading zeros, `::` for the first of the longest runs of two
// or more zero groups.
std::string FormatIpv6(const Groups& groups) {
  size_t gap = groups.size();
  size_t gap_size = 1;
  for (size_t i = 0; i < groups.size(); ++i) {
    size_t size = 0;
    while (i + size < groups.size() && groups[i + size] == 0) ++size;
    if (size > gap_size) {
      gap = i;
      gap_size = size;
    }
  }
  std::string text;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i == gap) {
      text += "::";
      i += gap_size - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += Hex(groups[i]);
  }
  return text;
}

PlainAddress FromIpv4(const Bytes& bytes) {
  const std::string first_three = std::to_string(bytes[0]) + "." + std::to_string(bytes[1]) + "." +
                                  std::to_string(bytes[2]) + ".";
  return {first_three + std::to_string(bytes[3]), first_three + "0/24"};
}

// IPv4 in IPv6 (RFC 4291 section 2.5.5.2): ::ffff:a.b.c.d
bool IsMapped(const Groups& groups) {
  for (size_t i = 0; i < 5; ++i) {
    if (groups[i] != 0) return false;
  }
  return groups[5] == 0xFFFF;
}

}  // namespace

std::optional<PlainAddress> ReadAddress(std::string_view text) {
  text = CutPort(text);
  if (const std::optional<Bytes> ipv4 = ReadIpv4(text)) return FromIpv4(*ipv4);
  const std::optional<Groups> groups = ReadIpv6(text);
  if (!groups) return std::nullopt;
  const Groups& g = *groups;
  if (IsMapped(g)) {
    return FromIpv4({static_cast<uint8_t>(g[6] >> 8), static_cast<uint8_t>(g[6] & 0xFF),
                     static_cast<uint8_t>(g[7] >> 8), static_cast<uint8_t>(g[7] & 0xFF)});
  }
  return PlainAddress{FormatIpv6(g), Hex(g[0]) + ":" + Hex(g[1]) + ":" + Hex(g[2]) + "::/48"};
}

}  // namespace signinwatch::oracle
