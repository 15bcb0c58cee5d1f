#include "daemon/json/json_string.h"

#include <cstdio>

#include "parser/utf8.h"

namespace signinwatch {

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  while (!text.empty()) {
    const char first = text.front();
    const Utf8Step step = NextUtf8(text);
    if (first == '"' || first == '\\') {
      out->push_back('\\');
      out->push_back(first);
    } else if (static_cast<unsigned char>(first) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(first));
      out->append(escape);
    } else if (!step.valid) {
      out->append("\\ufffd");
    } else {
      out->append(text.substr(0, step.size));
    }
    // One for each byte that is part of no character.
    text.remove_prefix(step.valid ? step.size : 1);
  }
  out->push_back('"');
}

}  // namespace signinwatch
