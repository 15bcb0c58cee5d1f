#include "daemon/json/json_string.h"

#include <cstdio>

#include "daemon/replay/terminal.h"

namespace signinwatch {

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const CodePoint c = FirstCodePoint(text);
    if (c.value == '"' || c.value == '\\') {
      out->push_back('\\');
      out->push_back(static_cast<char>(c.value));
    } else if (c.value < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c.value));
      out->append(escape);
    } else if (c.value == 0xfffd) {
      out->append("\\ufffd");
    } else {
      out->append(text.substr(0, c.bytes));
    }
    text.remove_prefix(c.bytes);
  }
  out->push_back('"');
}

}  // namespace signinwatch
