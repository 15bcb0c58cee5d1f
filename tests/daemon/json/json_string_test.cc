#include "daemon/json/json_string.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace signinwatch::json {
namespace json_string_test {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

TEST(JsonStringTest, EscapesWhatMustBe) {
  std::string out;
  AppendJsonString("a\"\\\n\x01z\xc3\xbc\xff", &out);
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001z\xc3\xbc\\ufffd\"");
}

// Tickets, dead letters, the log and the API are all written so.
TEST(JsonStringTest, EachByteHasOneForm) {
  EXPECT_EQ(Quoted(""), "\"\"");
  EXPECT_EQ(Quoted("\b\f\n\r\t\"\\/"), R"("\b\f\n\r\t\"\\/")");
  EXPECT_EQ(Quoted("\x1f\x7f\xc2\x9b\u2028\u202e"), R"("\u001f\u007f\u009b\u2028\u202e")");
  EXPECT_EQ(Quoted("\U000e0041\U0001f600"), "\"\\udb40\\udc41\U0001f600\"");
  EXPECT_EQ(Quoted("\ufffd"), "\"\ufffd\"") << "a character like any other";
  EXPECT_EQ(Quoted("\xe2\x82z\xff"), R"("\ufffdz\ufffd")") << "the bytes of one that is cut";
}

TEST(JsonStringTest, ReadsBackAsWhatItWas) {
  std::string all;
  for (char c = 1; c < 0x7f; ++c) all += c;
  all += "\u00e4\u20ac\u2027\u202f\ufeff\U0001f600";
  EXPECT_EQ(nlohmann::json::parse(Quoted(all)).get<std::string>(), all);
}

}  // namespace json_string_test
}  // namespace signinwatch::json
