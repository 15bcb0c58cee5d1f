// HTML put together so that nothing from a record can become markup: text is escaped unless it is
// Html already, and Html comes only from here and from literals of ours.
//
//   Html row;
//   row.Add("<td class=\"{}\">{}</td>", severity, user_name);
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_HTML_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_HTML_H_

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace signinwatch::http {

class Html {
 public:
  Html() = default;

  // `markup` is a literal; each {} in it is the next piece. A number of pieces that does not fit
  // is a broken invariant: it aborts.
  template <typename... Pieces>
  Html& Add(const char* markup, const Pieces&... pieces) {
    Fill(markup, {Piece(pieces)...});
    return *this;
  }
  Html& Add(const Html& html) {
    text_ += html.text_;
    return *this;
  }

  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  static std::string Piece(const Html& html) { return html.text_; }
  static std::string Piece(std::string_view text);
  static std::string Piece(const char* text) { return Piece(std::string_view(text)); }
  static std::string Piece(const std::string& text) { return Piece(std::string_view(text)); }
  template <std::integral Integer>
  static std::string Piece(Integer number) {
    return std::to_string(number);
  }
  void Fill(std::string_view markup, std::initializer_list<std::string> pieces);

  std::string text_;
};

// For text and for attributes in quotes. Harmful characters (parser/harmful_characters.h) but for
// line ends and tabs, and what is no character, are U+FFFD.
[[nodiscard]] std::string EscapeHtml(std::string_view text);

// For a value in a query.
[[nodiscard]] std::string EscapeQuery(std::string_view text);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_HTML_H_
