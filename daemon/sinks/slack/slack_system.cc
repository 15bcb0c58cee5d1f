#include "daemon/sinks/slack/slack_system.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/config/secret.h"
#include "daemon/config/sink_types.h"
#include "daemon/http_client/percent_encoding.h"
#include "daemon/json/json_writer.h"
#include "daemon/sinks/retry_after.h"
#include "daemon/sinks/slack/slack_answer.h"
#include "daemon/sinks/slack/slack_message.h"
#include "daemon/sinks/ticket_life.h"

namespace signinwatch::sinks {
namespace {

using Kind = Answer::Kind;
using std::chrono::milliseconds;

// Between two clocks, and between a request that was given up and its effect.
constexpr std::chrono::hours kLostAgo{1};
constexpr size_t kPagesMax = 50;
constexpr size_t kPageBytesMax = 8 << 20;
constexpr char kMessagesOfAPage[] = "200";

// As Slack writes times: "1503435956.000000".
std::string TsOf(EventTime time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
  return absl::StrCat(std::max<int64_t>(seconds, 0), ".000000");
}

std::string PlaceOf(const std::string& channel, const std::string& ts) {
  std::string body;
  json::JsonWriter json(&body);
  json.Open('{');
  json.Member("channel", channel);
  json.Member("ts", ts);
  json.Close('}');
  return body;
}

}  // namespace

SlackSystem::SlackSystem(const config::SinkConfig& config, const SinkParts& parts)
    : url_(WithoutSlashes(config::SettingOf<std::string>(config, "url"))),
      token_(config::SettingOf<config::SecretRef>(config, "token")),
      channel_(config::SettingOf<std::string>(config, "channel")),
      wording_(config::SettingOf<std::string>(config, "title"),
               config::SettingOf<std::string>(config, "body")),
      clock_(parts.clock),
      http_(parts.make_http(config.ca_file),
            static_cast<size_t>(config::SettingOf<int64_t>(config, "rate_per_minute")),
            std::chrono::ceil<milliseconds>(config::SettingOf<Duration>(config, "timeout")),
            parts.clock) {}

Answer SlackSystem::Call(const std::string& method, http_client::HttpCall call,
                         json::JsonDocument* document) {
  const absl::StatusOr<std::string> token = config::ReadSecret(token_);
  if (!token.ok()) return JudgeHttp(token.status(), {}, clock_.Wall());
  call.headers.emplace_back("Authorization", "Bearer " + *token);
  http_client::HttpResponse response;
  Answer answer = http_.Send(std::move(call), {.wants_json = true, .part = method}, &response);
  if (answer.done()) {
    *document = json::JsonDocument(std::move(response.body));
    answer = JudgeSlack(document->root());
    if (!answer.done()) answer.retry_after = ParseRetryAfter(response.retry_after, clock_.Wall());
  }
  http_.PausePart(method, &answer);
  if (!answer.error.empty()) answer.error = absl::StrCat(method, ": ", answer.error);
  return answer;
}

Answer SlackSystem::Post(const std::string& method, std::string body,
                         json::JsonDocument* document) {
  return Call(method,
              {.url = absl::StrCat(url_, "/", method),
               .headers = {{"Content-Type", "application/json; charset=utf-8"}},
               .body = std::move(body)},
              document);
}

Answer SlackSystem::Create(const Telling& telling, Made* made) {
  json::JsonDocument document("");
  Answer answer = Post("chat.postMessage", SlackMessage(telling, wording_, channel_), &document);
  if (!answer.done()) return answer;
  const std::string channel = document.root()["channel"].Text();
  made->handle = {.id = document.root()["ts"].Text(), .memo = channel.empty() ? channel_ : channel};
  if (!made->handle.id.empty()) return {};
  return {.kind = Kind::kUnknown, .error = "chat.postMessage: no ts", .reason = "server"};
}

Answer SlackSystem::Find(const Telling& telling, std::vector<Seen>* found) {
  std::string cursor;
  for (size_t page = 0; page < kPagesMax; ++page) {
    std::string query;
    http_client::AppendFormField("channel", channel_, &query);
    http_client::AppendFormField("oldest", TsOf(telling.lost_since - kLostAgo), &query);
    http_client::AppendFormField("include_all_metadata", "true", &query);
    http_client::AppendFormField("limit", kMessagesOfAPage, &query);
    if (!cursor.empty()) http_client::AppendFormField("cursor", cursor, &query);
    json::JsonDocument document("");
    Answer answer = Call("conversations.history",
                         {.method = "GET",
                          .url = absl::StrCat(url_, "/conversations.history?", query),
                          .response_bytes_max = kPageBytesMax},
                         &document);
    // It says nothing of the ticket.
    if (answer.kind == Kind::kRefused) answer.kind = Kind::kNotDone;
    if (!answer.done()) return answer;
    for (const json::JsonValue& message : document.root()["messages"].Elements()) {
      const json::JsonValue metadata = message["metadata"];
      const std::string ticket_id = metadata["event_payload"]["ticket_id"].Text();
      if (metadata["event_type"].Text() != kSlackEventType || ticket_id != telling.key) continue;
      found->push_back(
          {.key = telling.key, .handle = {.id = message["ts"].Text(), .memo = channel_}});
    }
    cursor = document.root()["response_metadata"]["next_cursor"].Text();
    if (cursor.empty()) break;
  }
  std::reverse(found->begin(), found->end());  // they come latest first
  return {};
}

Answer SlackSystem::Update(const Telling& telling, RemoteHandle* handle) {
  json::JsonDocument document("");
  const std::string& channel = handle->memo.empty() ? channel_ : handle->memo;
  return Post("chat.update", SlackMessage(telling, wording_, channel, handle->id), &document);
}

Answer SlackSystem::CloseTwin(const Telling& /*telling*/, const RemoteHandle& twin,
                              const RemoteHandle& /*stays*/) {
  json::JsonDocument document("");
  const std::string& channel = twin.memo.empty() ? channel_ : twin.memo;
  Answer answer = Post("chat.delete", PlaceOf(channel, twin.id), &document);
  // A copy that can't be taken back is no reason to give the ticket up.
  if (answer.kind == Kind::kRefused) answer.kind = Kind::kGone;
  return answer;
}

Answer SlackSystem::Ask(std::string* said) {
  json::JsonDocument document("");
  Answer answer = Post("auth.test", "{}", &document);
  if (answer.done()) {
    *said = absl::StrCat("the token is that of ", document.root()["user"].Text(), " in ",
                         document.root()["team"].Text(), "; the channel is not tried");
  }
  return answer;
}

TicketSinkOr MakeSlackSink(const config::SinkConfig& config, const SinkParts& parts) {
  const config::SecretRef token = config::SettingOf<config::SecretRef>(config, "token");
  if (absl::Status status = config::ReadSecret(token).status(); !status.ok()) return status;
  return std::make_unique<TicketLife>(config.name, std::make_unique<SlackSystem>(config, parts),
                                      parts.outbox, parts.clock);
}

}  // namespace signinwatch::sinks
