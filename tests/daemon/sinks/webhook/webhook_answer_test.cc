#include "daemon/sinks/webhook/webhook_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace signinwatch::sinks {
namespace webhook_answer_test {

using std::chrono::seconds;
using Kind = SendResult::Kind;

const std::chrono::system_clock::time_point kNow{seconds(784111777)};

http_client::HttpResponse ReplyOf(int status, const std::string& retry_after = "") {
  return {status, "", retry_after};
}

TEST(WebhookSendResult, JudgesByStatus) {
  const struct {
    int status;
    Kind kind;
    bool sink_down;
  } cases[] = {
      {200, Kind::kDelivered, false}, {201, Kind::kDelivered, false},
      {202, Kind::kDelivered, false}, {204, Kind::kDelivered, false},
      {299, Kind::kDelivered, false}, {301, Kind::kTemporary, true},
      {304, Kind::kTemporary, true},  {307, Kind::kTemporary, true},
      {400, Kind::kPermanent, false}, {401, Kind::kTemporary, true},
      {403, Kind::kTemporary, true},  {404, Kind::kTemporary, true},
      {405, Kind::kTemporary, true},  {408, Kind::kTemporary, false},
      {409, Kind::kPermanent, false}, {410, Kind::kTemporary, true},
      {413, Kind::kPermanent, false}, {422, Kind::kPermanent, false},
      {425, Kind::kTemporary, false}, {429, Kind::kTemporary, true},
      {500, Kind::kTemporary, false}, {502, Kind::kTemporary, false},
      {503, Kind::kTemporary, true},  {504, Kind::kTemporary, false},
      {599, Kind::kTemporary, false},
  };
  for (const auto& c : cases) {
    const SendResult result = WebhookSendResult(ReplyOf(c.status), kNow);
    EXPECT_EQ(result.kind, c.kind) << c.status;
    EXPECT_EQ(result.sink_down, c.sink_down) << c.status;
    EXPECT_EQ(result.error.empty(), c.kind == Kind::kDelivered) << c.status;
    if (c.kind != Kind::kDelivered) {
      EXPECT_THAT(result.error, testing::HasSubstr(std::to_string(c.status)));
    }
  }
}

TEST(WebhookSendResult, ASinkThatCannotBeReachedIsDown) {
  const struct {
    absl::Status status;
    bool sink_down;
  } cases[] = {
      {absl::UnavailableError("no connection"), true},
      {absl::UnauthenticatedError("certificate"), true},
      {absl::InvalidArgumentError("url"), true},
      {absl::NotFoundError("the secret's file"), true},
      {absl::AbortedError("reset"), false},
      {absl::DeadlineExceededError("slow"), false},
      {absl::CancelledError("stop"), false},
  };
  for (const auto& c : cases) {
    const SendResult result = WebhookSendResult(c.status, kNow);
    EXPECT_EQ(result.kind, Kind::kTemporary) << c.status;
    EXPECT_EQ(result.sink_down, c.sink_down) << c.status;
    EXPECT_EQ(result.error, c.status.message());
  }
}

TEST(WebhookSendResult, TakesRetryAfterFromTemporaryAnswersOnly) {
  EXPECT_EQ(WebhookSendResult(ReplyOf(429, "7"), kNow).retry_after, seconds(7));
  EXPECT_EQ(WebhookSendResult(ReplyOf(500, "7"), kNow).retry_after, seconds(7));
  EXPECT_EQ(WebhookSendResult(ReplyOf(400, "7"), kNow).retry_after, seconds(0));
  EXPECT_EQ(WebhookSendResult(ReplyOf(200, "7"), kNow).retry_after, seconds(0));
}

}  // namespace webhook_answer_test
}  // namespace signinwatch::sinks
