#include "parser/ascii.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace ascii_test {

TEST(AsciiTest, LowersLettersAlone) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(byte + 32) : c;
    EXPECT_EQ(LowerAsciiOf(c), lower);
    // At each place of a word and of what is left behind the last.
    for (size_t size = 1; size < 20; ++size) {
      for (size_t at = 0; at < size; ++at) {
        std::string text(size, '\xff');
        std::string expected = text;
        text[at] = c;
        expected[at] = lower;
        LowerAsciiRange(text.data(), text.size());
        EXPECT_EQ(text, expected) << byte;
      }
    }
  }
}

TEST(AsciiTest, ComparesWithoutCase) {
  EXPECT_TRUE(EqualsWithoutCase("", ""));
  EXPECT_TRUE(EqualsWithoutCase("SignInLogs", "signinLOGS"));
  EXPECT_FALSE(EqualsWithoutCase("SignInLogs", "SignInLog"));
  EXPECT_FALSE(EqualsWithoutCase("@[`{", "`{@["));
  EXPECT_FALSE(EqualsWithoutCase("\xc3\x84", "\xc3\xa4"));
}

// At each place of texts of each size, with each byte against each of a few that are near it.
TEST(AsciiTest, ComparesByWordsAsByBytes) {
  for (size_t size = 1; size < 20; ++size) {
    for (size_t at = 0; at < size; ++at) {
      std::string a(size, 'x');
      std::string b(size, 'X');
      for (int byte = 0; byte < 256; ++byte) {
        a[at] = static_cast<char>(byte);
        for (const int change : {0, 0x20, 0x01, 0x40, 0x80, 0xa0}) {
          b[at] = static_cast<char>(byte ^ change);
          EXPECT_EQ(EqualsWithoutCase(a, b), LowerAsciiOf(a[at]) == LowerAsciiOf(b[at]))
              << size << " " << at << " " << byte << " " << change;
        }
      }
    }
  }
}

}  // namespace ascii_test
}  // namespace signinwatch
