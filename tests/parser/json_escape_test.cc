#include "parser/json_escape.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace signinwatch {
namespace json_escape_test {

std::string Unescaped(std::string_view raw, bool repair = false) {
  std::string out;
  AppendUnescaped(raw, repair, &out);
  return out;
}

TEST(JsonEscapeTest, EveryEscape) {
  EXPECT_EQ(Unescaped(R"(a\"b\\c\/d\b\f\n\r\te)"), "a\"b\\c/d\b\f\n\r\te");
  EXPECT_EQ(Unescaped(R"(\u0041\u00e9\u20AC\uD83D\uDE00)"),
            "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(Unescaped(R"(\u0000)"), std::string(1, '\0'));
  EXPECT_EQ(Unescaped(""), "");
}

TEST(JsonEscapeTest, LoneSurrogates) {
  EXPECT_EQ(Unescaped(R"(\ud800)"), "\xef\xbf\xbd");
  EXPECT_EQ(Unescaped(R"(\ude00x)"), "\xef\xbf\xbdx");
  EXPECT_EQ(Unescaped(R"(\ud800\ud83d\ude00)"), "\xef\xbf\xbd\xf0\x9f\x98\x80");
  EXPECT_EQ(Unescaped(R"(\ud800\u0041)"), "\xef\xbf\xbd\x41");
  EXPECT_TRUE(ReadEscape(R"(\ud800)").lone_surrogate);
  EXPECT_FALSE(ReadEscape(R"(\ud83d\ude00)").lone_surrogate);
  EXPECT_EQ(ReadEscape(R"(\ud83d\ude00)").size, 12u);
}

TEST(JsonEscapeTest, WhatIsNone) {
  for (const char* text : {"\\", "\\x41", "\\'", "\\U0041", "\\u", "\\u004", "\\u00g1", "\\u 041",
                           "\\\n", "\\u+041"}) {
    EXPECT_EQ(ReadEscape(text).size, 0u) << text;
  }
}

TEST(JsonEscapeTest, RepairsBetweenEscapes) {
  EXPECT_EQ(Unescaped("\xff\\n\xc3\xa9\xe2\x82", true), "\xef\xbf\xbd\n\xc3\xa9\xef\xbf\xbd");
}

}  // namespace json_escape_test
}  // namespace signinwatch
