#include "daemon/http/page/markdown.h"

#include <algorithm>
#include <set>

namespace signinwatch::http {
namespace {

constexpr std::string_view kFence = "```";

bool IsWordPart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

// 1 to 6, with one blank behind; 0: none.
int HeadingLevel(std::string_view line) {
  size_t level = 0;
  while (level < line.size() && line[level] == '#') ++level;
  const bool is_one = level >= 1 && level <= 6 && level < line.size() && line[level] == ' ';
  return is_one ? static_cast<int>(level) : 0;
}

std::string AnchorOf(std::string_view heading) {
  if (std::all_of(heading.begin(), heading.end(), IsWordPart)) return std::string(heading);
  std::string anchor;
  for (const char c : heading) {
    if (IsWordPart(c)) {
      anchor += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    } else if (!anchor.empty() && anchor.back() != '-') {
      anchor += '-';
    }
  }
  while (!anchor.empty() && anchor.back() == '-') anchor.pop_back();
  return anchor;
}

class Converter {
 public:
  explicit Converter(std::string_view text) : lines_(LinesOf(text)) {
    bool code = false;
    for (const std::string_view line : lines_) {
      if (IsFence(line)) code = !code;
      const int level = code ? 0 : HeadingLevel(line);
      if (level == 0) continue;
      const std::string heading(line.substr(static_cast<size_t>(level) + 1));
      const std::string anchor = AnchorOf(heading);
      if (anchor == heading) names_.insert(anchor);
    }
  }

  MarkdownDocument Convert() {
    while (at_ < lines_.size()) Block();
    return std::move(document_);
  }

 private:
  static std::string_view Unindented(std::string_view line) {
    return line.substr(std::min(line.find_first_not_of(' '), line.size()));
  }
  static bool IsFence(std::string_view line) { return Unindented(line).starts_with(kFence); }
  static bool IsItem(std::string_view line) { return line.starts_with("- "); }
  // What goes on with the paragraph or item of the line before.
  [[nodiscard]] bool GoesOn(size_t at) const {
    return at < lines_.size() && !lines_[at].empty() && !IsItem(lines_[at]) &&
           !IsFence(lines_[at]) && HeadingLevel(lines_[at]) == 0;
  }

  void Block() {
    const std::string_view line = lines_[at_];
    if (line.empty()) {
      ++at_;
    } else if (IsFence(line)) {
      document_.html.Add(Code());
    } else if (HeadingLevel(line) > 0) {
      Heading();
    } else if (IsItem(line)) {
      List();
    } else {
      document_.html.Add("<p>{}</p>\n", Inline(Joined(0)));
    }
  }

  // The line at hand without its first `skip` characters, and those that go on with it.
  std::string Joined(size_t skip) {
    std::string text(lines_[at_++].substr(skip));
    while (GoesOn(at_)) text.append(1, ' ').append(Unindented(lines_[at_++]));
    return text;
  }

  void Heading() {
    const int level = HeadingLevel(lines_[at_]);
    std::string text(lines_[at_++].substr(static_cast<size_t>(level) + 1));
    const std::string name = AnchorOf(text);
    std::string anchor = name;
    // As GitHub names them, where the same document is read.
    for (int n = 1; !anchors_.insert(anchor).second; ++n) anchor = name + "-" + std::to_string(n);
    // The first is the page's, as its levels are.
    document_.html.Add("<h{} id=\"{}\">{}</h{}>\n", level, anchor, text, level);
    document_.headings.push_back({level, std::move(text), std::move(anchor)});
  }

  Html Code() {
    const size_t indent = lines_[at_].size() - Unindented(lines_[at_]).size();
    std::string code;
    for (++at_; at_ < lines_.size() && !IsFence(lines_[at_]); ++at_) {
      const std::string_view line = lines_[at_];
      const size_t blanks = line.size() - Unindented(line).size();
      code.append(line.substr(std::min(indent, blanks))).append(1, '\n');
    }
    if (at_ < lines_.size()) ++at_;
    while (!code.empty() && code.back() == '\n') code.pop_back();
    return Html().Add("<pre class=\"command\"><code>{}</code></pre>\n", code);
  }

  void List() {
    document_.html.Add("<ul>\n");
    while (at_ < lines_.size() && IsItem(lines_[at_])) {
      Html item = Inline(Joined(2));
      // Code blocks within the item are indented; blank lines may be between.
      while (true) {
        size_t next = at_;
        while (next < lines_.size() && lines_[next].empty()) ++next;
        if (next == lines_.size() || !lines_[next].starts_with("  ")) break;
        at_ = next;
        item.Add(IsFence(lines_[at_]) ? Code() : Html().Add("<p>{}</p>\n", Inline(Joined(0))));
      }
      document_.html.Add("<li>{}</li>\n", item);
      size_t next = at_;
      while (next < lines_.size() && lines_[next].empty()) ++next;
      if (next < lines_.size() && IsItem(lines_[next])) at_ = next;
    }
    document_.html.Add("</ul>\n");
  }

  // Words that are anchors lead there.
  Html Plain(std::string_view text) const {
    Html html;
    size_t from = 0;
    for (size_t at = 0; at < text.size();) {
      size_t end = at;
      while (end < text.size() && IsWordPart(text[end])) ++end;
      const std::string word(text.substr(at, end - at));
      if (end > at && names_.contains(word)) {
        html.Add("{}<a href=\"#{}\">{}</a>", text.substr(from, at - from), word, word);
        from = end;
      }
      at = std::max(end, at + 1);
    }
    return html.Add("{}", text.substr(from));
  }

  Html Link(const std::string& shown, const std::string& target) const {
    Html html;
    if (target.starts_with("#") || target.starts_with("https://")) {
      return html.Add("<a href=\"{}\">{}</a>", target, shown);
    }
    return html.Add("{}", shown);
  }

  Html Inline(std::string_view text) const {
    Html html;
    size_t from = 0;
    const auto flush = [&](size_t to) { html.Add(Plain(text.substr(from, to - from))); };
    for (size_t at = 0; at < text.size();) {
      const std::string_view rest = text.substr(at);
      if (rest[0] == '`') {
        const size_t end = rest.find('`', 1);
        if (end != std::string_view::npos) {
          flush(at);
          html.Add("<code>{}</code>", rest.substr(1, end - 1));
          from = at += end + 1;
          continue;
        }
      } else if (rest.starts_with("**")) {
        const size_t end = rest.find("**", 2);
        if (end != std::string_view::npos) {
          flush(at);
          html.Add("<b>{}</b>", Plain(rest.substr(2, end - 2)));
          from = at += end + 2;
          continue;
        }
      } else if (rest[0] == '[') {
        const size_t middle = rest.find("](");
        const size_t end = middle == std::string_view::npos ? middle : rest.find(')', middle);
        if (end != std::string_view::npos && rest.find('[', 1) > middle) {
          flush(at);
          html.Add(Link(std::string(rest.substr(1, middle - 1)),
                        std::string(rest.substr(middle + 2, end - middle - 2))));
          from = at += end + 1;
          continue;
        }
      }
      ++at;
    }
    flush(text.size());
    return html;
  }

  const std::vector<std::string_view> lines_;
  size_t at_ = 0;
  std::set<std::string> names_;    // headings of one word
  std::set<std::string> anchors_;  // that were given
  MarkdownDocument document_;
};

}  // namespace

MarkdownDocument ReadMarkdown(std::string_view text) { return Converter(text).Convert(); }

}  // namespace signinwatch::http
