// Of ASCII alone, whatever the locale: case (what SPEC 3.2 calls "without case"), digits, blanks.
#ifndef SIGNINWATCH_PARSER_ASCII_H_
#define SIGNINWATCH_PARSER_ASCII_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace signinwatch {

[[nodiscard]] constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// What may stand between two tokens of JSON (RFC 8259, section 2).
[[nodiscard]] constexpr bool IsBlank(char c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

[[nodiscard]] constexpr char LowerAsciiOf(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The same of eight bytes at a time.
[[nodiscard]] constexpr uint64_t LowerAsciiOfWord(uint64_t word) {
  // With the high bits clear, each sum has its byte's high bit set just if the byte is at least
  // 'A', or above 'Z'.
  constexpr uint64_t kOnes = 0x0101010101010101;
  const uint64_t low = word & kOnes * 0x7f;
  const uint64_t capital =
      (low + kOnes * (0x80 - 'A')) & ~(low + kOnes * (0x80 - 'Z' - 1)) & ~word & kOnes * 0x80;
  return word | capital >> 2;
}

// By words rather than bytes: records have it done to long ids, and a loop whose branches are many
// makes the processor forget those of the walk.
[[nodiscard]] inline bool EqualsWithoutCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto differ = [](uint64_t x, uint64_t y) {
    return x != y && LowerAsciiOfWord(x) != LowerAsciiOfWord(y);
  };
  const auto load = [](std::string_view text, size_t at, auto word) -> uint64_t {
    std::memcpy(&word, text.data() + at, sizeof(word));
    return word;
  };
  const size_t size = a.size();
  if (size >= 8) {
    for (size_t at = 0; at + 8 < size; at += 8) {
      if (differ(load(a, at, uint64_t{}), load(b, at, uint64_t{}))) return false;
    }
    return !differ(load(a, size - 8, uint64_t{}), load(b, size - 8, uint64_t{}));
  }
  if (size >= 4) {
    return !differ(load(a, 0, uint32_t{}), load(b, 0, uint32_t{})) &&
           !differ(load(a, size - 4, uint32_t{}), load(b, size - 4, uint32_t{}));
  }
  for (size_t at = 0; at < size; ++at) {
    if (LowerAsciiOf(a[at]) != LowerAsciiOf(b[at])) return false;
  }
  return true;
}

// In place.
inline void LowerAsciiRange(char* at, size_t size) {
  for (; size >= 8; at += 8, size -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    word = LowerAsciiOfWord(word);
    std::memcpy(at, &word, 8);
  }
  for (; size > 0; ++at, --size) *at = LowerAsciiOf(*at);
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_ASCII_H_
