#include "daemon/sinks/slack/slack_answer.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;

struct SlackError {
  std::string_view code;
  Kind kind;
  const char* reason;
  bool sink_down = false;
};

constexpr SlackError kErrors[] = {
    {"ratelimited", Kind::kNotDone, "rate_limited", true},
    {"rate_limited", Kind::kNotDone, "rate_limited", true},  // of chat.postMessage
    {"request_timeout", Kind::kUnknown, "server"},
    // "Some aspect of the operation may have succeeded", say both.
    {"fatal_error", Kind::kUnknown, "server"},
    {"internal_error", Kind::kUnknown, "server"},
    {"service_unavailable", Kind::kUnknown, "server", true},
    {"invalid_auth", Kind::kNotDone, "auth", true},
    {"not_authed", Kind::kNotDone, "auth", true},
    {"token_revoked", Kind::kNotDone, "auth", true},
    {"token_expired", Kind::kNotDone, "auth", true},
    {"account_inactive", Kind::kNotDone, "auth", true},
    {"missing_scope", Kind::kNotDone, "auth", true},
    {"channel_not_found", Kind::kNotDone, "configuration", true},
    {"not_in_channel", Kind::kNotDone, "configuration", true},
    {"is_archived", Kind::kNotDone, "configuration", true},
    {"message_not_found", Kind::kGone, "client"},
    {"cant_update_message", Kind::kGone, "client"},
    {"edit_window_closed", Kind::kGone, "client"},
};

// Codes are words; what is none is not repeated.
std::string Shown(const std::string& code) {
  constexpr size_t kCodeBytesMax = 60;
  const bool is_word = code.size() <= kCodeBytesMax &&
                       code.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == code.npos;
  return is_word ? "Slack says " + code : "Slack refuses it";
}

}  // namespace

Answer JudgeSlack(const json::JsonValue& body) {
  if (body["ok"].IsTrue()) return {};
  const std::string code = body["error"].Text();
  if (code.empty()) {
    return {.kind = Kind::kUnknown, .error = "no whole answer of Slack's", .reason = "server"};
  }
  const auto* const error = std::find_if(std::begin(kErrors), std::end(kErrors),
                                         [&](const SlackError& each) { return each.code == code; });
  if (error == std::end(kErrors)) {
    return {.kind = Kind::kRefused, .error = Shown(code), .reason = "client"};
  }
  return {.kind = error->kind,
          .error = Shown(code),
          .reason = error->reason,
          .sink_down = error->sink_down};
}

}  // namespace signinwatch::sinks
