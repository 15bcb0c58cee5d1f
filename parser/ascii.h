// Case, of ASCII letters alone: what SPEC 3.2 calls "without case".
#ifndef SIGNINWATCH_PARSER_ASCII_H_
#define SIGNINWATCH_PARSER_ASCII_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace signinwatch {

[[nodiscard]] constexpr char LowerAsciiOf(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool EqualsWithoutCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (LowerAsciiOf(a[i]) != LowerAsciiOf(b[i])) return false;
  }
  return true;
}

// In place.
inline void LowerAsciiRange(char* at, size_t size) {
  // Eight at a time: with the high bits clear, each sum has its byte's high bit set just if the
  // byte is at least 'A', or above 'Z'.
  constexpr uint64_t kOnes = 0x0101010101010101;
  for (; size >= 8; at += 8, size -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    const uint64_t low = word & kOnes * 0x7f;
    const uint64_t capital =
        (low + kOnes * (0x80 - 'A')) & ~(low + kOnes * (0x80 - 'Z' - 1)) & ~word & kOnes * 0x80;
    word |= capital >> 2;
    std::memcpy(at, &word, 8);
  }
  for (; size > 0; ++at, --size) *at = LowerAsciiOf(*at);
}

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_ASCII_H_
