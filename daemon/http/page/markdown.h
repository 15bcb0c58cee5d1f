// Our own documents as HTML: the few forms of Markdown that they use, and nothing else.
//
// Headings, paragraphs, lists, code blocks between lines of three back quotes; in a line `code`,
// **bold** and [links](https://...). Whatever is none of these is text. HTML in a document is text.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_MARKDOWN_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_MARKDOWN_H_

#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/page/html.h"

namespace signinwatch::http {

struct MarkdownDocument {
  struct Heading {
    int level = 1;
    std::string text;
    std::string anchor;
  };
  Html html;
  std::vector<Heading> headings;
};

// A heading's anchor is its text where that is one word (an alert's name), else its words in lower
// case with dashes. A word of the text that is the anchor of a one-word heading leads there. Links
// lead to anchors and to https:// alone; of others the text is left.
[[nodiscard]] MarkdownDocument ReadMarkdown(std::string_view text);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_MARKDOWN_H_
