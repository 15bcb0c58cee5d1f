#include "daemon/http/page/runbook_page.h"

#include "daemon/http/page/assets.h"
#include "daemon/http/page/html.h"
#include "daemon/http/page/layout.h"
#include "daemon/http/page/markdown.h"

namespace signinwatch::http {

HttpReply RunbookPage() {
  // It is the same for as long as the program runs.
  static const HttpReply reply = [] {
    const MarkdownDocument document = ReadMarkdown(kRunbookMd);
    Html contents;
    for (const MarkdownDocument::Heading& heading : document.headings) {
      if (heading.level < 2) continue;
      contents.Add("<li class=\"level-{}\"><a href=\"#{}\">{}</a></li>\n", heading.level,
                   heading.anchor, heading.text);
    }
    Html main;
    main.Add(
        "<div class=\"document\"><nav aria-label=\"Sections\"><ul>\n{}</ul></nav>\n<section "
        "class=\"prose\">\n{}</section></div>\n",
        contents, document.html);
    return PageReply("Runbook - signinwatch", "/runbook", main);
  }();
  return reply;
}

}  // namespace signinwatch::http
