// Text as a JSON string.
#ifndef SIGNINWATCH_DAEMON_JSON_JSON_STRING_H_
#define SIGNINWATCH_DAEMON_JSON_JSON_STRING_H_

#include <string>
#include <string_view>

namespace signinwatch {

// Appends `text` with its quotes (RFC 8259 section 7). Paths need not be UTF-8: a byte that is not
// part of a well-formed sequence becomes U+FFFD. Harmful characters are escaped.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_JSON_JSON_STRING_H_
