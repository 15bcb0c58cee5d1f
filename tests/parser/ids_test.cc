#include "parser/ids.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace {

constexpr char kGuid[] = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

TEST(IdsTest, GuidIsItsBytes) {
  const auto id = MakeId<TenantId>(kGuid);
  EXPECT_EQ(id.form, IdForm::kGuid);
  EXPECT_EQ(id.hi, 0x0f1e2d3c4b5a6978u);
  EXPECT_EQ(id.lo, 0x8796a5b4c3d2e1f0u);
  EXPECT_EQ(FormatGuid(id.hi, id.lo), kGuid);
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

}  // namespace
}  // namespace signinwatch
