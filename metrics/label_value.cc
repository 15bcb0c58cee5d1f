#include "metrics/label_value.h"

#include "parser/harmful_characters.h"
#include "parser/utf8.h"

namespace signinwatch::metrics {

std::string LabelValue(std::string_view text) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  std::string value;
  while (!text.empty()) {
    const CodePoint c = FirstCodePoint(text);
    const bool shown = c.value != kReplacementCharacter && !IsHarmful(c.value);
    const std::string_view character = shown ? text.substr(0, c.bytes) : kReplacement;
    if (value.size() + character.size() > kLabelBytesMax) break;
    value += character;
    text.remove_prefix(c.bytes);
  }
  return value;
}

}  // namespace signinwatch::metrics
