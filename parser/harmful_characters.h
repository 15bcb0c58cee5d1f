// The one list of characters that harm who reads them: names and texts in records are anybody's.
//
// They are the controls (C0 and C1, which terminals obey), what turns the direction of writing (so
// that "gnp.exe" reads as "exe.png"), what can't be seen (so that two names look the same), and
// what some readers take for the end of a line. Shown as U+FFFD on pages, terminals and in labels;
// written as \uXXXX where the value has to stay what it is (JSON, the log).
#ifndef SIGNINWATCH_PARSER_HARMFUL_CHARACTERS_H_
#define SIGNINWATCH_PARSER_HARMFUL_CHARACTERS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signinwatch {

[[nodiscard]] bool IsHarmful(uint32_t code_point);

// A code point at the start of a text. Bytes that are no well-formed UTF-8 (RFC 3629) are one
// U+FFFD each.
struct CodePoint {
  uint32_t value = 0;
  size_t bytes = 0;
};
[[nodiscard]] CodePoint FirstCodePoint(std::string_view text);  // of a text that is not empty

// `text` with U+FFFD for each harmful character and each byte that is part of none. Those of
// `kept`, which are ASCII, stay.
[[nodiscard]] std::string Harmless(std::string_view text, std::string_view kept = {});

// \uXXXX, or two of them beyond U+FFFF (RFC 8259 section 7).
void AppendJsonEscape(uint32_t code_point, std::string* out);

// Valid JSON with harmful characters in its strings written as escapes: the same values.
[[nodiscard]] std::string EscapeHarmfulInJson(std::string json);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_HARMFUL_CHARACTERS_H_
