#include "daemon/doctor/record_shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch::doctor {
namespace record_shape_test {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::Pair;

EventTime At(int minute) {
  return EventTime(std::chrono::sys_days(std::chrono::year(2025) / 3 / 3)) + minutes(minute);
}

std::string Record(const std::string& category, int minute) {
  const std::string time = FormatEventTime(At(minute));
  return R"({"time":")" + time + R"(","category":")" + category +
         R"(","tenantId":"11111111-2222-4333-8444-555555555555","resultType":"0",)" +
         R"("operationName":"x","properties":{"id":"a","createdDateTime":")" + time +
         R"(","activityDateTime":")" + time +
         R"(","userId":"22222222-2222-4333-8444-555555555555","status":{"errorCode":0}}})";
}

TEST(RecordShape, CountsWhatTheParserFinds) {
  const std::string batch = R"({"records":[)" + Record("SignInLogs", 0) + "," +
                            Record("NonInteractiveUserSignInLogs", 5) + "," +
                            Record("RiskyUsers", 5) + "]}";
  const RecordShape shape = ShapeOf({{.broker_time = At(10), .payload = batch},
                                     {.broker_time = At(25), .payload = Record("AuditLogs", 24)},
                                     {.broker_time = At(12), .payload = "no json"},
                                     {.payload = Record("SignInLogs", 0)}},
                                    ParserOptions{}, At(30));
  EXPECT_EQ(shape.messages, 4u);
  EXPECT_EQ(shape.records, 6u);
  EXPECT_EQ(shape.of(Category::kSignIn), 2u);
  EXPECT_EQ(shape.of(Category::kNonInteractiveSignIn), 1u);
  EXPECT_EQ(shape.of(Category::kAudit), 1u);
  EXPECT_THAT(shape.irrelevant, ElementsAre(Pair("RiskyUsers", 1)));
  EXPECT_THAT(shape.rejected, ElementsAre(Pair("not_json", 1)));
  EXPECT_EQ(shape.newest_message, At(25));
  EXPECT_TRUE(shape.has_delays);
  EXPECT_EQ(shape.least_delay, minutes(1));
  EXPECT_EQ(shape.most_delay, minutes(10));
}

TEST(RecordShape, WhatIsOfNoUseIsNamedByWhatMostOfItLooksLike) {
  const std::string wrapped = R"({"message":"{\"category\":\"SignInLogs\"}"})";
  const RecordShape shape = ShapeOf({{.broker_time = At(1), .payload = "a,b,c\n1,2,3\n"},
                                     {.broker_time = At(2), .payload = wrapped},
                                     {.broker_time = At(3), .payload = wrapped},
                                     {.broker_time = At(4), .payload = Record("AuditLogs", 3)}},
                                    ParserOptions{}, At(30));
  EXPECT_EQ(shape.unused_messages, 3u);
  EXPECT_EQ(shape.unused.name, "records wrapped by a shipper");
  EXPECT_EQ(shape.unused.advice, "set input.unwrap: true");
}

// The hub is shared with a service that writes broken records into its batches.
TEST(RecordShape, CountsMessagesThatBreakInTheMiddle) {
  const std::string broken =
      R"({"records":[)" + Record("SignInLogs", 0) + ",{'a': 1}," + Record("SignInLogs", 0) + "]}";
  const RecordShape shape =
      ShapeOf({{.broker_time = At(1), .payload = broken}, {.broker_time = At(1), .payload = "{"}},
              ParserOptions{}, At(30));
  EXPECT_EQ(shape.broken_messages, 1u);
  EXPECT_EQ(shape.of(Category::kSignIn), 1u);
}

TEST(RecordShape, OfNothingIsNothing) {
  const RecordShape shape = ShapeOf({}, ParserOptions{}, At(0));
  EXPECT_EQ(shape.messages, 0u);
  EXPECT_FALSE(shape.has_delays);
  EXPECT_EQ(shape.newest_message, kBeginningOfTime);
}

}  // namespace record_shape_test
}  // namespace signinwatch::doctor
