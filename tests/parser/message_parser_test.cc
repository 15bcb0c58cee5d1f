// Envelopes, rejects and their spans (SPEC 3.1, 3.3).
#include "parser/message_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/parser/entra_json.h"

namespace signinwatch {
namespace message_parser_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::string_literals::operator""s;

uint64_t Irrelevant(const ParsedMessage& parsed) {
  uint64_t records = 0;
  for (const IrrelevantCount& count : parsed.irrelevant) records += count.records;
  return records;
}

std::string SignInRecord(std::string_view id) {
  RecordParts parts = SignInParts();
  parts.properties.Set("id", Quoted(id));
  return parts.Json();
}

// "id" of a signal and "reason:payload" of a reject, the signals first.
std::vector<std::string> OutcomesOf(std::string_view message) {
  const ParsedMessage parsed = ParseMessage(message);
  std::vector<std::string> outcomes;
  for (const Signal& signal : parsed.signals) {
    outcomes.emplace_back(parsed.Text(signal.id_text));
  }
  for (const Reject& reject : parsed.rejects) {
    EXPECT_LE(reject.offset, message.size());
    EXPECT_LE(reject.size, message.size() - reject.offset);
    EXPECT_STRNE(reject.detail, "");
    outcomes.push_back(RejectReasonName(reject.reason) + ":"s +
                       std::string(message.substr(reject.offset, reject.size)));
  }
  EXPECT_EQ(parsed.records, parsed.signals.size() + parsed.rejected() + Irrelevant(parsed));
  return outcomes;
}

TEST(MessageParserTest, Envelopes) {
  const std::string a = SignInRecord("a");
  const std::string b = SignInRecord("b");
  EXPECT_THAT(OutcomesOf(Batch({a, b})), ElementsAre("a", "b"));
  EXPECT_THAT(OutcomesOf("[" + a + " ,\r\n" + b + "]\r\n"), ElementsAre("a", "b"));
  EXPECT_THAT(OutcomesOf(a), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("\t" + a + "\r\n"), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("\xef\xbb\xbf" + a), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("\xef\xbb\xbf" + Batch({a})), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("{\"value\":[" + a + "," + b + "]}"), ElementsAre("a", "b"));
  EXPECT_THAT(OutcomesOf("{\"@odata.context\":\"x\",\"value\":[" + a + "],\"n\":{}}"),
              ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("{\"r\\u0065cords\":[" + a + "]}"), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("{\"records\":[]}"), IsEmpty());
  EXPECT_THAT(OutcomesOf("[ ]"), IsEmpty());
}

TEST(MessageParserTest, RecordsGoBeforeValue) {
  const std::string a = SignInRecord("a");
  const std::string b = SignInRecord("b");
  EXPECT_THAT(OutcomesOf("{\"value\":[" + a + ",1],\"records\":[" + b + "]}"), ElementsAre("b"));
  EXPECT_THAT(OutcomesOf("{\"records\":[" + b + "],\"value\":[" + a + ",1]}"), ElementsAre("b"));
  EXPECT_THAT(OutcomesOf("{\"value\":[" + a + "],\"records\":{}}"), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("{\"records\":null,\"value\":[" + a + "]}"), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("{\"value\":[1],\"records\":[]}"), IsEmpty());
  // Of equal keys the first counts, whatever it is.
  EXPECT_THAT(OutcomesOf("{\"records\":[" + a + "],\"records\":[" + b + "]}"), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("{\"value\":[" + a + "],\"value\":[" + b + "]}"), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf("{\"records\":1,\"records\":[" + b + "],\"value\":[" + a + "]}"),
              ElementsAre("a"));
}

// A record is a record also with `records` and `value` that are no arrays.
TEST(MessageParserTest, SingleRecordWithTheNamesOfABatch) {
  RecordParts parts = SignInParts();
  parts.properties.Set("id", "\"a\"");
  parts.record.Add("value", "7").Add("records", "{\"records\":[1]}");
  EXPECT_THAT(OutcomesOf(parts.Json()), ElementsAre("a"));
  EXPECT_THAT(OutcomesOf(parts.ReversedJson()), ElementsAre("a"));
}

TEST(MessageParserTest, NothingIsNothing) {
  for (const char* text : {"", " ", "\r\n", "\t \n", "\xef\xbb\xbf", "\xef\xbb\xbf \n"}) {
    EXPECT_THAT(OutcomesOf(text), IsEmpty()) << text;
  }
}

TEST(MessageParserTest, BareValues) {
  for (const char* text :
       {"1", "-0.5", "true", "false", "null", "\"\"", "\"text\"", " 7 ", "\xef\xbb\xbfnull\n"}) {
    EXPECT_THAT(OutcomesOf(text), ElementsAre("not_object:"s + text)) << text;
  }
  for (const char* text : {"tru", "nulls", "1 2", "\"open", "'a'", "-", "\"a\" \"b\"", "\"\\q\"",
                           "]", "}", ",", "\xff", "\xef\xbb\xbf\xef\xbb\xbf", "null ]"}) {
    EXPECT_THAT(OutcomesOf(text), ElementsAre("not_json:"s + text)) << text;
  }
}

TEST(MessageParserTest, NotObject) {
  for (const char* element : {"1", "\"a\"", "[ {} ]", "null", "-2.5e3", "\"b\\\"\"", "true"}) {
    EXPECT_THAT(OutcomesOf("[ "s + element + " ]"), ElementsAre("not_object:"s + element));
    EXPECT_THAT(OutcomesOf("["s + element + "]"), ElementsAre("not_object:"s + element));
  }
  EXPECT_THAT(OutcomesOf("{\"records\":[" + SignInRecord("a") + ",7," + SignInRecord("b") + "]}"),
              ElementsAre("a", "b", "not_object:7"));
}

// A message of nothing but numbers once made a dead letter for each, 50 times its own size.
TEST(MessageParserTest, ElementsThatAreNoObjectsShareADeadLetter) {
  const std::string a = SignInRecord("a");
  EXPECT_THAT(OutcomesOf(R"([1 ,"a",[ {} ],null, -2.5e3 , "b\"" ,true ])"),
              ElementsAre(R"(not_object:1 ,"a",[ {} ],null, -2.5e3 , "b\"" ,true)"));
  EXPECT_THAT(OutcomesOf("[1,2," + a + ",3,{},4 , 5\n]"),
              ElementsAre("a", "not_object:1,2", "not_object:3", "not_object:4 , 5"));
  EXPECT_THAT(OutcomesOf("[1,2,3"), ElementsAre("not_object:1,2", "damaged:3"));
  EXPECT_THAT(OutcomesOf("{\"value\":[1,2],\"records\":[3,4]}"), ElementsAre("not_object:3,4"));
  const ParsedMessage parsed = ParseMessage("[1,2,3,{},4]");
  ASSERT_EQ(parsed.rejects.size(), 2u);
  EXPECT_EQ(parsed.records, 5u);
  EXPECT_EQ(parsed.rejected(), 4u);
  EXPECT_EQ(parsed.rejects[0].records, 3u);
  EXPECT_EQ(RejectDetail(parsed.rejects[0]), "3 elements that are not objects");
  EXPECT_EQ(RejectDetail(parsed.rejects[1]), "1 element that is not an object");
  EXPECT_EQ(RejectDetail(ParseMessage("1").rejects.at(0)), "a bare value");
}

// Seen in public: a raw file separator in the name of a device lost the whole batch.
TEST(MessageParserTest, ControlCharactersInTextsAreTakenAsTheyAre) {
  RecordParts parts = SignInParts();
  parts.properties.Set("id", "\"i\x1c\n\"").Set("appDisplayName", "\"a\tb\x7f\"");
  const std::string message = Batch({parts.Json(), SignInRecord("b")});
  EXPECT_THAT(OutcomesOf(message), ElementsAre("i\x1c\n", "b"));
  const ParsedMessage parsed = ParseMessage(message);
  EXPECT_EQ(parsed.Text(parsed.signals.at(0).app_name), "a\tb\x7f");
  EXPECT_EQ(parsed.invalid_utf8, 3u);
  EXPECT_THAT(OutcomesOf("{\"x\x01\":1,\"records\":[" + SignInRecord("a") + "]}"),
              ElementsAre("a"));
  // Outside texts they are no JSON.
  EXPECT_THAT(OutcomesOf("[" + SignInRecord("a") + ",\x1c" + SignInRecord("b") + "]"),
              ElementsAre("a", "damaged:\x1c" + SignInRecord("b") + "]"));
  EXPECT_THAT(OutcomesOf("[\x01]"), ElementsAre("damaged:\x01]"));
}

TEST(MessageParserTest, OneBadRecordCostsNoOther) {
  const std::string bad = R"({"category":"SignInLogs"})";
  EXPECT_THAT(OutcomesOf(Batch({SignInRecord("a"), bad, SignInRecord("b")})),
              ElementsAre("a", "b", "no_tenant:" + bad));
  EXPECT_THAT(OutcomesOf(" " + bad + " "), ElementsAre("no_tenant:" + bad));
  EXPECT_THAT(OutcomesOf("\xef\xbb\xbf[" + bad + " ]"), ElementsAre("no_tenant:" + bad));
}

TEST(MessageParserTest, SingleRecordBrokenAnywhereIsNotJson) {
  const std::string a = SignInRecord("a");
  for (const std::string& text :
       {a + "x", a + a, a + "]", a + ",", "{" + a, "{\"x\":tru," + a.substr(1),
        a.substr(0, a.size() - 1) + ",\"x\":01}", a.substr(0, a.size() - 1) + ",\"x\":\"\\q\"}",
        a.substr(0, a.size() - 1) + ",}", a.substr(0, a.size() - 1) + ",\"x\":{\"y\":[1,]}}",
        a + " \"open", "{'a':1}"s}) {
    EXPECT_THAT(OutcomesOf(text), ElementsAre("not_json:" + text));
  }
}

TEST(MessageParserTest, BrokenBeforeTheBatch) {
  for (const std::string text :
       {"{\"x\":tru,\"records\":[1]}", "{\"x\" \"records\":[1]}", "{\"records\"[1]}",
        "{\"records\":", "{\"records\"", "{\"rec", "{", "{\"x\":\"\\q\",\"records\":[{}]}",
        "{\"records\":1]", "{\"records\":{}", "{\"value\":1"}) {
    EXPECT_THAT(OutcomesOf(text), ElementsAre("not_json:" + text));
  }
}

TEST(MessageParserTest, DamagedInsideTheBatch) {
  const std::string a = SignInRecord("a");
  const std::string b = SignInRecord("b");
  for (const std::string& start :
       {"{\"records\":["s, "["s, "{\"value\":["s, "{\"x\":[{}],\"records\":["s}) {
    for (const std::string& rest :
         {b.substr(0, b.size() - 1), "{\"x\":tru}"s, "{\"x\":01},"s + b + "]}", "tru"s, "truex,1]"s,
          "\"open"s, "\"\\q\","s + b + "]}", "{\"x\":\"\\ud8\"}]}"s, "12"s, "[1,]]}"s,
          "{},}"s.substr(3), "'x']}"s, "]x"s.substr(1), "\\\"a\"]}"s}) {
      const std::string message = start + a + "," + rest;
      EXPECT_THAT(OutcomesOf(message), ElementsAre("a", "damaged:" + rest)) << message;
    }
    EXPECT_THAT(OutcomesOf(start), ElementsAre("damaged:"));
    EXPECT_THAT(OutcomesOf(start + a), ElementsAre("a", "damaged:"));
    EXPECT_THAT(OutcomesOf(start + a + ","), ElementsAre("a", "damaged:"));
    EXPECT_THAT(OutcomesOf(start + a + b + "]"), ElementsAre("a", "damaged:" + b + "]"));
    EXPECT_THAT(OutcomesOf(start + a + ",]}"), ElementsAre("a", "damaged:]}"));
    EXPECT_THAT(OutcomesOf(start + a + "}"), ElementsAre("a", "damaged:}"));
    EXPECT_THAT(OutcomesOf(start + a + " \"open"), ElementsAre("a", "damaged:\"open"));
  }
}

TEST(MessageParserTest, WholeElementsBeforeTheDamage) {
  EXPECT_THAT(OutcomesOf("[1,2"), ElementsAre("not_object:1", "damaged:2"));
  EXPECT_THAT(OutcomesOf("[1,2 "), ElementsAre("not_object:1,2", "damaged:"));
  EXPECT_THAT(OutcomesOf("[true"), ElementsAre("not_object:true", "damaged:"));
  EXPECT_THAT(OutcomesOf("[\"a\""), ElementsAre("not_object:\"a\"", "damaged:"));
  EXPECT_THAT(OutcomesOf("[[1]"), ElementsAre("not_object:[1]", "damaged:"));
}

TEST(MessageParserTest, DamagedBehindTheBatch) {
  const std::string a = SignInRecord("a");
  EXPECT_THAT(OutcomesOf("{\"records\":[" + a + "]"), ElementsAre("a", "damaged:]"));
  EXPECT_THAT(OutcomesOf("{\"records\":[" + a + "],\"x\":tru}"),
              ElementsAre("a", "damaged:],\"x\":tru}"));
  EXPECT_THAT(OutcomesOf("{\"records\":[" + a + "]}}"), ElementsAre("a", "damaged:]}}"));
  EXPECT_THAT(OutcomesOf("{\"value\":[" + a + "],\"recor"), ElementsAre("a", "damaged:],\"recor"));
  EXPECT_THAT(OutcomesOf("[" + a + "]["), ElementsAre("a", "damaged:]["));
  EXPECT_THAT(OutcomesOf("[" + a + "]\n[" + a + "]"), ElementsAre("a", "damaged:]\n[" + a + "]"));
  EXPECT_THAT(OutcomesOf("[" + a + "]\"open"), ElementsAre("a", "damaged:]\"open"));
  // `records` was reached, so what `value` has before it does not count.
  EXPECT_THAT(OutcomesOf("{\"value\":[" + a + "],\"records\":["), ElementsAre("damaged:"));
}

std::string Nested(size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

TEST(MessageParserTest, DepthOfSingleRecords) {
  for (const char* key : {"unused", "properties", "status", "category", "records_"}) {
    const std::string fine = Members{{key, Nested(1023)}}.Json();
    const std::string deep = Members{{key, Nested(1024)}}.Json();
    EXPECT_EQ(ParseMessage(fine).rejects.size(), 0u) << key;
    EXPECT_THAT(OutcomesOf(deep), ElementsAre("damaged:" + deep)) << key;
    // What is no JSON at all is worse.
    EXPECT_THAT(OutcomesOf(deep + "x"), ElementsAre("not_json:" + deep + "x"));
    const std::string cut = deep.substr(0, deep.size() - 1);
    EXPECT_THAT(OutcomesOf(cut), ElementsAre("not_json:" + cut));
  }
  const std::string inside = Members{{"properties", "{\"a\":" + Nested(1022) + "}"}}.Json();
  EXPECT_EQ(ParseMessage(inside).rejects.size(), 0u);
  const std::string deeper = Members{{"properties", "{\"a\":" + Nested(1023) + "}"}}.Json();
  EXPECT_THAT(OutcomesOf(deeper), ElementsAre("damaged:" + deeper));
}

TEST(MessageParserTest, DepthInsideBatches) {
  const std::string a = SignInRecord("a");
  const auto record = [](size_t levels) { return Members{{"x", Nested(levels)}}.Json(); };
  EXPECT_EQ(ParseMessage(Batch({a, record(1021)})).rejects.size(), 0u);
  EXPECT_THAT(OutcomesOf(Batch({a, record(1022), a})),
              ElementsAre("a", "damaged:" + record(1022) + "," + a + "]}"));
  EXPECT_EQ(ParseMessage("[" + record(1022) + "]").rejects.size(), 0u);
  EXPECT_THAT(OutcomesOf("[" + record(1023) + "]"), ElementsAre("damaged:" + record(1023) + "]"));
  EXPECT_THAT(OutcomesOf("[" + Nested(1023) + "]"), ElementsAre("not_object:" + Nested(1023)));
  EXPECT_THAT(OutcomesOf(Nested(1025)), ElementsAre("damaged:" + Nested(1025).substr(1)));
}

TEST(MessageParserTest, DepthAroundBatches) {
  const std::string a = SignInRecord("a");
  const std::string deep = Nested(1024);
  const std::string before = "{\"x\":" + deep + ",\"records\":[" + a + "]}";
  EXPECT_THAT(OutcomesOf(before), ElementsAre("damaged:" + before));
  EXPECT_THAT(OutcomesOf("{\"records\":[" + a + "],\"x\":" + deep + "}"),
              ElementsAre("a", "damaged:],\"x\":" + deep + "}"));
  EXPECT_THAT(OutcomesOf("{\"value\":[" + a + "],\"x\":" + deep + ",\"records\":[]}"),
              ElementsAre("a", "damaged:],\"x\":" + deep + ",\"records\":[]}"));
  const std::string broken = "{\"x\":" + deep + ",\"y\":tru,\"records\":[]}";
  EXPECT_THAT(OutcomesOf(broken), ElementsAre("not_json:" + broken));
}

TEST(MessageParserTest, TooLarge) {
  ParserOptions options;
  options.message_bytes_max = 200'000;
  MessageParser parser(options);
  ParsedMessage parsed;
  std::string message(200'000, ' ');
  message[0] = '[';
  message.back() = ']';
  parser.Parse(message, kEndOfTime, &parsed);
  EXPECT_EQ(parsed.records, 0u);
  message += "x";
  parser.Parse(message, kEndOfTime, &parsed);
  ASSERT_EQ(parsed.rejects.size(), 1u);
  EXPECT_EQ(parsed.records, 1u);
  EXPECT_EQ(parsed.rejects[0].reason, RejectReason::kTooLarge);
  EXPECT_EQ(parsed.rejects[0].offset, 0u);
  EXPECT_EQ(parsed.rejects[0].size, 65'536u);
  options.message_bytes_max = 3;
  MessageParser small(options);
  small.Parse("[{}]", kEndOfTime, &parsed);
  ASSERT_EQ(parsed.rejects.size(), 1u);
  EXPECT_EQ(parsed.rejects[0].size, 4u);
}

TEST(MessageParserTest, SixteenMebibytes) {
  const std::string a = SignInRecord("a");
  std::string message = Batch({a, a});
  const size_t limit = size_t{16} << 20;
  message.insert(message.size() - 1,
                 ",\"pad\":\"" + std::string(limit - message.size() - 9, 'x') + "\"");
  ASSERT_EQ(message.size(), limit);
  EXPECT_EQ(ParseMessage(message).signals.size(), 2u);
  message.insert(5, "x");
  const ParsedMessage parsed = ParseMessage(message);
  EXPECT_EQ(parsed.records, 1u);
  EXPECT_EQ(parsed.rejects.at(0).reason, RejectReason::kTooLarge);
}

TEST(MessageParserTest, ManyTinyRecords) {
  std::string message = "[";
  for (int i = 0; i < 300'000; ++i) message += "{},1,";
  message.back() = ']';
  const ParsedMessage parsed = ParseMessage(message);
  EXPECT_EQ(parsed.records, 600'000u);
  EXPECT_EQ(parsed.rejected(), 300'000u);
  ASSERT_EQ(parsed.irrelevant.size(), 1u);
  EXPECT_EQ(parsed.irrelevant[0].records, 300'000u);
}

TEST(MessageParserTest, IrrelevantByCategory) {
  ParsedMessage parsed = ParseMessage(R"([{"category":"RiskyUsers"},{"category":"RISKYUSERS"},)"
                                      R"({"category":7},{},{"category":"None"}])");
  ASSERT_EQ(parsed.irrelevant.size(), 2u);
  EXPECT_EQ(parsed.Text(parsed.irrelevant[0].category), "RiskyUsers");
  EXPECT_EQ(parsed.irrelevant[0].records, 2u);
  EXPECT_EQ(parsed.Text(parsed.irrelevant[1].category), "none");
  EXPECT_EQ(parsed.irrelevant[1].records, 3u);

  std::string message = "[";
  for (int i = 0; i < 100; ++i) message += R"({"category":"c)" + std::to_string(i) + "\"},";
  message.back() = ']';
  parsed = ParseMessage(message);
  EXPECT_EQ(parsed.records, 100u);
  ASSERT_EQ(parsed.irrelevant.size(), kMaxIrrelevantCategories + 1);
  EXPECT_EQ(parsed.Text(parsed.irrelevant.back().category), "other");
  EXPECT_EQ(parsed.irrelevant.back().records, 100 - kMaxIrrelevantCategories);
}

TEST(MessageParserTest, InvalidUtf8IsReplacedAndCounted) {
  RecordParts parts = SignInParts();
  parts.properties.Set("id", "\"i\xff\xe2\x82\"").Set("appDisplayName", "\"\xf0\x9f\x98\"");
  parts.record.Set("identity", "\"\\udc00 \xc0\"").Add("k\xff", "1");
  const std::string bad = "{\"x\":\"\xff\",\"category\":\"SignInLogs\"}";
  const std::string message = Batch({parts.Json(), bad, SignInRecord("b")});
  const ParsedMessage parsed = ParseMessage(message);
  ASSERT_EQ(parsed.signals.size(), 2u);
  EXPECT_EQ(parsed.Text(parsed.signals[0].id_text), "i\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(parsed.Text(parsed.signals[0].app_name), "\xef\xbf\xbd");
  EXPECT_EQ(parsed.invalid_utf8, 7u);
  EXPECT_THAT(OutcomesOf(message),
              ElementsAre("i\xef\xbf\xbd\xef\xbf\xbd", "b", "no_tenant:" + bad));
  // Outside strings it is no JSON, as U+FFFD would not be either.
  EXPECT_THAT(OutcomesOf("[" + SignInRecord("a") + ",\xff" + SignInRecord("b") + "]"),
              ElementsAre("a", "damaged:\xff" + SignInRecord("b") + "]"));
  EXPECT_THAT(OutcomesOf("[1\xff]"), ElementsAre("damaged:1\xff]"));
  EXPECT_THAT(OutcomesOf("{\"category\":\"\xff\\q\"}"),
              ElementsAre("not_json:{\"category\":\"\xff\\q\"}"));
}

TEST(MessageParserTest, InvalidUtf8InsidePropertiesAsText) {
  const ParsedMessage parsed =
      ParseMessage(Members(SignInParts().record)
                       .Add("properties", "\"{\\\"id\\\":\\\"x\xff\\\\ud800\\\"}\"")
                       .Json());
  ASSERT_EQ(parsed.signals.size(), 1u);
  EXPECT_EQ(parsed.Text(parsed.signals[0].id_text), "x\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(parsed.invalid_utf8, 2u);
}

// The message needs no padding: buffers of just its size, which the address sanitizer watches.
TEST(MessageParserTest, ReadsNothingBehindTheMessage) {
  const std::string whole = "[" + SignInRecord("a") + "," + AuditParts().Json() + "]";
  MessageParser parser(ParserOptions{});
  ParsedMessage parsed;
  for (size_t size = 0; size <= whole.size(); ++size) {
    auto buffer = std::make_unique<char[]>(size);
    std::memcpy(buffer.get(), whole.data(), size);
    parser.Parse({buffer.get(), size}, kEndOfTime, &parsed);
    EXPECT_EQ(parsed.records, parsed.signals.size() + parsed.rejected());
  }
  EXPECT_EQ(parsed.signals.size(), 2u);
}

// A parser has no memory: whatever came before, a message gives the same.
TEST(MessageParserTest, KeepsNothingFromOneMessageToTheNext) {
  ParserOptions options;
  options.default_tenant = kTenantGuid;
  const std::string messages[] = {Batch({SignInRecord("a"), SignInRecord("b")}),
                                  "[1,2",
                                  "{\"x\":" + Nested(2000) + "}",
                                  "\xff",
                                  "",
                                  GraphSignIn().Json(),
                                  "{\"a\":\"\\u0061\\ud800\"}",
                                  AuditParts().Json(),
                                  "[{\"category\":\"x\"}]"};
  MessageParser kept(options);
  ParsedMessage reused;
  for (const std::string& first : messages) {
    for (const std::string& second : messages) {
      kept.Parse(first, kEndOfTime, &reused);
      kept.Parse(second, kEndOfTime, &reused);
      MessageParser fresh(options);
      ParsedMessage parsed;
      fresh.Parse(second, kEndOfTime, &parsed);
      EXPECT_EQ(reused.text, parsed.text);
      EXPECT_EQ(reused.records, parsed.records);
      EXPECT_EQ(reused.signals.size(), parsed.signals.size());
      EXPECT_EQ(reused.rejects.size(), parsed.rejects.size());
      EXPECT_EQ(reused.invalid_utf8, parsed.invalid_utf8);
    }
  }
}

TEST(ClassifyJsonTest, Shapes) {
  const struct {
    std::string text;
    JsonShape shape;
  } kCases[] = {
      {"", JsonShape::kNotJson},
      {" \n", JsonShape::kNotJson},
      {"{", JsonShape::kNotJson},
      {"{}", JsonShape::kObject},
      {" {\"a\":[1]}\r\n", JsonShape::kObject},
      {"\xef\xbb\xbf{}", JsonShape::kObject},
      {"{} {}", JsonShape::kNotJson},
      {"{\"a\":\"\\q\"}", JsonShape::kNotJson},
      {"{\"a\":\"\xff\"}", JsonShape::kObject},
      {"[]", JsonShape::kArray},
      {"[1,]", JsonShape::kNotJson},
      {Nested(1025), JsonShape::kArray},
      {Nested(1'000'000), JsonShape::kArray},
      {std::string(100'000, '['), JsonShape::kNotJson},
      {"7", JsonShape::kScalar},
      {"\"x\"", JsonShape::kScalar},
      {"null", JsonShape::kScalar},
      {"nul", JsonShape::kNotJson},
      {"\"open", JsonShape::kNotJson},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ClassifyJson(c.text), c.shape) << c.text.substr(0, 40);
  }
}

TEST(CategoryNameTest, AsEntraWritesThem) {
  EXPECT_STREQ(CategoryName(Category::kSignIn), "SignInLogs");
  EXPECT_STREQ(CategoryName(Category::kNonInteractiveSignIn), "NonInteractiveUserSignInLogs");
  EXPECT_STREQ(CategoryName(Category::kAdfsSignIn), "ADFSSignInLogs");
  EXPECT_STREQ(CategoryName(Category::kAudit), "AuditLogs");
  EXPECT_STREQ(CategoryName(Category::kUserRisk), "UserRiskEvents");
}

}  // namespace message_parser_test
}  // namespace signinwatch
