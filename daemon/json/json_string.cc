#include "daemon/json/json_string.h"

#include "parser/harmful_characters.h"
#include "parser/utf8.h"

namespace signinwatch {

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const char first = text.front();
    const CodePoint c = FirstCodePoint(text);
    if (first == '"' || first == '\\') {
      out->push_back('\\');
      out->push_back(first);
    } else if (c.value == kReplacementCharacter || IsHarmful(c.value)) {
      AppendJsonEscape(c.value, out);
    } else {
      out->append(text.substr(0, c.bytes));
    }
    text.remove_prefix(c.bytes);
  }
  out->push_back('"');
}

}  // namespace signinwatch
