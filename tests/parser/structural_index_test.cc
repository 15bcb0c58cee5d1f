#include "parser/structural_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signinwatch {
namespace structural_index_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<uint32_t> Tokens(const StructuralIndex& index) {
  return {index.positions(), index.positions() + index.count()};
}

TEST(StructuralIndexTest, OnePositionForEachToken) {
  StructuralIndex index;
  index.Build(R"({ "a" : [ 12, true ,"x\"y" ] })");
  EXPECT_THAT(Tokens(index), ElementsAre(0, 2, 6, 8, 10, 12, 14, 19, 20, 27, 29));
  EXPECT_EQ(index.positions()[index.count()], 30u);
  EXPECT_TRUE(index.whole());
  EXPECT_TRUE(index.has_escapes());
  EXPECT_FALSE(index.has_escaped_letters());
  EXPECT_FALSE(index.has_invalid_utf8());
}

TEST(StructuralIndexTest, BlankTextHasNone) {
  StructuralIndex index;
  for (const std::string_view text : {"", " ", "\r\n\t ", "                     "}) {
    index.Build(text);
    EXPECT_THAT(Tokens(index), IsEmpty());
    EXPECT_TRUE(index.whole());
  }
}

struct Cut {
  std::string text;
  uint32_t count;
  uint32_t end;  // where the index ends
};

TEST(StructuralIndexTest, EndsBeforeTheFirstLexicalError) {
  const Cut kCases[] = {
      {R"([1,"abc)", 3, 3},
      {R"([1,"abc\")", 3, 3},
      {R"([1,"abc\)", 3, 3},
      {"[1,\"a\x01z\",2,\"open", 7, 11},
      {R"(["a","b\x","c"])", 3, 5},
      {R"(["a","b\u12","c"])", 3, 5},
      {R"(["a","b\u12)", 3, 5},
      {R"(["\q"])", 1, 1},
      {R"("\q")", 0, 0},
  };
  StructuralIndex index;
  for (const Cut& c : kCases) {
    index.Build(c.text);
    EXPECT_EQ(index.count(), c.count) << c.text;
    EXPECT_EQ(index.positions()[index.count()], c.end) << c.text;
  }
}

TEST(StructuralIndexTest, EscapedLettersAreNoted) {
  StructuralIndex index;
  index.Build(R"(["\u0041"])");
  EXPECT_TRUE(index.has_escaped_letters());
  index.Build(R"(["\u0027\u20ac\n"])");
  EXPECT_TRUE(index.has_escapes());
  EXPECT_FALSE(index.has_escaped_letters());
}

TEST(StructuralIndexTest, CountsReplacements) {
  StructuralIndex index;
  index.Build("[\"\xff\xfe\",\"\xe2\x82\",\"\\ud800\",1]");
  EXPECT_EQ(index.repairs(), 4u);
  EXPECT_TRUE(index.has_invalid_utf8());
  EXPECT_EQ(index.count(), 9u);
  EXPECT_TRUE(index.whole());
  index.Build("[\"\xff\",\"open");
  EXPECT_EQ(index.repairs(), 1u);
  EXPECT_EQ(index.count(), 3u);
  EXPECT_FALSE(index.whole());
  index.Build("[]");
  EXPECT_EQ(index.repairs(), 0u);
}

// JSON forbids them, and some exporters write them.
TEST(StructuralIndexTest, TakesControlCharactersInStringsAsTheyAre) {
  StructuralIndex index;
  index.Build(std::string_view("{\"a\x1c\":\"\n\0\\n\", \"b\":\"\x7f\"}", 22));
  EXPECT_TRUE(index.whole());
  EXPECT_EQ(index.count(), 9u);
  EXPECT_EQ(index.repairs(), 3u);
  index.Build("[\"\xff\x01\"]");
  EXPECT_TRUE(index.whole());
  EXPECT_EQ(index.repairs(), 2u);
  // Outside strings they are part of a token that no grammar knows, or a token.
  index.Build("[1\x01]");
  EXPECT_TRUE(index.whole());
  EXPECT_EQ(index.repairs(), 0u);
}

// Nothing is read behind the text: each size has a buffer of just that size, which the address
// sanitizer watches.
TEST(StructuralIndexTest, ReadsNothingBehindTheText) {
  StructuralIndex index;
  for (size_t size = 2; size < 300; ++size) {
    auto buffer = std::make_unique<char[]>(size);
    std::memset(buffer.get(), 'x', size);
    buffer[0] = buffer[size - 1] = '"';
    index.Build({buffer.get(), size});
    EXPECT_THAT(Tokens(index), ElementsAre(0));
    EXPECT_TRUE(index.whole());
    buffer[size - 1] = '\\';
    index.Build({buffer.get(), size});
    EXPECT_FALSE(index.whole());
    buffer[size - 1] = '\xf0';
    index.Build({buffer.get(), size});
    EXPECT_FALSE(index.whole());
  }
}

TEST(StructuralIndexTest, TrimKeepsItUsable) {
  StructuralIndex index;
  index.Build("[" + std::string(size_t{5} << 20, ' ') + "]");
  EXPECT_EQ(index.count(), 2u);
  index.Trim(1 << 20);
  index.Build("[1]");
  EXPECT_EQ(index.count(), 3u);
}

}  // namespace structural_index_test
}  // namespace signinwatch
