// What a shipper wrapped (SPEC 3.1, input.unwrap), and risk events. The envelopes and their damage
// are in message_parser_test.cc.
#include "parser/batch_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/parser/entra_json.h"

namespace signinwatch {
namespace batch_reader_test {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::string_literals::operator""s;

std::string SignIn(std::string_view id) {
  RecordParts parts = SignInParts();
  parts.properties.Set("id", Quoted(id));
  return parts.Json();
}

ParsedMessage Parse(std::string_view message, bool unwrap = true) {
  ParserOptions options;
  options.unwrap = unwrap;
  options.default_tenant = kTenantGuid;
  MessageParser parser(options);
  ParsedMessage parsed;
  parser.Parse(message, *ParseEventTime("2030-01-01T00:00:00Z"), &parsed);
  return parsed;
}

// Ids of signals, "irrelevant CATEGORY:RECORDS", and "reason:payload" of rejects.
std::vector<std::string> Outcomes(const std::string& message, bool unwrap = true) {
  const ParsedMessage parsed = Parse(message, unwrap);
  std::vector<std::string> outcomes;
  uint64_t records = parsed.rejected();
  for (const Signal& signal : parsed.signals) {
    outcomes.emplace_back(parsed.Text(signal.id_text));
    ++records;
  }
  for (const IrrelevantCount& count : parsed.irrelevant) {
    outcomes.push_back("irrelevant " + std::string(parsed.Text(count.category)) + ":" +
                       std::to_string(count.records));
    records += count.records;
  }
  for (const Reject& reject : parsed.rejects) {
    outcomes.push_back(RejectReasonName(reject.reason) + ":"s +
                       message.substr(reject.offset, reject.size));
  }
  EXPECT_EQ(parsed.records, records);
  return outcomes;
}

std::string InMessage(std::string_view text) { return "{\"message\":" + Quoted(text) + "}"; }
std::string InOriginal(std::string_view text) {
  return "{\"event\":{\"kind\":1,\"original\":" + Quoted(text) + "},\"@timestamp\":0}";
}

TEST(UnwrapTest, ARecordStandsForTheMessageInIt) {
  const std::string a = SignIn("a");
  const std::string b = SignIn("b");
  for (const auto wrap : {InMessage, InOriginal}) {
    EXPECT_THAT(Outcomes(wrap(a)), ElementsAre("a"));
    EXPECT_THAT(Outcomes(wrap(" \xef\xbb\xbf"s.substr(1) + a + " ")), ElementsAre("a"));
    EXPECT_THAT(Outcomes(wrap(Batch({a, b}))), ElementsAre("a", "b"));
    EXPECT_THAT(Outcomes(wrap("[" + a + "]")), ElementsAre("a"));
    EXPECT_THAT(Outcomes(wrap("{\"value\":[" + GraphSignIn().Set("id", "\"g\"").Json() + "]}")),
                ElementsAre("g"));
    EXPECT_THAT(Outcomes(Batch({wrap(a), b, wrap("[" + b + "," + a + "]")})),
                ElementsAre("a", "b", "b", "a"));
    EXPECT_THAT(Outcomes(wrap("[]")), IsEmpty());
    // Not asked for, it is a record of no category.
    EXPECT_THAT(Outcomes(wrap(a), false), ElementsAre("irrelevant none:1"));
  }
}

TEST(UnwrapTest, OneLevel) {
  EXPECT_THAT(Outcomes(InMessage(InMessage(SignIn("a")))), ElementsAre("irrelevant none:1"));
  EXPECT_THAT(Outcomes(InMessage("[" + InOriginal(SignIn("a")) + "]")),
              ElementsAre("irrelevant none:1"));
}

TEST(UnwrapTest, OtherTextChangesNothing) {
  for (const char* text : {"", "x", "7", "\"{}\"", "null", "{", "{} x", "[1,]", "{'a':1}", " "}) {
    EXPECT_THAT(Outcomes(InMessage(text)), ElementsAre("irrelevant none:1")) << text;
  }
  for (const char* json : {"null", "7", "{}", "[]", "[\"{}\"]"}) {
    EXPECT_THAT(Outcomes("{\"message\":"s + json + "}"), ElementsAre("irrelevant none:1")) << json;
  }
  // A `message` is there, so `event.original` is not asked.
  EXPECT_THAT(Outcomes("{\"message\":null,\"event\":{\"original\":\"[]\"}}"),
              ElementsAre("irrelevant none:1"));
  EXPECT_THAT(Outcomes("{\"event\":\"[]\"}"), ElementsAre("irrelevant none:1"));
}

// A record of ours may have a `message` of its own, whatever the values of its keys are.
TEST(UnwrapTest, WhatHasAKeyOfOursIsNotWrapped) {
  for (const char* key :
       {"properties", "time", "category", "createdDateTime", "activityDateTime", "TimeGenerated"}) {
    EXPECT_THAT(Outcomes("{\"message\":" + Quoted(SignIn("a")) + ",\"" + key + "\":null}"),
                ElementsAre("irrelevant none:1"))
        << key;
  }
  EXPECT_THAT(Outcomes(Members(SignInParts().record).Add("message", "\"[]\"").Json()).size(), 1u);
}

// The dead letter of what was wrapped has the bytes of the element as it came.
TEST(UnwrapTest, RejectsHaveTheBytesOfTheElement) {
  const std::string no_tenant = R"({"category":"SignInLogs"})";
  const std::string wrapped = InMessage("[1,2," + SignIn("a") + "," + no_tenant + ",3]");
  EXPECT_THAT(Outcomes("[5," + wrapped + ", 6]"),
              ElementsAre("a", "not_object:5", "not_object:" + wrapped, "no_tenant:" + wrapped,
                          "not_object:" + wrapped, "not_object:6"));
  const ParsedMessage parsed = Parse(wrapped);
  EXPECT_EQ(parsed.rejects.at(0).records, 2u);
  const std::string deep = InMessage(std::string(1025, '[') + std::string(1025, ']'));
  EXPECT_THAT(Outcomes("[" + SignIn("b") + "," + deep + "," + SignIn("c") + "]"),
              ElementsAre("b", "c", "damaged:" + deep));
}

// Of a wrapped batch each dead letter has all its bytes: 20,000 rejects in one element of half a
// megabyte would be 10 GB.
TEST(UnwrapTest, ManyRejectsOfOneElementDoNotRepeatItForEach) {
  std::string inner = "[" + SignIn("a");
  for (int i = 0; i < 20'000; ++i) inner += R"(,{"category":"Audit","i":1})";
  const std::string message = "[" + InMessage(inner + "]") + "," + SignIn("b") + "]";
  const ParsedMessage parsed = Parse(message);
  EXPECT_EQ(parsed.signals.size(), 2u);
  EXPECT_EQ(parsed.rejected(), 20'000u);
  EXPECT_EQ(parsed.records, 20'002u);
  size_t bytes = 0;
  for (const Reject& reject : parsed.rejects) bytes += reject.size;
  EXPECT_LT(bytes, 6 * message.size());
  EXPECT_EQ(parsed.rejects.back().reason, RejectReason::kNoTenant);
}

// `records` goes before `value`: what is taken back is the wrapped message's alone.
TEST(UnwrapTest, TakesBackItsOwnRecordsOnly) {
  const std::string both = "{\"value\":[1,{\"category\":\"x\"},{\"category\":\"y\"}," +
                           SignIn("v") + "],\"records\":[" + SignIn("r") + "]}";
  EXPECT_THAT(Outcomes("[" + SignIn("a") + ",{\"category\":\"X\"},2," + InMessage(both) + "," +
                       SignIn("b") + "]"),
              ElementsAre("a", "r", "b", "irrelevant X:1", "not_object:2"));
}

RecordParts RiskParts() {
  return {{{"time", R"("2026-11-24T09:02:10Z")"},
           {"category", R"("UserRiskEvents")"},
           {"tenantId", R"("t1")"},
           {"resultType", R"("0")"}},
          {{"id", R"("risk1")"},
           {"activityDateTime", R"("2026-11-24T09:00:00Z")"},
           {"userId", R"("U1")"},
           {"userPrincipalName", R"("Vera@Example.com")"},
           {"riskEventType", R"("anomalousToken")"}}};
}

TEST(RiskEventTest, IsARecordOfItsOwnCategory) {
  const ParsedMessage parsed = Parse(RiskParts().Json());
  ASSERT_EQ(parsed.signals.size(), 1u);
  const Signal& signal = parsed.signals[0];
  EXPECT_TRUE(signal.is_risk_event());
  EXPECT_FALSE(signal.is_sign_in());
  EXPECT_FALSE(signal.is_audit());
  EXPECT_FALSE(signal.is_success());
  EXPECT_EQ(FormatEventTime(signal.event_time), "2026-11-24T09:00:00.000000Z");
  EXPECT_EQ(parsed.Text(signal.user_text), "u1");
  EXPECT_EQ(parsed.Text(signal.id_text), "risk1");
}

TEST(RiskEventTest, IsRejectedLikeAnyOther) {
  RecordParts parts = RiskParts();
  parts.properties.Remove("activityDateTime");
  EXPECT_EQ(FormatEventTime(Parse(parts.Json()).signals.at(0).event_time),
            "2026-11-24T09:02:10.000000Z");
  parts.record.Remove("time");
  EXPECT_EQ(Parse(parts.Json()).rejects.at(0).reason, RejectReason::kNoTime);
  parts.record.Remove("tenantId");
  EXPECT_EQ(Parse(parts.Json()).rejects.at(0).reason, RejectReason::kNoTenant);
  parts = RiskParts();
  parts.properties.Set("activityDateTime", R"("2030-01-01T00:05:01Z")");
  EXPECT_EQ(Parse(parts.Json()).rejects.at(0).reason, RejectReason::kFuture);
}

// At most 1,024 bytes are kept of a text, but two users stay two.
TEST(LongTextsTest, AreCutAndComparedWhole) {
  const auto read = [](const std::string& end) {
    const std::string text = std::string(3000, 'a') + end;
    RecordParts parts = SignInParts();
    for (const char* key : {"userId", "userPrincipalName", "id", "appId", "appDisplayName"}) {
      parts.properties.Set(key, Quoted(text));
    }
    parts.properties.Set("location", R"({"countryOrRegion":)" + Quoted(text) + "}");
    parts.record.Set("tenantId", Quoted(text));
    return Parse(parts.Json());
  };
  const ParsedMessage one = read("1");
  const ParsedMessage two = read("2");
  const std::string shown(1024, 'a');
  for (const ParsedMessage* parsed : {&one, &two}) {
    const Signal& signal = parsed->signals.at(0);
    for (const TextRef ref : {signal.tenant_text, signal.user_text, signal.user_principal_name,
                              signal.id_text, signal.app_id, signal.app_name, signal.country}) {
      EXPECT_EQ(ShownText(parsed->Text(ref)), shown);
    }
    EXPECT_EQ(signal.user, MakeId<UserId>(parsed->Text(signal.user_text)));
    EXPECT_LT(parsed->text.size(), 9000u);
  }
  EXPECT_NE(one.signals[0].tenant, two.signals[0].tenant);
  EXPECT_NE(one.signals[0].user, two.signals[0].user);
  EXPECT_NE(one.signals[0].id, two.signals[0].id);
}

TEST(LongTextsTest, ANameIsTheSameInAnyCase) {
  const auto user = [](char letter) {
    RecordParts parts = SignInParts();
    parts.properties.Set("userId", "null")
        .Set("userPrincipalName", Quoted(std::string(3000, letter)));
    const ParsedMessage parsed = Parse(parts.Json());
    std::string name(parsed.Text(parsed.signals.at(0).user_principal_name));
    EXPECT_EQ(ShownText(name), std::string(1024, letter));
    LowerAscii(name);
    EXPECT_EQ(name, parsed.Text(parsed.signals[0].user_text));
    return parsed.signals[0].user;
  };
  EXPECT_EQ(user('a'), user('A'));
}

}  // namespace batch_reader_test
}  // namespace signinwatch
