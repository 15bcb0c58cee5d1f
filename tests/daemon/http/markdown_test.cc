// Our documents as pages: each form of Markdown that is known, and that the rest is text.
#include "daemon/http/page/markdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "daemon/http/page/assets.h"
#include "daemon/http/page/runbook_page.h"

namespace signinwatch::http {
namespace markdown_test {

using testing::HasSubstr;
using testing::Not;

std::string HtmlOf(std::string_view text) { return ReadMarkdown(text).html.text(); }

TEST(Markdown, EachForm) {
  const struct {
    const char* text;
    const char* html;
  } cases[] = {
      {"", ""},
      {"# One two", "<h1 id=\"one-two\">One two</h1>\n"},
      {"### SigninwatchAbsent\n", "<h3 id=\"SigninwatchAbsent\">SigninwatchAbsent</h3>\n"},
      {"#none", "<p>#none</p>\n"},
      {"a\nb\n\nc", "<p>a b</p>\n<p>c</p>\n"},
      {"- a\n  b\n- c\n", "<ul>\n<li>a b</li>\n<li>c</li>\n</ul>\n"},
      {"- a\n\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
      {"```sh\na <b>\n\n  c\n```\nd",
       "<pre class=\"command\"><code>a &lt;b&gt;\n\n  c</code></pre>\n<p>d</p>\n"},
      {"- a\n\n  ```\n  x\n    y\n  ```\n- b",
       "<ul>\n<li>a<pre class=\"command\"><code>x\n  y</code></pre>\n</li>\n<li>b</li>\n</ul>\n"},
      {"```\nnever closed", "<pre class=\"command\"><code>never closed</code></pre>\n"},
      {"a `b < **c**` **d**", "<p>a <code>b &lt; **c**</code> <b>d</b></p>\n"},
      {"a ` b ** c [d]", "<p>a ` b ** c [d]</p>\n"},
      {"[a](https://b/?c&d) [e](#f)",
       "<p><a href=\"https://b/?c&amp;d\">a</a> <a href=\"#f\">e</a></p>\n"},
      {"[a](javascript:alert(1)) [b](x.md) [c](http://d)", "<p>a) b c</p>\n"},
      {"<script>&", "<p>&lt;script&gt;&amp;</p>\n"},
  };
  for (const auto& c : cases) EXPECT_EQ(HtmlOf(c.text), c.html) << c.text;
}

TEST(Markdown, NamesLeadToTheirSections) {
  const std::string html = HtmlOf("### Alert\n\nAs Alert, not Alerts: **Alert**, `Alert`.\n");
  EXPECT_THAT(html, HasSubstr("As <a href=\"#Alert\">Alert</a>, not Alerts: "
                              "<b><a href=\"#Alert\">Alert</a></b>, <code>Alert</code>."));
}

TEST(Markdown, AnchorsAreDifferent) {
  EXPECT_EQ(HtmlOf("# A b\n# A b\n# A b\n"),
            "<h1 id=\"a-b\">A b</h1>\n<h1 id=\"a-b-1\">A b</h1>\n<h1 id=\"a-b-2\">A b</h1>\n");
}

// /runbook#ALERT is where alerts link to.
TEST(RunbookPage, HasASectionForEachAlert) {
  const HttpReply reply = RunbookPage();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.content_type, kHtmlType);
  size_t alerts = 0;
  for (const auto& heading : ReadMarkdown(kRunbookMd).headings) {
    if (!heading.text.starts_with("Signinwatch")) continue;
    ++alerts;
    EXPECT_EQ(heading.anchor, heading.text);
    EXPECT_THAT(reply.body, HasSubstr("id=\"" + heading.text + "\""));
    EXPECT_THAT(reply.body, HasSubstr("<a href=\"#" + heading.text + "\">"));
  }
  EXPECT_GT(alerts, 30u);
  EXPECT_THAT(reply.body, Not(HasSubstr("**")));
  EXPECT_THAT(reply.body, Not(HasSubstr("```")));
}

}  // namespace markdown_test
}  // namespace signinwatch::http
