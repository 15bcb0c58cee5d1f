#include "daemon/sinks/cut_text.h"

#include <algorithm>

namespace signinwatch::sinks {
namespace {

constexpr std::string_view kEllipsis = "…";

bool IsFirstByte(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

// The first byte of the character number `count`, or the end.
size_t PlaceOf(std::string_view text, size_t count) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsFirstByte(text[i]) && count-- == 0) return i;
  }
  return text.size();
}

}  // namespace

size_t CharacterCount(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), &IsFirstByte));
}

std::string CutCharacters(std::string_view text, size_t most) {
  if (PlaceOf(text, most) == text.size()) return std::string(text);
  if (most == 0) return {};
  return std::string(text.substr(0, PlaceOf(text, most - 1))).append(kEllipsis);
}

std::string CutBytes(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  if (most < kEllipsis.size()) return {};
  size_t end = most - kEllipsis.size();
  while (end > 0 && !IsFirstByte(text[end])) --end;
  return std::string(text.substr(0, end)).append(kEllipsis);
}

std::string CutCharactersBefore(std::string_view text, std::string_view tail, size_t most) {
  const size_t size = CharacterCount(tail);
  return CutCharacters(text, size < most ? most - size : 0).append(tail);
}

}  // namespace signinwatch::sinks
