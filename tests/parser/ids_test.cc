#include "parser/ids.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace signinwatch {
namespace ids_test {

constexpr char kGuid[] = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

TEST(IdsTest, GuidIsItsBytes) {
  const auto id = MakeId<TenantId>(kGuid);
  EXPECT_EQ(id.form, IdForm::kGuid);
  EXPECT_EQ(id.hi, 0x0f1e2d3c4b5a6978u);
  EXPECT_EQ(id.lo, 0x8796a5b4c3d2e1f0u);
  EXPECT_EQ(FormatGuid(id.hi, id.lo), kGuid);
}

TEST(IdsTest, EachDigitOfAGuidIsItsOwn) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const std::string zeros = "00000000-0000-0000-0000-000000000000";
  int digit = 0;
  for (size_t at = 0; at < zeros.size(); ++at) {
    if (zeros[at] == '-') continue;
    const int shift = 60 - 4 * (digit++ % 16);
    for (uint64_t value = 0; value < 16; ++value) {
      std::string expected = zeros;
      expected[at] = kDigits[value];
      const uint64_t half = value << shift;
      EXPECT_EQ(at < 19 ? FormatGuid(half, 0) : FormatGuid(0, half), expected);
    }
  }
}

TEST(IdsTest, OnlyALowerCaseGuidIsOne) {
  std::string text = kGuid;
  EXPECT_TRUE(ParseLowerGuid(text).has_value());
  for (size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'g', 'A', '-', ' ', '0', '\0', '\xff', '/', ':', '`'}) {
      std::string other = text;
      other[i] = c;
      const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
      EXPECT_EQ(ParseLowerGuid(other).has_value(), hyphen ? c == '-' : c == '0') << other;
    }
  }
  EXPECT_FALSE(ParseLowerGuid(text.substr(1)).has_value());
  EXPECT_FALSE(ParseLowerGuid(text + "0").has_value());
  EXPECT_FALSE(ParseLowerGuid("").has_value());
}

TEST(IdsTest, EmptyAndZeroAreNone) {
  EXPECT_FALSE(MakeId<UserId>("").present());
  EXPECT_FALSE(MakeId<UserId>("00000000-0000-0000-0000-000000000000").present());
  EXPECT_FALSE(MakeNameId("").present());
}

TEST(IdsTest, TextIsHashed) {
  const auto id = MakeId<UserId>("user1");
  EXPECT_EQ(id.form, IdForm::kText);
  EXPECT_EQ(id, MakeId<UserId>("user1"));
  EXPECT_NE(id, MakeId<UserId>("user2"));
  EXPECT_NE(id, MakeNameId("user1"));
  EXPECT_EQ(MakeNameId(kGuid).form, IdForm::kName);
}

std::string Kept(const std::string& text, const std::string& compared) {
  std::string kept = "x" + text;
  KeepIdentity(compared, 1, &kept);
  EXPECT_EQ(kept[0], 'x');
  return kept.substr(1);
}

TEST(ShownIdTest, IsTheTextThatItWasMadeOf) {
  const std::string guid = "0123abcd-0000-4000-8000-00000000000f";
  for (const std::string& text :
       {guid, std::string("0123ABCD-0000-4000-8000-00000000000F"), std::string("record 1"),
        std::string("00000000-0000-0000-0000-000000000000"), std::string()}) {
    EXPECT_EQ(ShownId(text).ToText(), text);
    EXPECT_EQ(ShownId(text).text(), text == guid ? "" : text) << "a GUID has no text to keep";
  }
  EXPECT_EQ(ShownId(guid), ShownId(Hash128{0x0123abcd00004000, 0x800000000000000f}));
  EXPECT_NE(ShownId(guid), ShownId("0123ABCD-0000-4000-8000-00000000000F"));
  EXPECT_NE(ShownId(""), ShownId(guid));
}

TEST(KeptTextTest, IsCutAtACharacter) {
  EXPECT_EQ(CutText(""), "");
  EXPECT_EQ(CutText(std::string(1024, 'a')), std::string(1024, 'a'));
  EXPECT_EQ(CutText(std::string(1025, 'a')), std::string(1024, 'a'));
  for (const std::string character : {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    for (size_t before = 1018; before <= 1024; ++before) {
      const std::string start(before, 'a');
      const bool fits = before + character.size() <= 1024;
      EXPECT_EQ(CutText(start + character + std::string(9, 'b')).substr(0, before + (fits ? 2 : 1)),
                start + (fits ? character.substr(0, 2) : ""));
    }
  }
}

// Two long ids that begin alike stay two, and what is kept of them is bounded.
TEST(KeptTextTest, OfAnIdIsComparedWhole) {
  const std::string start(2000, 'a');
  const std::string one = Kept(start + "1", start + "1");
  const std::string two = Kept(start + "2", start + "2");
  EXPECT_NE(one, two);
  EXPECT_EQ(one, Kept(start + "1", start + "1"));
  EXPECT_EQ(one.size(), 1024u + 32u);
  EXPECT_EQ(ShownText(one), start.substr(0, 1024));
  EXPECT_EQ(ShownText(two), ShownText(one));
  // Up to the limit nothing is done.
  EXPECT_EQ(Kept("user1", "user1"), "user1");
  EXPECT_EQ(ShownText("user1"), "user1");
  const std::string limit = start.substr(0, 1024);
  EXPECT_EQ(Kept(limit, limit), limit);
  EXPECT_EQ(ShownText(limit), limit);
  // The shortest beginning: three bytes of the next character do not fit.
  const std::string wide = start.substr(0, 1021) + "\xf0\x9f\x98\x80";
  EXPECT_EQ(ShownText(Kept(wide, wide)), start.substr(0, 1021));
}

// A name is shown as it is written and compared without case.
TEST(KeptTextTest, OfANameInAnyCaseIsTheSameIdentity) {
  const std::string lower = std::string(1500, 'a') + "@example.com";
  const std::string upper = std::string(1500, 'A') + "@example.com";
  std::string kept = Kept(upper, lower);
  EXPECT_EQ(ShownText(kept), upper.substr(0, 1024));
  LowerAscii(kept);
  EXPECT_EQ(kept, Kept(lower, lower));
}

}  // namespace ids_test
}  // namespace signinwatch
