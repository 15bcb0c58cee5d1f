#include "daemon/http/page/html.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch::http {
namespace html_test {

TEST(Html, TextIsEscapedAndHtmlIsNot) {
  const Html inner = Html().Add("<b>{}</b>", "<i>");
  const Html outer = Html().Add("<p class=\"{}\">{}{}</p>", "a\"b'c", inner, 7);
  EXPECT_EQ(outer.text(), "<p class=\"a&quot;b&#39;c\"><b>&lt;i&gt;</b>7</p>");
}

TEST(Html, PiecesAreNotLookedInto) { EXPECT_EQ(Html().Add("{}-{}", "{}", "x").text(), "{}-x"); }

TEST(Html, WhatIsNoTextIsReplaced) {
  EXPECT_EQ(EscapeHtml("a&b\n"), "a&amp;b\n");
  EXPECT_EQ(EscapeHtml(std::string("a\0b\x1b\x7f", 5)), "a\ufffdb\ufffd\ufffd");
  EXPECT_EQ(EscapeHtml("a\xff\xc3(b"), "a\ufffd\ufffd(b");
  EXPECT_EQ(EscapeHtml("\u00fc\u65e5\U0001f600"), "\u00fc\u65e5\U0001f600");
}

TEST(Html, ControlsOfReadingOrderAreReplaced) {
  for (const char* control : {"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d",
                              "\u202e", "\u2066", "\u2067", "\u2068", "\u2069"}) {
    EXPECT_EQ(EscapeHtml(control), "\ufffd");
  }
  EXPECT_EQ(EscapeHtml("\u2013\u20ac\u2070"), "\u2013\u20ac\u2070");
}

TEST(Html, QueryValues) {
  EXPECT_EQ(EscapeQuery("a-b_c.d~9"), "a-b_c.d~9");
  EXPECT_EQ(EscapeQuery("a b&c=d+\u00fc"), "a%20b%26c%3Dd%2B%C3%BC");
}

TEST(HtmlDeathTest, PiecesThatDoNotFitAbort) {
  EXPECT_DEATH(Html().Add("{}"), "too few");
  EXPECT_DEATH(Html().Add("x", 1), "too many");
}

}  // namespace html_test
}  // namespace signinwatch::http
