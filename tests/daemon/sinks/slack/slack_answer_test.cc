#include "daemon/sinks/slack/slack_answer.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch::sinks {
namespace slack_answer_test {

using Kind = Answer::Kind;

TEST(JudgeSlack, ByItsCode) {
  const struct {
    std::string code;
    Kind kind;
    bool sink_down;
    const char* reason;
  } cases[] = {
      {"ratelimited", Kind::kNotDone, true, "rate_limited"},
      {"rate_limited", Kind::kNotDone, true, "rate_limited"},
      {"request_timeout", Kind::kUnknown, false, "server"},
      {"fatal_error", Kind::kUnknown, false, "server"},
      {"internal_error", Kind::kUnknown, false, "server"},
      {"invalid_auth", Kind::kNotDone, true, "auth"},
      {"token_revoked", Kind::kNotDone, true, "auth"},
      {"token_expired", Kind::kNotDone, true, "auth"},
      {"account_inactive", Kind::kNotDone, true, "auth"},
      {"missing_scope", Kind::kNotDone, true, "auth"},
      {"channel_not_found", Kind::kNotDone, true, "configuration"},
      {"not_in_channel", Kind::kNotDone, true, "configuration"},
      {"is_archived", Kind::kNotDone, true, "configuration"},
      {"message_not_found", Kind::kGone, false, "client"},
      {"cant_update_message", Kind::kGone, false, "client"},
      {"edit_window_closed", Kind::kGone, false, "client"},
      {"msg_blocks_too_long", Kind::kRefused, false, "client"},
      {"something_new", Kind::kRefused, false, "client"},
  };
  for (const auto& c : cases) {
    const json::JsonDocument document("{\"ok\":false,\"error\":\"" + c.code + "\"}");
    const Answer answer = JudgeSlack(document.root());
    EXPECT_EQ(answer.kind, c.kind) << c.code;
    EXPECT_EQ(answer.sink_down, c.sink_down) << c.code;
    EXPECT_EQ(answer.reason, c.reason) << c.code;
    EXPECT_EQ(answer.error, "Slack says " + c.code);
  }
}

TEST(JudgeSlack, OkIsDoneAndNeitherIsNoAnswer) {
  EXPECT_TRUE(JudgeSlack(json::JsonDocument(R"({"ok":true})").root()).done());
  for (const char* body : {"{}", R"({"ok":fal)", "[]", R"({"ok":"true"})", ""}) {
    EXPECT_EQ(JudgeSlack(json::JsonDocument(body).root()).kind, Kind::kUnknown) << body;
  }
}

TEST(JudgeSlack, RepeatsNoTextOfTheOtherSide) {
  const json::JsonDocument document(R"({"ok":false,"error":"no such user: ada"})");
  EXPECT_EQ(JudgeSlack(document.root()).error, "Slack refuses it");
}

}  // namespace slack_answer_test
}  // namespace signinwatch::sinks
