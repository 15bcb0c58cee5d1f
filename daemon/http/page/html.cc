#include "daemon/http/page/html.h"

#include <cstdio>
#include <cstdlib>

#include "parser/utf8.h"

namespace signinwatch {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// The controls of Unicode's bidirectional algorithm (UAX 9), in UTF-8.
bool TurnsReadingOrder(std::string_view character) {
  if (character.size() == 2) return character == "\xd8\x9c";
  if (character.size() != 3 || character[0] != '\xe2') return false;
  const auto last = static_cast<unsigned char>(character[2]);
  if (character[1] == '\x80') return (last >= 0xaa && last <= 0xae) || last == 0x8e || last == 0x8f;
  return character[1] == '\x81' && last >= 0xa6 && last <= 0xa9;
}

std::string_view EscapedAscii(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

bool IsControl(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
}

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Step step = NextUtf8(text);
    const std::string_view character = text.substr(0, step.size);
    text.remove_prefix(step.size);
    if (!step.valid || IsControl(character[0]) || TurnsReadingOrder(character)) {
      out += kReplacement;
    } else if (const std::string_view escaped = EscapedAscii(character[0]); !escaped.empty()) {
      out += escaped;
    } else {
      out += character;
    }
  }
  return out;
}

std::string EscapeQuery(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

std::string Html::Piece(std::string_view text) { return EscapeHtml(text); }

void Html::Fill(std::string_view markup, std::initializer_list<std::string> pieces) {
  for (const std::string& piece : pieces) {
    const size_t hole = markup.find("{}");
    if (hole == std::string_view::npos) {
      std::fprintf(stderr, "html: too many pieces\n");
      std::abort();
    }
    text_ += markup.substr(0, hole);
    text_ += piece;
    markup.remove_prefix(hole + 2);
  }
  if (markup.find("{}") != std::string_view::npos) {
    std::fprintf(stderr, "html: too few pieces\n");
    std::abort();
  }
  text_ += markup;
}

}  // namespace signinwatch
