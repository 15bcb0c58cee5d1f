// Text as a JSON string: the one place that escapes.
#ifndef SIGNINWATCH_DAEMON_JSON_JSON_STRING_H_
#define SIGNINWATCH_DAEMON_JSON_JSON_STRING_H_

#include <string>
#include <string_view>

namespace signinwatch::json {

// Appends `text` with its quotes (RFC 8259 section 7). Text need not be UTF-8 (paths are anything):
// each maximal subpart that is no character becomes U+FFFD. Harmful characters are escaped: they
// are valid in JSON, but obeyed by terminals, or a line end to JavaScript and to some readers of
// lines.
void AppendJsonString(std::string_view text, std::string* out);

}  // namespace signinwatch::json

#endif  // SIGNINWATCH_DAEMON_JSON_JSON_STRING_H_
