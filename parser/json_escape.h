// Escapes in JSON strings (RFC 8259 section 7).
#ifndef SIGNINWATCH_PARSER_JSON_ESCAPE_H_
#define SIGNINWATCH_PARSER_JSON_ESCAPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace signinwatch {

// One escape. A surrogate pair, written as two \u, is one escape of 12 bytes.
struct JsonEscape {
  size_t size = 0;  // bytes, the backslash included; 0: no escape of JSON
  uint32_t code_point = 0;
  bool lone_surrogate = false;  // code_point is then U+FFFD
};

// The escape at the start of `text`, whose first byte is the backslash.
[[nodiscard]] JsonEscape ReadEscape(std::string_view text);

// Appends what a string means whose text between the quotes is `raw` and whose escapes are valid.
// A lone surrogate becomes U+FFFD, and so does invalid UTF-8 if `repair` is set.
void AppendUnescaped(std::string_view raw, bool repair, std::string* out);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_JSON_ESCAPE_H_
