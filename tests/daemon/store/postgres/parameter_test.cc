// PostgreSQL's binary form, byte by byte.
#include "daemon/store/postgres/parameter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace signinwatch::store::postgres {
namespace parameter_test {

using std::string_literals::operator""s;

TEST(Parameter, IntegersAreBigEndian) {
  EXPECT_EQ(Integer(258).bytes, "\0\0\0\0\0\0\1\2"s);
  EXPECT_EQ(Integer(-2).bytes, "\xff\xff\xff\xff\xff\xff\xff\xfe"s);
  for (const int64_t value : {int64_t{0}, int64_t{-1}, int64_t{1} << 62, -(int64_t{1} << 40)}) {
    EXPECT_EQ(IntegerOf(Integer(value).bytes), value);
  }
  EXPECT_EQ(IntegerOf("\1"), 1) << "a boolean";
}

TEST(Parameter, TextsAreWhatPostgresTakes) {
  const struct {
    std::string text, stored;
  } cases[] = {{"plain", "plain"},
               {"", ""},
               {"\xc3\xa9", "\xc3\xa9"},
               {"a\0b"s, "a\xef\xbf\xbd"s + "b"},
               {"\0"s, "\xef\xbf\xbd"},
               {"\0\0x"s, "\xef\xbf\xbd\xef\xbf\xbdx"},
               {"cut \xc3", "cut \xef\xbf\xbd"}};
  for (const auto& c : cases) EXPECT_EQ(Text(c.text).bytes, c.stored) << c.text;
  EXPECT_EQ(Bytes("a\0\xff"s).bytes, "a\0\xff"s);
}

TEST(Parameter, ArraysSayWhatIsInThem) {
  ArrayParameter texts(Type::kText);
  texts.Add("ab");
  texts.Add("");
  EXPECT_EQ(std::move(texts).Take().bytes,
            "\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1"s + "\0\0\0\2ab\0\0\0\0"s);
  EXPECT_EQ(ArrayParameter(Type::kInteger).Take().bytes, "\0\0\0\0\0\0\0\0\0\0\0\x14"s)
      << "an empty one has no dimension";
}

}  // namespace parameter_test
}  // namespace signinwatch::store::postgres
