#include "daemon/http/page/html.h"

#include <cstdio>
#include <cstdlib>

#include "parser/harmful_characters.h"

namespace signinwatch::http {
namespace {

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

}  // namespace

std::string EscapeHtml(std::string_view text) {
  const std::string shown = Harmless(text, "\n\t");
  std::string out;
  out.reserve(shown.size());
  for (const char c : shown) {
    if (const std::string_view escaped = EscapedAscii(c); !escaped.empty()) {
      out += escaped;
    } else {
      out += c;
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

}  // namespace signinwatch::http
