// Slack as its documentation has it, for one channel: it refuses what Slack refuses, and fails as a
// test wants.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_SLACK_SLACK_STAND_IN_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_SLACK_SLACK_STAND_IN_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/http_client/http_client.h"
#include "tests/daemon/sinks/call_faults.h"
#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

class SlackStandIn : public HttpStandIn {
 public:
  static constexpr const char* kToken = "xoxb-1-secret";
  static constexpr const char* kChannel = "C0123";

  explicit SlackStandIn(const clock::Clock& clock) : clock_(clock) {}

  std::map<std::string, nlohmann::json> messages;  // by ts
  std::vector<std::string> methods;                // that were called
  CallFaults faults;
  std::map<std::string, std::string> errors;  // that a method answers

  [[nodiscard]] config::SinkConfig Config() const override {
    config::SinkConfig config;
    config.type = "slack";
    config.settings["token"] = TestSecret("SLACK_TEST_TOKEN", kToken);
    config.settings["channel"] = std::string(kChannel);
    return config;
  }
  [[nodiscard]] OwnAnswers own_answers() const override {
    return {.expired = {200, R"({"ok":false,"error":"invalid_auth"})", ""},
            .refused = {200, R"({"ok":false,"error":"invalid_blocks"})", ""}};
  }
  [[nodiscard]] std::string PausedPart(const http_client::HttpCall& call) const override {
    return MethodOf(call);
  }
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    for (const auto& [ts, message] : messages) {
      const std::string text = TextOf(message);
      tickets.push_back({message["metadata"]["event_payload"]["ticket_id"],
                         text.find("State: Open") != std::string::npos, text});
    }
    return tickets;
  }

  absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) override {
    const std::string method = MethodOf(call);
    methods.push_back(method);
    return faults.Apply(call, [&] {
      return http_client::HttpResponse{200, Do(method, call).dump(), ""};
    });
  }

  // What a message shows, all its texts together.
  static std::string TextOf(const nlohmann::json& message) {
    std::string text = message["text"];
    Gather(message["blocks"], &text);
    return text;
  }
  [[nodiscard]] const nlohmann::json& Only() const { return messages.begin()->second; }

 private:
  using Json = nlohmann::json;

  static Json Error(const std::string& code) { return {{"ok", false}, {"error", code}}; }

  static void Gather(const Json& value, std::string* text) {
    if (value.is_object() && value.contains("text") && value["text"].is_string()) {
      text->append("\n").append(value["text"].get<std::string>());
      return;
    }
    if (!value.is_structured()) return;
    for (const Json& inner : value) Gather(inner, text);
  }

  static std::string MethodOf(const http_client::HttpCall& call) {
    const std::string path = call.url.substr(0, call.url.find('?'));
    return path.substr(path.rfind('/') + 1);
  }

  Json Do(const std::string& method, const http_client::HttpCall& call) {
    if (errors.contains(method)) return Error(errors[method]);
    const std::map<std::string, std::string> headers(call.headers.begin(), call.headers.end());
    const auto authorization = headers.find("Authorization");
    if (authorization == headers.end()) return Error("not_authed");
    if (authorization->second != std::string("Bearer ") + kToken) return Error("invalid_auth");
    if (method == "conversations.history") return History(call);
    if (call.method != "POST" || !headers.at("Content-Type").starts_with("application/json")) {
      return Error("invalid_post_type");
    }
    const Json body = Json::parse(call.body, nullptr, false);
    if (body.is_discarded()) return Error("invalid_json");
    if (body.value("channel", "") != kChannel) return Error("channel_not_found");
    if (method == "chat.delete") {
      return messages.erase(body["ts"]) == 1 ? Done(body["ts"]) : Error("message_not_found");
    }
    if (method != "chat.postMessage" && method != "chat.update") return Error("unknown_method");
    if (const std::string fault = FaultOf(body); !fault.empty()) return Error(fault);
    if (method == "chat.update") {
      const std::string ts = body.value("ts", "");
      if (!messages.contains(ts)) return Error("message_not_found");
      messages[ts] = body;
      return Done(ts);
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.Wall().time_since_epoch());
    const std::string number = std::to_string(++posted_);
    const std::string ts =
        std::to_string(seconds.count()) + "." + std::string(6 - number.size(), '0') + number;
    messages[ts] = body;
    return Done(ts);
  }

  static Json Done(const std::string& ts) {
    return {{"ok", true}, {"channel", kChannel}, {"ts", ts}};
  }

  static std::string FaultOf(const Json& body) {
    if (body.value("text", "").empty()) return "no_text";
    if (!body.contains("blocks") || !body["blocks"].is_array()) return "invalid_blocks";
    if (body["blocks"].size() > 50) return "invalid_blocks";
    if (CharactersOf(TextOf(body)) > 13'200) return "msg_blocks_too_long";
    for (const Json& block : body["blocks"]) {
      if (!IsBlock(block)) return "invalid_blocks";
    }
    const Json& metadata = body["metadata"];
    const bool described = metadata["event_type"] == "signinwatch_ticket" &&
                           metadata["event_payload"]["ticket_id"].is_string() &&
                           metadata["event_payload"]["revision"].is_number();
    return described ? "" : "invalid_metadata_format";
  }

  static bool IsBlock(const Json& block) {
    if (block["type"] == "section" && block.contains("text")) return IsText(block["text"], 3'000);
    if (block["type"] == "section") return AreTexts(block["fields"], 2'000);
    return block["type"] == "context" && AreTexts(block["elements"], 3'000);
  }

  static bool AreTexts(const Json& objects, size_t most) {
    return objects.is_array() && !objects.empty() && objects.size() <= 10 &&
           std::all_of(objects.begin(), objects.end(),
                       [most](const Json& object) { return IsText(object, most); });
  }

  static bool IsText(const Json& object, size_t most) {
    const bool plain = object["type"] == "plain_text" && !object.contains("verbatim");
    const bool mrkdwn = object["type"] == "mrkdwn" && !object.contains("emoji");
    const std::string text = object["text"];
    return (plain || mrkdwn) && !text.empty() && CharactersOf(text) <= most;
  }

  static size_t CharactersOf(const std::string& text) {
    return static_cast<size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
  }

  // Two a page, the latest first.
  Json History(const http_client::HttpCall& call) {
    std::map<std::string, std::string> query;
    for (size_t at = call.url.find('?'); at != std::string::npos;) {
      const size_t end = call.url.find('&', at + 1);
      const std::string field = call.url.substr(at + 1, end - at - 1);
      query[field.substr(0, field.find('='))] = field.substr(field.find('=') + 1);
      at = end;
    }
    if (call.method != "GET" || query["channel"] != kChannel) return Error("channel_not_found");
    std::vector<Json> all;
    for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
      if (message->first < query["oldest"]) continue;
      Json shown = {{"type", "message"}, {"ts", message->first}, {"text", message->second["text"]}};
      if (query["include_all_metadata"] == "true") {
        shown["metadata"] = message->second["metadata"];
      }
      all.push_back(shown);
    }
    const size_t first = query["cursor"].empty() ? 0 : std::stoul(query["cursor"]);
    Json page = Json::array();
    for (size_t i = first; i < std::min(all.size(), first + 2); ++i) page.push_back(all[i]);
    const bool more = first + 2 < all.size();
    return {{"ok", true},
            {"messages", page},
            {"has_more", more},
            {"response_metadata", {{"next_cursor", more ? std::to_string(first + 2) : ""}}}};
  }

  const clock::Clock& clock_;
  int posted_ = 0;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_SLACK_SLACK_STAND_IN_H_
