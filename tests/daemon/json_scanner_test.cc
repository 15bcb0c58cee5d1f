#include "daemon/files/json_scanner.h"

#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace signinwatch {
namespace {

JsonShape Scan(std::string_view text, size_t piece_bytes) {
  JsonScanner scanner;
  while (!text.empty()) {
    scanner.Feed(text.substr(0, piece_bytes));
    text.remove_prefix(std::min(piece_bytes, text.size()));
  }
  return scanner.Finish();
}

struct Case {
  std::string_view text;
  JsonShape shape;
};

constexpr JsonShape kNone = JsonShape::kNotJson;
constexpr JsonShape kScalar = JsonShape::kScalar;
constexpr JsonShape kObject = JsonShape::kObject;
constexpr JsonShape kArray = JsonShape::kArray;

constexpr Case kCases[] = {
    {"", kNone},
    {" \t\r\n", kNone},
    {"{}", kObject},
    {"[]", kArray},
    {" [ ] \n", kArray},
    {"\xef\xbb\xbf{}", kObject},
    {"\xef\xbb{}", kNone},
    {" \xef\xbb\xbf{}", kNone},
    {R"({"a":1,"b":[true,false,null],"c":{"d":"e"}})", kObject},
    {R"({"a" : 1 , "b" : 2})", kObject},
    {R"([1,[2,[3]],{"a":[]}])", kArray},
    {R"({"a":1,})", kNone},
    {R"([1,])", kNone},
    {R"([,1])", kNone},
    {R"({"a"})", kNone},
    {R"({"a":})", kNone},
    {R"({1:2})", kNone},
    {R"({"a":1 "b":2})", kNone},
    {R"([1 2])", kNone},
    {"{]", kNone},
    {"[}", kNone},
    {"]", kNone},
    {"{", kNone},
    {"[1", kNone},
    {"{}{}", kNone},
    {"{}\n{}", kNone},
    {"{} x", kNone},
    {R"("text")", kScalar},
    {R"("a\"b\\c\/\b\f\n\r\t\u00e4")", kScalar},
    {R"("\x")", kNone},
    {R"("\u12g4")", kNone},
    {"\"a\nb\"", kNone},
    {"\"\xff\xfe\"", kScalar},
    {R"("open)", kNone},
    {"true", kScalar},
    {"false", kScalar},
    {"null", kScalar},
    {"nul", kNone},
    {"nulll", kNone},
    {"True", kNone},
    {"0", kScalar},
    {"-0", kScalar},
    {"01", kNone},
    {"-", kNone},
    {"12", kScalar},
    {"1.5", kScalar},
    {"1.", kNone},
    {".5", kNone},
    {"1e5", kScalar},
    {"1E+5", kScalar},
    {"1.25e-10", kScalar},
    {"1e", kNone},
    {"1e+", kNone},
    {"1e5.2", kNone},
    {"[1,-2.5e3,0]", kArray},
    {"+1", kNone},
    {std::string_view("\0\0", 2), kNone},
};

TEST(JsonScannerTest, TellsWholeValuesHoweverTheyArePieced) {
  for (const Case& c : kCases) {
    for (size_t piece_bytes : {1, 2, 3, 1000}) {
      EXPECT_EQ(Scan(c.text, piece_bytes), c.shape) << c.text << " in " << piece_bytes;
    }
  }
}

// Files of any size are told by ClassifyJson or by the scanner; the two must not disagree.
TEST(JsonScannerTest, AgreesWithClassifyJson) {
  for (const Case& c : kCases) EXPECT_EQ(ClassifyJson(c.text), c.shape) << c.text;
}

TEST(JsonScannerTest, IsBoundedInDepth) {
  JsonScanner scanner;
  const std::string deep(1 << 16, '[');
  for (int i = 0; i < 17; ++i) scanner.Feed(deep);
  EXPECT_TRUE(scanner.broken());
}

TEST(JsonScannerTest, SaysEarlyThatNothingCanMendIt) {
  JsonScanner scanner;
  scanner.Feed(R"({"time":"2026-11-24T09:00:00Z","tenantId":)");
  EXPECT_FALSE(scanner.broken());
  scanner.Feed("\n{\"a\":1}\n{");
  EXPECT_TRUE(scanner.broken());
}

}  // namespace
}  // namespace signinwatch
