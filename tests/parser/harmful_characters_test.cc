#include "parser/harmful_characters.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace harmful_characters_test {

constexpr const char* kShown = "\xef\xbf\xbd";

TEST(HarmfulCharactersTest, ControlsDirectionsAndWhatCanNotBeSeen) {
  for (uint32_t c = 0; c < 0x20; ++c) EXPECT_TRUE(IsHarmful(c)) << c;
  for (uint32_t c = 0x7f; c < 0xa0; ++c) EXPECT_TRUE(IsHarmful(c)) << c;
  for (const uint32_t c : {0xadU,   0x61cU,  0x200bU, 0x200cU, 0x200dU, 0x200eU, 0x200fU,
                           0x2028U, 0x2029U, 0x202aU, 0x202bU, 0x202cU, 0x202dU, 0x202eU,
                           0x2060U, 0x2066U, 0x2067U, 0x2068U, 0x2069U, 0xfeffU, 0xe0041U}) {
    EXPECT_TRUE(IsHarmful(c)) << c;
  }
  for (const uint32_t c : {0x20U, 0x7eU, 0xa0U, 0xe9U, 0x5d0U, 0x627U, 0x4e2dU, 0x200aU, 0x2010U,
                           0x2030U, 0xfe0fU, 0x1f600U, 0xfffdU}) {
    EXPECT_FALSE(IsHarmful(c)) << c;
  }
}

TEST(HarmfulCharactersTest, AreShownAsWhatTheyAreNot) {
  EXPECT_EQ(Harmless("J\u00fcrgen \u05d0\u05d1 \U0001f600"), "J\u00fcrgen \u05d0\u05d1 \U0001f600");
  EXPECT_EQ(Harmless("a\x1b[31mb"), std::string("a") + kShown + "[31mb");
  EXPECT_EQ(Harmless("a\u009bb"), std::string("a") + kShown + "b");
  EXPECT_EQ(Harmless("a\x9b"), std::string("a") + kShown) << "the bare byte, which is no UTF-8";
  EXPECT_EQ(Harmless("\u202egnp.exe"), std::string(kShown) + "gnp.exe");
  EXPECT_EQ(Harmless("a\n\tb\r", "\n\t"), std::string("a\n\tb") + kShown);
  EXPECT_EQ(Harmless(std::string("\0", 1)), kShown);
  EXPECT_EQ(Harmless(""), "");
}

// The same value: a program that reads it has what the record said.
TEST(HarmfulCharactersTest, AreEscapedInJson) {
  EXPECT_EQ(EscapeHarmfulInJson("{\"a\": \"x\u202ey\u009bz\x7f\"}\n"),
            "{\"a\": \"x\\u202ey\\u009bz\\u007f\"}\n");
  EXPECT_EQ(EscapeHarmfulInJson("\"\U000e0041\""), "\"\\udb40\\udc41\"");
  EXPECT_EQ(EscapeHarmfulInJson("\"J\u00fcrgen\""), "\"J\u00fcrgen\"");
  EXPECT_EQ(EscapeHarmfulInJson("{}"), "{}");
}

}  // namespace harmful_characters_test
}  // namespace signinwatch
