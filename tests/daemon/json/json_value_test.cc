#include "daemon/json/json_value.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace signinwatch::json {
namespace json_value_test {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(JsonValueTest, ReadsWhatIsThere) {
  const JsonDocument document(
      R"({"text":"a \"b\" \u00e4","number":-37,"on":true,"off":false,"null":null,)"
      R"("list":[1,"two",[3],{"four":4}],"object":{"x":1,"y":{"z":2}}})");
  const JsonValue root = document.root();
  EXPECT_EQ(root["text"].Text(), "a \"b\" \u00e4");
  EXPECT_EQ(root["number"].Integer(), -37);
  EXPECT_TRUE(root["on"].IsTrue());
  EXPECT_FALSE(root["off"].IsTrue());
  EXPECT_EQ(root["object"]["y"]["z"].Integer(), 2);

  const auto list = root["list"].Elements();
  ASSERT_THAT(list, SizeIs(4));
  EXPECT_EQ(list[0].Integer(), 1);
  EXPECT_EQ(list[1].Text(), "two");
  EXPECT_EQ(list[2].Elements().at(0).Integer(), 3);
  EXPECT_EQ(list[3]["four"].Integer(), 4);

  const auto members = root["object"].Members();
  ASSERT_THAT(members, SizeIs(2));
  EXPECT_EQ(members[0].first, "x");
  EXPECT_EQ(members[0].second.Integer(), 1);
  EXPECT_EQ(members[1].first, "y");
}

TEST(JsonValueTest, WhatIsAbsentOrOfAnotherKindIsEmpty) {
  const JsonDocument document(R"({"text":"a","number":1.5,"null":null,"list":[],"object":{}})");
  const JsonValue root = document.root();
  EXPECT_EQ(root["none"].Text(), "");
  EXPECT_EQ(root["none"]["deeper"].Integer(), 0);
  EXPECT_EQ(root["null"].Text(), "");
  EXPECT_EQ(root["text"].Integer(), 0);
  EXPECT_EQ(root["number"].Integer(), 0);
  EXPECT_EQ(root["list"]["x"].Text(), "");
  EXPECT_THAT(root["list"].Elements(), IsEmpty());
  EXPECT_THAT(root["object"].Members(), IsEmpty());
  EXPECT_THAT(root["object"].Elements(), IsEmpty());
  EXPECT_THAT(root["text"].Members(), IsEmpty());
}

TEST(JsonValueTest, CountsAreNotNegative) {
  const JsonDocument document(
      R"({"text":"7","number":7,"negative":-1,"fraction":1.5,"true":true,"list":[1]})");
  const JsonValue root = document.root();
  EXPECT_EQ(root["number"].Count(), 7u);
  for (const char* key : {"absent", "text", "negative", "fraction", "true", "list"}) {
    EXPECT_EQ(root[key].Count(), 0u) << key;
  }
  EXPECT_EQ(root["text"].Integer(), 0) << "digits in quotes are a text";
  for (const char* key : {"number", "negative", "fraction"}) {
    EXPECT_TRUE(root[key].IsNumber()) << key;
  }
  for (const char* key : {"absent", "text", "true", "list"}) {
    EXPECT_FALSE(root[key].IsNumber()) << key;
    EXPECT_EQ(root[key].IsTrue(), key == std::string("true")) << key;
  }
}

TEST(JsonValueTest, ValuesStayGoodWhereTheirDocumentIsMoved) {
  JsonDocument document(R"({"a":1})");
  const JsonValue root = document.root();
  const JsonDocument moved = std::move(document);
  EXPECT_EQ(root["a"].Integer(), 1);
  EXPECT_EQ(moved.root()["a"].Integer(), 1);
}

// Versions that did not look may have stored it.
TEST(JsonValueTest, TextThatIsNoUtf8IsMended) {
  const JsonDocument document("{\"a\":\"x\xff\",\"b\":1}");
  EXPECT_EQ(document.root()["a"].Text(), "x\ufffd");
  EXPECT_EQ(document.root()["b"].Integer(), 1);
}

TEST(JsonValueTest, WhatIsNoJsonIsEmpty) {
  const std::string deep(1'000, '[');
  for (const std::string& text : {std::string(), std::string("{"), std::string("{\"a\":1}}"),
                                  std::string("{\"a\":1} {\"a\":1}"), std::string("{\"a\":01}"),
                                  std::string("{\"a\":\"\x01\"}"), std::string("nonsense"), deep}) {
    EXPECT_EQ(JsonDocument(text).root()["a"].Integer(), 0) << text;
  }
}

}  // namespace json_value_test
}  // namespace signinwatch::json
