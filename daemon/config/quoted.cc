#include "daemon/config/quoted.h"

#include <algorithm>

#include "parser/harmful_characters.h"

namespace signinwatch::config {
namespace {

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

std::string Quoted(std::string_view text) {
  constexpr size_t kShown = 60;
  const bool cut = text.size() > kShown;
  if (cut) {
    size_t end = kShown;
    while (end > 0 && (text[end] & 0xc0) == 0x80) --end;  // not within a character
    text = text.substr(0, end);
  }
  std::string plain(text);
  std::replace_if(plain.begin(), plain.end(), IsControl, ' ');
  return "'" + Harmless(plain) + (cut ? "...'" : "'");
}

bool IsShownText(std::string_view text, size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::none_of(text.begin(), text.end(), IsControl);
}

}  // namespace signinwatch::config
