#include "parser/utf8.h"

#include <algorithm>

namespace signinwatch {
namespace {

struct Form {
  uint8_t size;          // 0: no character starts so
  uint8_t second_least;  // bounds of the second byte; all further ones are 80..BF
  uint8_t second_most;
};

constexpr Form FormOf(uint8_t lead) {
  if (lead < 0x80) return {1, 0, 0};
  if (lead < 0xc2) return {0, 0, 0};
  if (lead < 0xe0) return {2, 0x80, 0xbf};
  if (lead == 0xe0) return {3, 0xa0, 0xbf};
  if (lead == 0xed) return {3, 0x80, 0x9f};
  if (lead < 0xf0) return {3, 0x80, 0xbf};
  if (lead == 0xf0) return {4, 0x90, 0xbf};
  if (lead < 0xf4) return {4, 0x80, 0xbf};
  if (lead == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

constexpr char kMask = '\x7f';

}  // namespace

Utf8Step NextUtf8(std::string_view text) {
  const Form form = FormOf(static_cast<uint8_t>(text[0]));
  if (form.size <= 1) return {1, form.size == 1};
  size_t size = 1;
  uint8_t least = form.second_least;
  uint8_t most = form.second_most;
  while (size < form.size) {
    if (size == text.size()) return {size, false};
    const uint8_t byte = static_cast<uint8_t>(text[size]);
    if (byte < least || byte > most) return {size, false};
    least = 0x80;
    most = 0xbf;
    ++size;
  }
  return {size, true};
}

void AppendValidUtf8(std::string_view text, std::string* out) {
  size_t valid = 0;  // so many bytes of the text's beginning
  while (valid < text.size()) {
    if (static_cast<signed char>(text[valid]) >= 0) {
      ++valid;
      continue;
    }
    const Utf8Step step = NextUtf8(text.substr(valid));
    if (step.valid) {
      valid += step.size;
      continue;
    }
    out->append(text.substr(0, valid));
    AppendCodePoint(kReplacementCharacter, out);
    text.remove_prefix(valid + step.size);
    valid = 0;
  }
  out->append(text);
}

void AppendCodePoint(uint32_t code_point, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
}

uint64_t MaskInvalidUtf8(std::string* text) {
  uint64_t replacements = 0;
  for (size_t at = 0; at < text->size();) {
    const Utf8Step step = NextUtf8(std::string_view(*text).substr(at));
    if (!step.valid) {
      std::fill_n(text->begin() + static_cast<std::ptrdiff_t>(at), step.size, kMask);
      ++replacements;
    }
    at += step.size;
  }
  return replacements;
}

}  // namespace signinwatch
