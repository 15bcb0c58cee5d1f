#include "daemon/files/json_scanner.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "parser/message_parser.h"

namespace signinwatch {
namespace json_scanner_test {

// How much of `text` is a whole value at its start; 0: none.
size_t Scan(std::string_view text, size_t piece_bytes) {
  files::JsonScanner scanner;
  size_t taken = 0;
  while (taken < text.size() && !scanner.whole() && !scanner.broken()) {
    taken += scanner.Feed(text.substr(taken, piece_bytes));
  }
  return scanner.EndsWhole() ? taken : 0;
}

struct ScannerCase {
  std::string_view text;
  size_t size;  // of the value at its start
};

constexpr ScannerCase kCases[] = {
    {"", 0},
    {"{}", 2},
    {"[]", 2},
    {"[ ] \n", 3},
    {R"({"a":1,"b":[true,false,null],"c":{"d":"e"}})", 43},
    {R"({"a" : 1 , "b" : 2})", 19},
    {R"([1,[2,[3]],{"a":[]}])", 20},
    {R"({"a":1,})", 0},
    {R"([1,])", 0},
    {R"([,1])", 0},
    {R"({"a"})", 0},
    {R"({"a":})", 0},
    {R"({1:2})", 0},
    {R"({"a":1 "b":2})", 0},
    {R"([1 2])", 0},
    {"{]", 0},
    {"[}", 0},
    {"]", 0},
    {"{", 0},
    {"[1", 0},
    {"{}{}", 2},
    {"[1]\n{}", 3},
    {"{} x", 2},
    {"{}}", 2},
    {R"("text")", 6},
    {R"("a\"b\\c\/\b\f\n\r\t\u00e4")", 27},
    {R"("\x")", 0},
    {R"("\u12g4")", 0},
    {"\"a\nb\x01\"", 6},
    {"\"\xff\xfe\"", 4},
    {R"("open)", 0},
    {"true", 4},
    {"false]", 5},
    {"null", 4},
    {"nul", 0},
    {"True", 0},
    {"0", 1},
    {"-0", 2},
    {"-", 0},
    {"12 3", 2},
    {"12{}", 2},
    {"1.5", 3},
    {"1.", 0},
    {".5", 0},
    {"1e5", 3},
    {"1E+5", 4},
    {"1.25e-10,", 8},
    {"1e", 0},
    {"1e+", 0},
    {"[1,-2.5e3,0]", 12},
    {"[1x]", 0},
    {"[01]", 0},
    {"[\x0c]", 0},
    {"+1", 0},
    {std::string_view("\0\0", 2), 0},
};

TEST(JsonScannerTest, FindsTheEndOfAValueHoweverItIsPieced) {
  for (const ScannerCase& c : kCases) {
    for (size_t piece_bytes : {1, 2, 3, 1000}) {
      EXPECT_EQ(Scan(c.text, piece_bytes), c.size) << c.text << " in " << piece_bytes;
    }
  }
}

// What it finds is what the parser takes for a value.
TEST(JsonScannerTest, AgreesWithTheParser) {
  for (const ScannerCase& c : kCases) {
    if (c.size > 0) {
      EXPECT_NE(ClassifyJson(c.text.substr(0, c.size)), JsonShape::kNotJson) << c.text;
    }
    EXPECT_EQ(ClassifyJson(c.text) != JsonShape::kNotJson,
              c.size > 0 && c.text.find_first_not_of(" \n", c.size) == std::string_view::npos)
        << c.text;
  }
}

TEST(JsonScannerTest, IsBoundedInDepth) {
  files::JsonScanner scanner;
  const std::string deep(1 << 16, '[');
  for (int i = 0; i < 17; ++i) (void)scanner.Feed(deep);
  EXPECT_TRUE(scanner.broken());
}

TEST(JsonScannerTest, SaysEarlyThatNothingCanMendIt) {
  files::JsonScanner scanner;
  (void)scanner.Feed(R"({"time":"2026-11-24T09:00:00Z","tenantId":)");
  EXPECT_FALSE(scanner.broken());
  (void)scanner.Feed("\n{\"a\":1}\n{");
  EXPECT_TRUE(scanner.broken());
  scanner.Reset();
  EXPECT_EQ(scanner.Feed("[1]2"), 3U);
  EXPECT_TRUE(scanner.whole());
}

}  // namespace json_scanner_test
}  // namespace signinwatch
