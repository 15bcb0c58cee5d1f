// TheHive, strict: a request that it would not take fails the test.
#ifndef SIGNINWATCH_TESTS_DAEMON_SINKS_THEHIVE_THEHIVE_STAND_IN_H_
#define SIGNINWATCH_TESTS_DAEMON_SINKS_THEHIVE_THEHIVE_STAND_IN_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/daemon/sinks/stand_in.h"

namespace signinwatch::sinks {

class TheHiveStandIn : public HttpStandIn {
  using Json = nlohmann::json;

 public:
  static constexpr char kUrl[] = "https://hive.example";
  static constexpr char kClosed[] = "Resolved by signinwatch";

  struct Fault {
    absl::StatusOr<http_client::HttpResponse> answer;
    bool after_work = false;
  };

  [[nodiscard]] config::SinkConfig Config() const override {
    config::SinkConfig config;
    config.type = "thehive";
    config.settings["url"] = std::string(kUrl) + "/";
    config.settings["token"] = TestSecret("THEHIVE_TEST_TOKEN", "key");
    config.settings["closed_status"] = std::string(kClosed);
    config.settings["rate_per_minute"] = int64_t{0};
    return config;
  }
  [[nodiscard]] std::vector<ThereTicket> Tickets() const override {
    std::vector<ThereTicket> tickets;
    for (const Json& alert : alerts) {
      tickets.push_back({alert.at("sourceRef"), alert.at("stage") == "New", alert.dump()});
    }
    return tickets;
  }
  void PersonCloses() override {
    alerts.back()["stage"] = "Closed";
    alerts.back()["status"] = "FalsePositive";
  }
  void PersonReopens() override { alerts.back()["stage"] = alerts.back()["status"] = "New"; }

  absl::StatusOr<http_client::HttpResponse> Answer(const http_client::HttpCall& call) override {
    if (!faults.empty()) {
      const Fault fault = faults.front();
      faults.erase(faults.begin());
      if (fault.after_work) (void)Work(call);
      return fault.answer;
    }
    http_client::HttpResponse answer = Work(call);
    if (--lost_answer == 0) return absl::AbortedError("reset");
    return answer;
  }

  std::vector<Fault> faults;
  int lost_answer = 0;  // of so many requests from now on the last
  std::vector<Json> alerts;
  std::vector<std::string> requests;  // "PATCH alert/~2"

 private:
  http_client::HttpResponse Work(const http_client::HttpCall& call) {
    const std::string begin = std::string(kUrl) + "/api/v1/";
    EXPECT_EQ(call.url.substr(0, begin.size()), begin);
    const std::string path = call.url.substr(begin.size());
    requests.push_back(call.method + " " + path);
    EXPECT_THAT(call.headers, testing::Contains(testing::Pair("Authorization", "Bearer key")));
    if (call.method != "GET") {
      EXPECT_THAT(call.headers,
                  testing::Contains(testing::Pair("Content-Type", "application/json")));
    }
    if (path == "alert") return Create(Json::parse(call.body));
    if (path == "query?name=alerts") return Query(Json::parse(call.body));
    const std::string id = path.substr(std::string("alert/").size());
    const auto found = std::find_if(alerts.begin(), alerts.end(),
                                    [&id](const Json& alert) { return alert.at("_id") == id; });
    if (found == alerts.end()) return {404, R"({"type":"NotFoundError"})", ""};
    if (call.method == "GET") return {200, found->dump(), ""};
    EXPECT_EQ(call.method, "PATCH");
    return Patch(Json::parse(call.body), &*found);
  }

  static void ExpectTexts(const Json& alert) {
    if (alert.contains("title")) {
      const std::string title = alert.at("title").get<std::string>();
      EXPECT_NE(title, "");
      EXPECT_LE(title.size(), 512u);
    }
    if (alert.contains("description")) {
      EXPECT_LE(alert.at("description").get<std::string>().size(), 1'048'576u);
    }
    if (alert.contains("severity")) {
      EXPECT_GE(alert.at("severity").get<int>(), 1);
      EXPECT_LE(alert.at("severity").get<int>(), 4);
    }
  }

  http_client::HttpResponse Create(Json alert) {
    ExpectTexts(alert);
    for (const char* name : {"type", "source", "sourceRef", "title", "description"}) {
      EXPECT_TRUE(alert.contains(name)) << name;
    }
    EXPECT_EQ(alert.at("type"), "signinwatch");
    EXPECT_EQ(alert.at("source"), "signinwatch");
    EXPECT_LE(alert.at("sourceRef").get<std::string>().size(), 128u);
    EXPECT_TRUE(alert.at("date").is_number_integer());
    std::set<Json> tags;
    for (const Json& tag : alert.at("tags")) {
      EXPECT_TRUE(tags.insert(tag).second);
      EXPECT_EQ(tag.get<std::string>().find('@'), std::string::npos);
    }
    std::set<Json> observables;
    for (const Json& each : alert.at("observables")) {
      EXPECT_TRUE(observables.insert(each).second) << each;
    }
    for (const Json& other : alerts) {
      if (other.at("sourceRef") == alert.at("sourceRef")) {
        return {400, R"({"type":"CreateError","message":"Alert already exists"})", ""};
      }
    }
    alert["_id"] = "~" + std::to_string(alerts.size() + 1);
    alert["stage"] = alert["status"] = "New";
    alerts.push_back(alert);
    return {201, alert.dump(), ""};
  }

  // It also finds a stranger's, as if a filter was not understood.
  http_client::HttpResponse Query(const Json& query) {
    EXPECT_EQ(query.at("query")[0].at("_name"), "listAlert");
    const Json& filter = query.at("query")[1];
    EXPECT_EQ(filter.at("_name"), "filter");
    EXPECT_EQ(filter.at("_and")[1].at("_eq"),
              Json({{"_field", "source"}, {"_value", "signinwatch"}}));
    Json found = {{{"_id", "~99"}, {"type", "x"}, {"source", "x"}, {"sourceRef", "other"}}};
    for (const Json& alert : alerts) {
      if (alert.at("sourceRef") == filter.at("_and")[0].at("_eq").at("_value")) {
        found.push_back(alert);
      }
    }
    return {200, found.dump(), ""};
  }

  http_client::HttpResponse Patch(const Json& fields, Json* alert) {
    ExpectTexts(fields);
    EXPECT_THAT(fields.dump(), testing::ContainsRegex("6f6f4c5e-[-0-9a-f]+/[0-9]+"));
    for (const auto& [name, value] : fields.items()) {
      EXPECT_THAT((std::set<std::string>{"title", "description", "severity", "summary", "status"}),
                  testing::Contains(name));
      (*alert)[name] = value;
    }
    if (fields.contains("status")) {
      const bool closed = fields.at("status") == kClosed;
      EXPECT_TRUE(closed || fields.at("status") == "New");
      (*alert)["stage"] = closed ? "Closed" : "New";
    }
    return {204, "", ""};
  }
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_TESTS_DAEMON_SINKS_THEHIVE_THEHIVE_STAND_IN_H_
