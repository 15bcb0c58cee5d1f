// An Alertmanager, strict: a request that it would not take fails the test.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_ALERTMANAGER_ALERTMANAGER_STAND_IN_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_ALERTMANAGER_ALERTMANAGER_STAND_IN_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "daemon/clock/clock.h"
#include "parser/event_time.h"
#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

class AlertmanagerStandIn : public HttpStandIn {
 public:
  explicit AlertmanagerStandIn(const clock::Clock& clock) : clock_(clock) {}

  struct Alert {
    nlohmann::json labels;
    std::vector<nlohmann::json> said;  // each time
    EventTime ends_at;
  };
  struct Fault {
    absl::StatusOr<http_client::HttpResponse> answer;
    bool after_work = false;
  };

  [[nodiscard]] config::SinkConfig Config() const override {
    config::SinkConfig config;
    config.type = "alertmanager";
    config.settings["urls"] = std::vector<std::string>{"https://a.example:9093"};
    config.settings["rate_per_minute"] = int64_t{0};
    return config;
  }
  // An alert is its labels. It fires until it ends.
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    for (const auto& [labels, alert] : alerts) {
      tickets.push_back(
          {alert.labels.at("ticket_id"), alert.ends_at > clock_.Wall(), alert.said.back().dump()});
    }
    return tickets;
  }

  absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) override {
    ++requests;
    if (down) return absl::UnavailableError("connection refused");
    if (!faults.empty()) {
      const Fault fault = faults.front();
      faults.erase(faults.begin());
      if (fault.after_work) Work(call);
      return fault.answer;
    }
    Work(call);
    return http_client::HttpResponse{200, "", ""};
  }

  [[nodiscard]] const Alert& Only() const {
    EXPECT_EQ(alerts.size(), 1u);
    return alerts.begin()->second;
  }
  [[nodiscard]] bool Fires(EventTime now) const { return Only().ends_at > now; }
  [[nodiscard]] const nlohmann::json& Annotations() const {
    return Only().said.back().at("annotations");
  }

  bool down = false;
  std::vector<Fault> faults;
  std::map<std::string, Alert> alerts;  // by labels
  int requests = 0;

 private:
  const clock::Clock& clock_;

  void Work(const http_client::HttpCall& call) {
    EXPECT_EQ(call.method, "POST");
    const nlohmann::json list = nlohmann::json::parse(call.body);
    ASSERT_TRUE(list.is_array() && !list.empty());
    for (const nlohmann::json& said : list) {
      std::vector<std::string> names;
      for (const auto& [name, value] : said.at("labels").items()) {
        names.push_back(name);
        EXPECT_NE(value.get<std::string>(), "");
        EXPECT_EQ(value.get<std::string>().find('@'), std::string::npos);
      }
      EXPECT_THAT(names,
                  testing::UnorderedElementsAre("alertname", "ticket_id", "tenant", "detector"));
      for (const auto& [name, value] : said.at("annotations").items()) {
        EXPECT_TRUE(value.is_string()) << name;
      }
      EXPECT_NE(said.at("annotations").at("revision").get<std::string>(), "");
      const auto starts = ParseEventTime(said.at("startsAt").get<std::string>());
      const auto ends = ParseEventTime(said.at("endsAt").get<std::string>());
      ASSERT_TRUE(starts && ends);
      EXPECT_LE(*starts, *ends);
      Alert& alert = alerts[said.at("labels").dump()];
      alert.labels = said.at("labels");
      alert.said.push_back(said);
      alert.ends_at = *ends;
    }
  }
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_ALERTMANAGER_ALERTMANAGER_STAND_IN_H_
