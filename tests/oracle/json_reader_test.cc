#include "tests/oracle/json_reader.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace signinwatch::oracle {
namespace json_reader_test {

std::string Nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonReader, KeepsMembersInOrderWithTheirBytes) {
  const JsonReading reading = ReadJson(R"( {"b": [1, -2.5e3], "a":null, "b" : true} )", 8);
  ASSERT_FALSE(reading.damaged_at());
  ASSERT_EQ(reading.root.members.size(), 3u);
  EXPECT_EQ(reading.root.begin, 1u);
  EXPECT_EQ(reading.root.end, 41u);
  const JsonValue* first = Find(reading.root, "b");
  ASSERT_EQ(first->elements.size(), 2u);
  EXPECT_EQ(first->elements[1].text, "-2.5e3");
  EXPECT_EQ(first->elements[1].begin, 11u);
  EXPECT_EQ(first->elements[1].end, 17u);
  EXPECT_EQ(reading.root.members[2].value.kind, JsonKind::kTrue);
  EXPECT_EQ(Find(reading.root, "c"), nullptr);
}

TEST(JsonReader, TellsWhereTheDamageIs) {
  struct Case {
    const char* text;
    size_t at;
  };
  static constexpr Case kCases[] = {
      {"", 0},        {"{", 1},           {"[1,", 3},        {"[1,]", 3},  {"[1 2]", 3},
      {"{\"a\"}", 4}, {"{\"a\":}", 5},    {"{\"a\":1,}", 7}, {"{a:1}", 1}, {"[01]", 2},
      {"[-]", 2},     {"[1.]", 3},        {"[.5]", 1},       {"[1e]", 3},  {"[+1]", 1},
      {"tru", 3},     {"nul", 3},         {"[truex]", 5},    {"[1x]", 2},  {"\"a", 2},
      {"\"\\x\"", 1}, {"\"\\u12G4\"", 1}, {"\"\\u123", 1},   {"[] []", 3}, {"{} x", 3},
      {"\xFF", 0},    {"[1]\x01", 3},     {"'a'", 0},        {"[NaN]", 1}, {"[1", 2},
      {"[\"\\", 2},   {"{\"a\":1]", 6},   {"[1}", 2},        {"/**/1", 0},
  };
  for (const Case& c : kCases) {
    const JsonReading reading = ReadJson(c.text, 8);
    EXPECT_EQ(reading.broken_at, c.at) << c.text;
    EXPECT_FALSE(reading.too_deep_at) << c.text;
  }
}

TEST(JsonReader, ReadsWhatIsAllowed) {
  for (const char* text :
       {"0", "-0", "12", "1e5", "1E+05", "0.10", "\"\"", "null", " [ ] ", "{ }", "\t{\r\n}",
        "[[],{}]", R"("\"\\\/\b\f\n\r\t")", "\"\x7f\"", R"({"":{"":0}})"}) {
    EXPECT_FALSE(ReadJson(text, 8).damaged_at()) << text;
  }
}

TEST(JsonReader, MarksWhatWasBegunBeforeTheDamage) {
  const JsonReading reading = ReadJson(R"({"records":[{"a":1},"x",tr)", 8);
  ASSERT_TRUE(reading.broken_at);
  const JsonValue* records = Find(reading.root, "records");
  ASSERT_EQ(records->elements.size(), 3u);
  EXPECT_FALSE(records->whole);
  EXPECT_TRUE(records->elements[0].whole);
  EXPECT_TRUE(records->elements[1].whole);
  EXPECT_FALSE(records->elements[2].whole);
  EXPECT_EQ(records->elements[2].begin, 24u);
}

TEST(JsonReader, NumberAtTheEndIsWholeOnlyOutsideContainers) {
  EXPECT_TRUE(ReadJson("12", 8).root.whole);
  EXPECT_FALSE(ReadJson("[12", 8).root.elements[0].whole);
  EXPECT_TRUE(ReadJson("[12 ", 8).root.elements[0].whole);
  EXPECT_TRUE(ReadJson("[true", 8).root.elements[0].whole);
}

TEST(JsonReader, TellsWhereItIsTooDeepAndReadsOn) {
  EXPECT_FALSE(ReadJson(Nested(1024), 1024).damaged_at());
  const JsonReading reading = ReadJson(Nested(1025), 1024);
  EXPECT_EQ(reading.too_deep_at, 1024u);
  EXPECT_FALSE(reading.broken_at);
  EXPECT_TRUE(reading.root.whole);
  EXPECT_FALSE(ReadJson(R"({"a":[{}]})", 3).too_deep_at);
  const JsonReading broken = ReadJson(R"({"a":[{"b":{}}],"c":[1],"d"})", 2);
  EXPECT_EQ(broken.too_deep_at, 6u);
  EXPECT_EQ(broken.broken_at, 27u);
  EXPECT_EQ(broken.damaged_at(), 6u);
  EXPECT_TRUE(Find(broken.root, "c")->whole);
  EXPECT_FALSE(ReadJson(Nested(1'000'000), 1024).broken_at);
}

TEST(JsonReader, UnescapesText) {
  struct Case {
    const char* json;
    const char* text;
    uint64_t lone_surrogates;
  };
  static constexpr Case kCases[] = {
      {R"("a\u0041\u00e9\u20AC")", "aA\u00e9\u20ac", 0},
      {R"("\ud83d\ude00")", "\U0001F600", 0},
      {R"("\ud83d")", "\uFFFD", 1},
      {R"("\ude00\ud83d")", "\uFFFD\uFFFD", 2},
      {R"("\ud83d\u0041")", "\uFFFDA", 1},
      {R"("\ud83d\n")", "\uFFFD\n", 1},
      {R"("\ud83d\ud83d\ude00")", "\uFFFD\U0001F600", 1},
      {"\"\xC3\xA9\"", "\u00e9", 0},
  };
  for (const Case& c : kCases) {
    const JsonReading reading = ReadJson(c.json, 8);
    EXPECT_FALSE(reading.damaged_at()) << c.json;
    EXPECT_EQ(reading.root.text, c.text) << c.json;
    EXPECT_EQ(reading.lone_surrogates, c.lone_surrogates) << c.json;
  }
}

TEST(JsonReader, ReplacesEachMaximalSubpart) {
  struct Case {
    const char* bytes;
    const char* text;
    uint64_t count;
  };
  // The second to fourth are tables 3-8 to 3-11 of Unicode 15, section 3.9.
  static constexpr Case kCases[] = {
      {"\xF4\x8F\xBF\xBF", "\U0010FFFF", 0},
      {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA",
       8},
      {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA",
       8},
      {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42",
       "\uFFFD\uFFFD\uFFFD\uFFFD\uFFFDA\uFFFD\uFFFD"
       "B",
       7},
      {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "\uFFFD\uFFFD\uFFFD\uFFFDA", 4},
      {"\xE2\x82", "\uFFFD", 1},
  };
  for (const Case& c : kCases) {
    const JsonReading reading = ReadJson("\"" + std::string(c.bytes) + "\"", 8);
    ASSERT_FALSE(reading.damaged_at());
    EXPECT_EQ(reading.root.text, c.text);
    EXPECT_EQ(CountInvalidUtf8(c.bytes), c.count) << c.text;
  }
}

}  // namespace json_reader_test
}  // namespace signinwatch::oracle
