#include "daemon/sinks/cut_text.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch::sinks {
namespace cut_text_test {

TEST(CutText, CutsAtACharacterAndSaysSo) {
  const struct {
    const char* text;
    size_t most;
    const char* characters;
    const char* bytes;
  } cases[] = {
      {"", 0, "", ""},
      {"", 3, "", ""},
      {"abc", 3, "abc", "abc"},
      {"abcd", 3, "ab…", "…"},
      {"äöü", 3, "äöü", "…"},
      {"äöüß", 3, "äö…", "…"},
      {"äöü", 6, "äöü", "äöü"},
      {"äöüß", 7, "äöüß", "äö…"},
      {"abcdef", 5, "abcd…", "ab…"},
      {"a", 0, "", ""},
      {"ab", 1, "…", ""},
      {"😀😀", 1, "…", ""},
      {"😀😀", 2, "😀😀", ""},
      {"😀😀x", 8, "😀😀x", "😀…"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(CutCharacters(c.text, c.most), c.characters) << c.text << " " << c.most;
    EXPECT_EQ(CutBytes(c.text, c.most), c.bytes) << c.text << " " << c.most;
  }
}

TEST(CutText, NeverCutsTheTail) {
  EXPECT_EQ(CutCharactersBefore("text", " [t1/2]", 11), "text [t1/2]");
  EXPECT_EQ(CutCharactersBefore("textx", " [t1/2]", 11), "tex… [t1/2]");
  EXPECT_EQ(CutCharactersBefore("text", " [t1/2]", 7), " [t1/2]");
  EXPECT_EQ(CutCharactersBefore("text", " [t1/2]", 3), " [t1/2]");
  for (size_t most = 7; most < 20; ++most) {
    EXPECT_LE(CharacterCount(CutCharactersBefore(std::string(30, 'x'), " [t1/2]", most)), most);
  }
}

TEST(CutText, CountsCharacters) {
  EXPECT_EQ(CharacterCount(""), 0u);
  EXPECT_EQ(CharacterCount("aä😀…"), 4u);
}

}  // namespace cut_text_test
}  // namespace signinwatch::sinks
