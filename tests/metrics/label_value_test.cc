#include "metrics/label_value.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch::metrics {
namespace label_value_test {

TEST(LabelValue, ReplacesWhatIsNoUtf8) {
  const struct {
    std::string_view text;
    std::string_view value;
  } cases[] = {
      {"", ""},
      {"SignInLogs", "SignInLogs"},
      {"J\xc3\xbcrgen \xe2\x82\xac \xf0\x9f\x94\xa5",
       "J\xc3\xbcrgen \xe2\x82\xac \xf0\x9f\x94\xa5"},
      {"a\xff"
       "b",
       "a\xef\xbf\xbd"
       "b"},
      {"\xc3", "\xef\xbf\xbd"},                                  // cut off
      {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"},                  // cut off
      {"\xe2\x82z", "\xef\xbf\xbd\xef\xbf\xbdz"},                // broken
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                  // overlong
      {"\xe0\x9f\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // overlong
      {"\xf0\x8f\xbf\xbf", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},  // a surrogate
      {"\xed\x9f\xbf\xee\x80\x80", "\xed\x9f\xbf\xee\x80\x80"},  // its neighbours
      {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},                  // U+10FFFF
      {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
      {"\x80", "\xef\xbf\xbd"},
      {"a\x1b[2Jb\r", "a\xef\xbf\xbd[2Jb\xef\xbf\xbd"},  // a terminal would obey
      {"\u202egnp", "\xef\xbf\xbdgnp"},
  };
  for (const auto& c : cases) EXPECT_EQ(LabelValue(c.text), c.value) << c.text;
}

TEST(LabelValue, IsCutBetweenCharacters) {
  EXPECT_EQ(LabelValue(std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(LabelValue(std::string(1'000'000, 'x')), std::string(200, 'x'));
  EXPECT_EQ(LabelValue(std::string(199, 'x') + "\xc3\xbc"), std::string(199, 'x'));
  EXPECT_EQ(LabelValue(std::string(198, 'x') + "\xc3\xbc"), std::string(198, 'x') + "\xc3\xbc");
  // A replacement is longer than what it stands for.
  EXPECT_EQ(LabelValue(std::string(198, 'x') + "\xff"), std::string(198, 'x'));
}

}  // namespace label_value_test
}  // namespace signinwatch::metrics
