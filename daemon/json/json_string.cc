#include "daemon/json/json_string.h"

#include "parser/harmful_characters.h"
#include "parser/utf8.h"

namespace signinwatch::json {
namespace {

// Bytes that can't be copied without a look: control characters, the quote, the backslash, and what
// may begin a harmful character or none.
constexpr bool NeedsLook(unsigned char c) { return c < 0x20 || c == '"' || c == '\\' || c >= 0x7f; }

// What follows the backslash in the short escape of `c`; 0: it has none.
constexpr char ShortEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  size_t copied = 0;
  for (size_t i = 0; i < text.size();) {
    if (!NeedsLook(static_cast<unsigned char>(text[i]))) {
      ++i;
      continue;
    }
    const Utf8Step step = NextUtf8(text.substr(i));
    const uint32_t c = FirstCodePoint(text.substr(i)).value;
    const char escape = ShortEscape(text[i]);
    if (escape != 0 || !step.valid || IsHarmful(c)) {
      out->append(text, copied, i - copied);
      copied = i + step.size;
      if (escape != 0) {
        (*out += '\\') += escape;
      } else {
        AppendJsonEscape(c, out);
      }
    }
    i += step.size;
  }
  out->append(text, copied);
  *out += '"';
}

}  // namespace signinwatch::json
