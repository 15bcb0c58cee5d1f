#include "parser/json_walk.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace signinwatch {
namespace json_walk_test {

// What is left of a text after its first value, as a number of tokens; or the failure.
uint32_t Skip(std::string_view text, uint32_t levels_max = 1024) {
  StructuralIndex index;
  index.Build(text);
  const JsonView view(text, index);
  JsonWalker walker(levels_max);
  const uint32_t next = walker.SkipValue(view, 0, 1);
  return WalkFailed(next) ? next : view.count - next;
}

TEST(JsonWalkTest, ValidValues) {
  for (const char* text : {"0",
                           "-0",
                           "1",
                           "-1",
                           "120",
                           "0.5",
                           "-0.50",
                           "1e5",
                           "1E5",
                           "1e+5",
                           "1e-05",
                           "1.5e10",
                           "true",
                           "false",
                           "null",
                           " true ",
                           "\"\"",
                           "\"a\"",
                           "\"\\u00e9\\n\"",
                           "[]",
                           "[ ]",
                           "{}",
                           "{ }",
                           "[1]",
                           "[1,2]",
                           "[[]]",
                           "[[],[]]",
                           "[{}]",
                           "[{},[],\"\",0,true,false,null]",
                           "{\"\":0}",
                           "{\"a\":1,\"a\":2}",
                           "{\"a\":{\"b\":[{\"c\":[]}]}}",
                           "[1 , 2 ]",
                           "{\"a\" : 1 , \"b\" : [ ] }",
                           "[0,-1.5e3 ,\"x\" ]",
                           "{\"a\":[],\"b\":{}}",
                           "{\"a\":{},\"b\":1}",
                           "[[1],2]",
                           "[{\"a\":1},2]",
                           "[true\t,false\r\n]"}) {
    EXPECT_EQ(Skip(text), 0u) << text;
  }
}

TEST(JsonWalkTest, InvalidValues) {
  for (const char* text : {"",
                           "-",
                           "+1",
                           "01",
                           "-01",
                           "1.",
                           ".5",
                           "1.e5",
                           "1e",
                           "1e+",
                           "1x",
                           "0x10",
                           "1_000",
                           "1-2",
                           "Infinity",
                           "NaN",
                           "-Infinity",
                           "tru",
                           "truee",
                           "True",
                           "nul",
                           "nulll",
                           "fals",
                           "falsey",
                           "undefined",
                           "'a'",
                           "a",
                           "\\",
                           "[",
                           "{",
                           "]",
                           "}",
                           ":",
                           ",",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "[,]",
                           "[1 2]",
                           "[1,,2]",
                           "[1:2]",
                           "[1}",
                           "{]",
                           "[}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1",
                           "{\"a\":1,",
                           "{\"a\":1,}",
                           "{,}",
                           "{\"a\" 1}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\":1:2}",
                           "{\"a\",1}",
                           "{a:1}",
                           "{1:1}",
                           "{null:1}",
                           "{\"a\":1]",
                           "{\"a\":[1}",
                           "{[]:1}",
                           "[\"a\"\"b\"]",
                           "[\"a\"b]",
                           "[1\"b\"]",
                           "[true\"b\"]",
                           "[[1]2]",
                           "[{}{}]",
                           "[{}1]",
                           "{\"a\":[}",
                           "{\"a\":[\"x\"",
                           "{\"a\":[\"x\"]",
                           "{\"a\":[]",
                           "{\"a\":{}",
                           "{\"a\":[]1}",
                           "{\"a\":[\"x\"]\"y\"}",
                           "{\"a\":[\"x\"}",
                           "{\"a\":{\"x\"}}",
                           "{\"a\":{]}",
                           "{\"a\":[\"x\",]}",
                           "[{\"a\":1},{\"b\"]",
                           "[{\"a\":1},{\"b\":2]",
                           "{\"x\":{\"a\":1},{\"b\":2}}",
                           "{\"a\":\"b\":\"c\"}",
                           "{\"a\":\"b\",\"c\"}",
                           "{\"a\":00}",
                           "{\"a\":0123}",
                           "{\"a\":12345678:1}",
                           "{\"a\":123456789a}",
                           "{\"a\":1\x7f}",
                           "{\"a\":-}",
                           "{\"a\":trueu}",
                           "{\"a\":{}1}",
                           "{\"a\":{}\"b\":1}",
                           "{\"a\":[]]}",
                           "[1\f]",
                           "[\f1]",
                           "[1\x1a]",
                           "[\"a\"\x0c,1]",
                           "[\"a\x7f\"\x7f]",
                           "[\xef\xbb\xbf]"}) {
    EXPECT_EQ(Skip(text), kBroken) << text;
  }
}

TEST(JsonWalkTest, LeavesWhatFollows) {
  EXPECT_EQ(Skip("[1] [2]"), 3u);
  EXPECT_EQ(Skip("1 2"), 1u);
  EXPECT_EQ(Skip("{}}"), 1u);
}

TEST(JsonWalkTest, LevelsHaveALimit) {
  const auto arrays = [](size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  std::string objects = "1";
  for (int i = 0; i < 1024; ++i) objects = "{\"a\":" + objects + "}";
  EXPECT_EQ(Skip(arrays(1024)), 0u);
  EXPECT_EQ(Skip(arrays(1025)), kTooDeep);
  EXPECT_EQ(Skip(objects), 0u);
  EXPECT_EQ(Skip("{\"a\":" + objects + "}"), kTooDeep);
  EXPECT_EQ(Skip("[" + objects + "]"), kTooDeep);
  EXPECT_EQ(Skip(arrays(1025), 1025), 0u);
  EXPECT_EQ(Skip("[[[],[]],[[]]]", 3), 0u);
  for (const char* last : {"[]", "{}", "[\"x\"]", "[1]", "{\"x\":1}"}) {
    EXPECT_EQ(Skip(std::string("{\"a\":{\"b\":") + last + "}}", 3), 0u) << last;
    EXPECT_EQ(Skip(std::string("{\"a\":{\"b\":") + last + "}}", 2), kTooDeep) << last;
    EXPECT_EQ(Skip(std::string("[{\"a\":1},{\"b\":") + last + "}]", 3), 0u) << last;
    EXPECT_EQ(Skip(std::string("[{\"a\":1},{\"b\":") + last + "}]", 2), kTooDeep) << last;
  }
  EXPECT_EQ(Skip("[[[],[]],[[[]]]]", 3), kTooDeep);
  EXPECT_EQ(Skip(arrays(100'000), 200'000), 0u);
}

TEST(JsonWalkTest, Integers) {
  const auto read = [](std::string_view text) {
    StructuralIndex index;
    index.Build(text);
    const JsonView view(text, index);
    return ReadInteger(view, 1);
  };
  EXPECT_EQ(read("[50132]"), 50132);
  EXPECT_EQ(read("[ 50132 ]"), 50132);
  EXPECT_EQ(read("[-5]"), -5);
  EXPECT_EQ(read("[-0]"), 0);
  EXPECT_EQ(read("[9223372036854775807]"), INT64_MAX);
  EXPECT_EQ(read("[-9223372036854775808]"), INT64_MIN);
  EXPECT_EQ(read("[\"50132\"]"), 50132);
  EXPECT_EQ(read("[\"-7\"]"), -7);
  EXPECT_EQ(read("[\"007\"]"), 7);
  EXPECT_EQ(read("[\"\\u0035\\u0030\"]"), 50);
  for (const char* text :
       {"[50132.0]", "[5e4]", "[9223372036854775808]", "[-9223372036854775809]", "[true]", "[null]",
        "[[]]", "[{}]", "[\"\"]", "[\"-\"]", "[\"+5\"]", "[\" 5\"]", "[\"5 \"]", "[\"5.0\"]",
        "[\"0x10\"]", "[\"9223372036854775808\"]", "[\"--5\"]"}) {
    EXPECT_FALSE(read(text).has_value()) << text;
  }
}

TEST(JsonWalkTest, FindsMembers) {
  const std::string_view text =
      R"({"x":{"b":1},"l":[{"b":2},"b"],"B":3,"\u0062":"four","b":5,"empty":{}})";
  StructuralIndex index;
  index.Build(text);
  const JsonView view(text, index);
  EXPECT_EQ(view.RawString(FindMember(view, 0, "b")), "four");
  EXPECT_EQ(ReadInteger(view, FindMemberWithoutCase(view, 0, "b")), 3);
  EXPECT_EQ(FindMember(view, 0, "c"), 0u);
  EXPECT_EQ(FindMember(view, FindMember(view, 0, "empty"), "b"), 0u);
}

// Both ways of looking: by the bytes of the keys, and where the text has escapes by what they mean.
TEST(JsonWalkTest, FindsAMemberAndTheEndInOneWalk) {
  for (
      const char* text :
      {R"([{"a":[],"resul":{"result":1},"results":"","result":[2,{}],"z":{},"result":3},7])",
       R"([{"a":[],"resul":{"result":1},"results":"","re\u0073ult":[2,{}],"z":{},"result":3},7])"}) {
    StructuralIndex index;
    index.Build(text);
    const JsonView view(text, index);
    const MemberAndEnd found = FindMemberAndEnd(view, 1, "result");
    EXPECT_EQ(view.At(found.value), '[');
    EXPECT_EQ(ReadInteger(view, found.value + 1), 2);
    EXPECT_EQ(view.At(found.end), ',');
    EXPECT_EQ(ReadInteger(view, found.end + 1), 7);
    EXPECT_EQ(FindMember(view, 1, "result"), found.value);
    const MemberAndEnd none = FindMemberAndEnd(view, 1, "resultss");
    EXPECT_EQ(none.value, 0u);
    EXPECT_EQ(none.end, found.end);
  }
  // Nothing is read behind the text's end.
  const std::string_view text = R"({"r":1})";
  StructuralIndex index;
  index.Build(text);
  EXPECT_EQ(FindMemberAndEnd(JsonView(text, index), 0, "result").value, 0u);
}

}  // namespace json_walk_test
}  // namespace signinwatch
