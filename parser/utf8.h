// Invalid UTF-8, as Unicode recommends to replace it (The Unicode Standard, section 3.9, "U+FFFD
// Substitution of Maximal Subparts"; table 3-7 for what is well-formed).
#ifndef SIGNINWATCH_PARSER_UTF8_H_
#define SIGNINWATCH_PARSER_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signinwatch {

struct Utf8Step {
  size_t size = 0;     // bytes of a character, or of the maximal subpart of one
  bool valid = false;  // whether it is a character
};

// The step at the start of `text`, which is not empty.
[[nodiscard]] Utf8Step NextUtf8(std::string_view text);

// Appends `text` with U+FFFD for each maximal subpart that is no character.
void AppendValidUtf8(std::string_view text, std::string* out);

// Appends the code point, which is no surrogate, in UTF-8.
void AppendCodePoint(uint32_t code_point, std::string* out);
inline constexpr uint32_t kReplacementCharacter = 0xfffd;

// Overwrites in `text` each byte that belongs to no character by one ASCII byte that is neither
// blank nor part of any JSON token, so that offsets stay what they were. The result is the number
// of maximal subparts overwritten.
uint64_t MaskInvalidUtf8(std::string* text);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_UTF8_H_
