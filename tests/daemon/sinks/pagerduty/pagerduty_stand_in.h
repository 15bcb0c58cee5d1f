// PagerDuty, strict: an event that it would not take fails the test.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_STAND_IN_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_STAND_IN_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

// Alerts by dedup_key, as the Events API makes them and the REST API shows them.
class PagerDutyStandIn : public HttpStandIn {
 public:
  static constexpr char kRoutingKey[] = "r0123456789abcdef0123456789abcde";

  // `by_rest`: with an api_token.
  explicit PagerDutyStandIn(bool by_rest = false) : by_rest_(by_rest) {}

  struct Incident {
    std::string id;
    std::string key;
    bool open = true;
    std::vector<nlohmann::json> triggers;
  };

  [[nodiscard]] config::SinkConfig Config() const override {
    config::SinkConfig config;
    config.type = "pagerduty";
    config.settings["routing_key"] = TestSecret("PAGERDUTY_TEST_KEY", kRoutingKey);
    if (by_rest_) config.settings["api_token"] = TestSecret("PAGERDUTY_TEST_TOKEN", "rest");
    config.settings["rate_per_minute"] = int64_t{0};
    return config;
  }
  // The Events and the REST API.
  [[nodiscard]] std::string PausedPart(const http_client::HttpCall& call) const override {
    return call.method;
  }
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    for (const Incident& incident : incidents) {
      const nlohmann::json& last = incident.triggers.back();
      const nlohmann::json& details = last.at("payload").at("custom_details");
      const std::string reference =
          details.at("ticket_id").get<std::string>() + "/" + details.at("revision").dump();
      tickets.push_back({incident.key, incident.open, reference + " " + last.dump()});
    }
    return tickets;
  }
  void PersonCloses() override { incidents.back().open = false; }

  absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) override {
    if (!faults.empty()) {
      const Fault fault = faults.front();
      faults.erase(faults.begin());
      if (fault.after_work) (void)Work(call);
      return fault.answer;
    }
    return Work(call);
  }

  struct Fault {
    absl::StatusOr<http_client::HttpResponse> answer;
    bool after_work = false;
  };
  std::vector<Fault> faults;
  std::vector<Incident> incidents;
  std::vector<std::string> actions;
  bool slow = false;  // what is triggered is not yet to be seen
  int reads = 0;

 private:
  const bool by_rest_;

  absl::StatusOr<http_client::HttpResponse> Work(const http_client::HttpCall& call) {
    if (call.method == "GET") return Read(call);
    EXPECT_EQ(call.url, "https://events.pagerduty.com/v2/enqueue");
    const nlohmann::json event = nlohmann::json::parse(call.body);
    EXPECT_EQ(event.at("routing_key"), kRoutingKey);
    const std::string key = event.at("dedup_key");
    EXPECT_LE(key.size(), 255u);
    const std::string action = event.at("event_action");
    actions.push_back(action);
    Incident* open = nullptr;
    for (Incident& incident : incidents) {
      if (incident.key == key && incident.open) open = &incident;
    }
    if (action == "resolve") {
      if (open != nullptr) open->open = false;
      return http_client::HttpResponse{202, R"({"status":"success"})", ""};
    }
    EXPECT_EQ(action, "trigger");
    const nlohmann::json& payload = event.at("payload");
    EXPECT_LE(payload.at("summary").get<std::string>().size(), 1024u);
    EXPECT_NE(payload.at("source").get<std::string>(), "");
    EXPECT_THAT(payload.at("severity").get<std::string>(),
                testing::AnyOf("critical", "error", "warning", "info"));
    EXPECT_LT(call.body.size(), 512'000u);
    if (open == nullptr) {
      incidents.push_back({"Q" + std::to_string(incidents.size() + 1), key, true, {}});
      open = &incidents.back();
    }
    open->triggers.push_back(event);
    return http_client::HttpResponse{202, R"({"status":"success","dedup_key":")" + key + "\"}", ""};
  }

  absl::StatusOr<http_client::HttpResponse> Read(const http_client::HttpCall& call) {
    ++reads;
    const std::string begin = "https://api.pagerduty.com/incidents?incident_key=";
    EXPECT_EQ(call.url.substr(0, begin.size()), begin);
    EXPECT_THAT(call.headers,
                testing::Contains(testing::Pair("Authorization", "Token token=rest")));
    // A stranger's, in case that the filter is not understood.
    nlohmann::json list =
        nlohmann::json::array({{{"id", "X"}, {"incident_key", "other"}, {"status", "triggered"}}});
    for (size_t i = 0; i < incidents.size() - (slow ? 1 : 0); ++i) {
      list.push_back({{"id", incidents[i].id},
                      {"incident_key", incidents[i].key},
                      {"status", incidents[i].open ? "acknowledged" : "resolved"},
                      {"created_at", "2026-11-24T09:00:0" + std::to_string(i) + "Z"}});
    }
    return http_client::HttpResponse{200, nlohmann::json({{"incidents", list}}).dump(), ""};
  }
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_PAGERDUTY_PAGERDUTY_STAND_IN_H_
