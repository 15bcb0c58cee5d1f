#include "parser/harmful_characters.h"

#include <algorithm>

#include "parser/utf8.h"

namespace signinwatch {
namespace {

struct Range {
  uint32_t first, last;
};

// By Unicode 15: categories Cc and Cf but for those that spelling needs (the number signs of Arabic
// and the like), Zl and Zp.
constexpr Range kHarmful[] = {
    {0x00, 0x1f},        // C0
    {0x7f, 0x9f},        // DEL, C1
    {0xad, 0xad},        // soft hyphen
    {0x61c, 0x61c},      // Arabic letter mark
    {0x180e, 0x180e},    // Mongolian vowel separator
    {0x200b, 0x200f},    // zero width, marks of direction
    {0x2028, 0x202e},    // ends of lines and paragraphs, embeddings and overrides of direction
    {0x2060, 0x206f},    // word joiner, invisible operators, isolates
    {0xfeff, 0xfeff},    // byte order mark, zero width
    {0xfff9, 0xfffb},    // annotations
    {0xe0000, 0xe007f},  // tags
};

constexpr bool IsPlainAscii(char c) { return c >= ' ' && c <= '~'; }

}  // namespace

bool IsHarmful(uint32_t code_point) {
  return std::any_of(std::begin(kHarmful), std::end(kHarmful), [code_point](const Range& range) {
    return code_point >= range.first && code_point <= range.last;
  });
}

CodePoint FirstCodePoint(std::string_view text) {
  const Utf8Step step = NextUtf8(text);
  if (!step.valid) return {kReplacementCharacter, 1};
  // The lead byte's own bits: 7, 5, 4 or 3 of them.
  const auto lead = static_cast<unsigned char>(text[0]);
  uint32_t value = step.size == 1 ? lead : lead & (0x7fU >> step.size);
  for (size_t i = 1; i < step.size; ++i) {
    value = (value << 6) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  return {value, step.size};
}

std::string Harmless(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    if (IsPlainAscii(text[0]) || kept.find(text[0]) != std::string_view::npos) {
      out += text[0];
      text.remove_prefix(1);
      continue;
    }
    const CodePoint c = FirstCodePoint(text);
    AppendCodePoint(IsHarmful(c.value) ? kReplacementCharacter : c.value, &out);
    text.remove_prefix(c.bytes);
  }
  return out;
}

void AppendJsonEscape(uint32_t code_point, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  if (code_point > 0xffff) {
    const uint32_t above = code_point - 0x10000;
    AppendJsonEscape(0xd800 | above >> 10, out);
    AppendJsonEscape(0xdc00 | (above & 0x3ff), out);
    return;
  }
  *out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) *out += kHex[code_point >> shift & 15];
}

std::string EscapeHarmfulInJson(std::string json) {
  // Controls of ASCII are escaped in strings already, or are the blanks between values.
  const auto may_be = [](char c) { return static_cast<unsigned char>(c) >= 0x7f; };
  if (std::none_of(json.begin(), json.end(), may_be)) return json;
  std::string out;
  out.reserve(json.size());
  for (std::string_view rest = json; !rest.empty();) {
    const CodePoint c = may_be(rest[0]) ? FirstCodePoint(rest) : CodePoint{0, 1};
    if (c.value != 0 && IsHarmful(c.value)) {
      AppendJsonEscape(c.value, &out);
    } else {
      out += rest.substr(0, c.bytes);
    }
    rest.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace signinwatch
