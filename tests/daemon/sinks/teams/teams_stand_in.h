// A workflow of Teams: it takes cards, and says nothing of what became of them.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_TEAMS_TEAMS_STAND_IN_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_TEAMS_TEAMS_STAND_IN_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

class TeamsStandIn : public HttpStandIn {
 public:
  static constexpr const char* kUrl =
      "https://default1.2f.environment.api.powerplatform.com:443/powerautomate/automations/direct/"
      "workflows/abc/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers&sv=1.0&sig=S3CRET";

  std::vector<std::string> cards;  // their bodies

  [[nodiscard]] config::SinkConfig Config() const override {
    config::SinkConfig config;
    config.type = "teams";
    config.settings["url"] = TestSecret("TEAMS_TEST_URL", kUrl);
    config.settings["rate_per_minute"] = int64_t{0};
    return config;
  }
  // Each card is one.
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    for (const std::string& card : cards) tickets.push_back({.text = card});
    return tickets;
  }

  absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) override {
    if (call.url != kUrl) return http_client::HttpResponse{404, "", ""};
    const nlohmann::json message = nlohmann::json::parse(call.body, nullptr, false);
    if (message.is_discarded() || message["type"] != "message" || call.body.size() > 18'432) {
      return http_client::HttpResponse{400, R"({"error":{"code":"TriggerInputSchemaMismatch"}})",
                                       ""};
    }
    cards.push_back(message["attachments"][0]["content"]["body"].dump());
    return http_client::HttpResponse{202, "", ""};
  }
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_TEAMS_TEAMS_STAND_IN_H_
