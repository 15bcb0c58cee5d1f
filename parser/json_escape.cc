#include "parser/json_escape.h"

#include "parser/utf8.h"

namespace signinwatch {
namespace {

constexpr uint32_t kNoCodeUnit = 0xffffffff;

constexpr bool IsHighSurrogate(uint32_t unit) { return (unit & 0xfffffc00) == 0xd800; }
constexpr bool IsLowSurrogate(uint32_t unit) { return (unit & 0xfffffc00) == 0xdc00; }

// The four hex digits of a \u escape at the start of `text`; kNoCodeUnit if it is not one.
uint32_t ReadCodeUnit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return kNoCodeUnit;
  uint32_t unit = 0;
  for (size_t i = 2; i < 6; ++i) {
    const char c = text[i];
    const char lower = static_cast<char>(c | 0x20);
    uint32_t digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      digit = static_cast<uint32_t>(lower - 'a' + 10);
    } else {
      return kNoCodeUnit;
    }
    unit = unit << 4 | digit;
  }
  return unit;
}

JsonEscape ReadUnicodeEscape(std::string_view text) {
  const uint32_t unit = ReadCodeUnit(text);
  if (unit == kNoCodeUnit) return {};
  if (IsHighSurrogate(unit)) {
    const uint32_t low = ReadCodeUnit(text.substr(6));
    if (IsLowSurrogate(low)) {
      return {12, 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff), false};
    }
  }
  if (IsHighSurrogate(unit) || IsLowSurrogate(unit)) return {6, kReplacementCharacter, true};
  return {6, unit, false};
}

}  // namespace

JsonEscape ReadEscape(std::string_view text) {
  if (text.size() < 2) return {};
  switch (text[1]) {
    case '"':
    case '\\':
    case '/':
      return {2, static_cast<uint8_t>(text[1]), false};
    case 'b':
      return {2, '\b', false};
    case 'f':
      return {2, '\f', false};
    case 'n':
      return {2, '\n', false};
    case 'r':
      return {2, '\r', false};
    case 't':
      return {2, '\t', false};
    case 'u':
      return ReadUnicodeEscape(text);
    default:
      return {};
  }
}

void AppendUnescaped(std::string_view raw, bool repair, std::string* out) {
  while (!raw.empty()) {
    const std::string_view plain = raw.substr(0, raw.find('\\'));
    if (repair) {
      AppendValidUtf8(plain, out);
    } else {
      out->append(plain);
    }
    raw.remove_prefix(plain.size());
    if (raw.empty()) return;
    const JsonEscape escape = ReadEscape(raw);
    AppendCodePoint(escape.code_point, out);
    raw.remove_prefix(escape.size);
  }
}

}  // namespace signinwatch
