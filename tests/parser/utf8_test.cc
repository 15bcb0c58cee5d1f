#include "parser/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace signinwatch {
namespace utf8_test {

using std::string_literals::operator""s;

std::string Repaired(std::string_view text) {
  std::string out;
  AppendValidUtf8(text, &out);
  return out;
}

TEST(Utf8Test, OneReplacementForEachMaximalSubpart) {
  const std::string fffd = "\xef\xbf\xbd";
  const struct {
    std::string text;
    std::string repaired;
    uint64_t replacements;
  } kCases[] = {
      {"", "", 0},
      {"plain", "plain", 0},
      {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 0},
      {"\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", "\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf", 0},
      {"a\x80z", "a" + fffd + "z", 1},
      {"\xff\xfe", fffd + fffd, 2},
      {"\xc0\xaf", fffd + fffd, 2},
      {"\xe2\x82", fffd, 1},
      {"\xe2\x82z", fffd + "z", 1},
      {"\xf0\x9f\x98z", fffd + "z", 1},
      {"\xe0\x80\x80", fffd + fffd + fffd, 3},
      {"\xed\xa0\x80", fffd + fffd + fffd, 3},
      {"\xf4\x90\x80\x80", fffd + fffd + fffd + fffd, 4},
      {"\xf5\x80", fffd + fffd, 2},
      // Tables 3-8 and 3-11 of the Unicode Standard.
      {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
       fffd + fffd + fffd + fffd + fffd + fffd + fffd + fffd + "A", 8},
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", fffd + fffd + fffd + fffd + "A", 4},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Repaired(c.text), c.repaired);
    std::string masked = c.text;
    EXPECT_EQ(MaskInvalidUtf8(&masked), c.replacements);
    EXPECT_EQ(masked.size(), c.text.size());
    EXPECT_EQ(Repaired(masked), masked);
  }
}

TEST(Utf8Test, CodePointsOfEverySize) {
  const struct {
    uint32_t code_point;
    std::string utf8;
  } kCases[] = {{0, "\0"s},
                {0x7f, "\x7f"},
                {0x80, "\xc2\x80"},
                {0x7ff, "\xdf\xbf"},
                {0x800, "\xe0\xa0\x80"},
                {0xffff, "\xef\xbf\xbf"},
                {0x10000, "\xf0\x90\x80\x80"},
                {0x10ffff, "\xf4\x8f\xbf\xbf"}};
  for (const auto& c : kCases) {
    std::string out;
    AppendCodePoint(c.code_point, &out);
    EXPECT_EQ(out, c.utf8);
    EXPECT_EQ(NextUtf8(out).size, out.size());
    EXPECT_TRUE(NextUtf8(out).valid);
  }
}

}  // namespace utf8_test
}  // namespace signinwatch
