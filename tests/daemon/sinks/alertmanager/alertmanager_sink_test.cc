// Alertmanager, played by strict stand-ins, one for each URL: a request that it would not take
// fails the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/daemon/sinks/alertmanager/alertmanager_stand_in.h"
#include "tests/daemon/sinks/sink_driver.h"

namespace signinwatch::sinks {
namespace alertmanager_sink_test {

using Json = nlohmann::json;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class AlertmanagerTest : public testing::Test {
 protected:
  AlertmanagerTest() {
    world_.clock.SetWall(words::At("2026-11-24T09:30:00Z"));
    config_.name = "am";
    config_.type = "alertmanager";
    config_.settings["urls"] =
        std::vector<std::string>{"https://a.example:9093", "https://b.example/prefix/"};
    world_.answer =
        [this](const http_client::HttpCall& call) -> absl::StatusOr<http_client::HttpResponse> {
      if (call.url == "https://a.example:9093/api/v2/alerts") return a_.Answer(call);
      EXPECT_EQ(call.url, "https://b.example/prefix/api/v2/alerts");
      return b_.Answer(call);
    };
  }

  // Time passes, and what is to be done is done.
  void Pass(SinkDriver* driver, seconds time) {
    const clock::SteadyTime end = world_.clock.Steady() + time;
    for (int idle = 0; world_.clock.Steady() < end && idle < 20;) {
      const clock::SteadyTime before = world_.clock.Steady();
      driver->Step();
      idle = world_.clock.Steady() == before ? idle + 1 : 0;
    }
    world_.clock.AdvanceTo(end);
  }
  [[nodiscard]] bool Fires(const AlertmanagerStandIn& service) {
    return service.Fires(world_.clock.Wall());
  }

  config::SinkConfig config_;
  FakeParts world_;
  AlertmanagerStandIn a_{world_.clock};
  AlertmanagerStandIn b_{world_.clock};
};

TEST_F(AlertmanagerTest, ATicketIsOneAlertOfEachThroughItsLife) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open", 0, Severity::kMedium);
  EXPECT_TRUE(Fires(a_));
  EXPECT_EQ(a_.Only().labels, Json({{"alertname", "SigninwatchBurst"},
                                    {"ticket_id", words::kSampleTicket},
                                    {"tenant", words::kSampleTenant},
                                    {"detector", "user-session-invalid"}}));
  EXPECT_EQ(a_.Annotations().at("severity"), "medium");
  EXPECT_EQ(a_.Annotations().at("revision"), "1");
  EXPECT_THAT(a_.Annotations().at("description").get<std::string>(),
              AllOf(HasSubstr("ada@contoso.example"), HasSubstr("What to do:\n1. "),
                    EndsWith(std::string("Reference: ") + words::kSampleTicket + "/1")));
  EXPECT_EQ(a_.Only().said[0].at("generatorURL"),
            std::string("https://signinwatch.contoso.example/tickets/") + words::kSampleTicket);
  EXPECT_EQ(a_.Only().said[0].at("startsAt"), "2026-11-24T09:00:00.000000Z");
  driver.Tell("open", 0, Severity::kCritical);
  EXPECT_EQ(b_.Annotations().at("severity"), "critical");
  driver.Tell("resolved");
  EXPECT_FALSE(Fires(a_));
  EXPECT_FALSE(Fires(b_));
  EXPECT_EQ(b_.Annotations().at("revision"), "3");
  EXPECT_THAT(a_.Only().said, SizeIs(3)) << "the last text and the end are one request";
  driver.Tell("resolved");
  EXPECT_FALSE(Fires(a_));
  EXPECT_EQ(driver.Remote().state, store::RemoteState::kClosed);
  driver.Tell("open", 1);
  EXPECT_TRUE(Fires(a_));
  EXPECT_EQ(driver.Remote().generation, 1u);
}

TEST_F(AlertmanagerTest, WhatIsFirstHeardOfWhenItIsOverFiresAndEnds) {
  SinkDriver driver(config_, &world_);
  driver.Tell("resolved");
  ASSERT_THAT(a_.Only().said, SizeIs(2));
  EXPECT_GT(a_.Only().said[0].at("endsAt"), a_.Only().said[1].at("endsAt"));
  EXPECT_FALSE(Fires(a_));
  Pass(&driver, minutes(5));
  EXPECT_THAT(a_.Only().said, SizeIs(2)) << "both took the end";
}

TEST_F(AlertmanagerTest, MergedNamesTheTicketThatGoesOnAndEnds) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  driver.Tell("merged");
  EXPECT_FALSE(Fires(a_));
  EXPECT_EQ(a_.Annotations().at("merged_into"), "00000000-0000-5000-8000-00000000000a");
}

TEST_F(AlertmanagerTest, WhatFiresIsSaidAgainAlsoAfterARestart) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  for (int i = 0; i < 20; ++i) {
    Pass(&driver, minutes(1));
    EXPECT_TRUE(Fires(a_));
    EXPECT_TRUE(Fires(b_));
  }
  EXPECT_GT(b_.Only().ends_at - world_.clock.Wall(), minutes(1));
  const size_t said = a_.Only().said.size();
  EXPECT_LE(said, 25u);
  driver.Restart();
  driver.Step();
  EXPECT_EQ(a_.Only().said.size(), said + 1) << "at once, since nobody knows how long it was down";
  Pass(&driver, minutes(10));
  EXPECT_TRUE(Fires(a_));
  const Json& first = a_.Only().said.front();
  const Json& last = a_.Only().said.back();
  for (const char* part : {"labels", "annotations", "startsAt", "generatorURL"}) {
    EXPECT_EQ(first.at(part), last.at(part));
  }
  driver.Tell("resolved");
  Pass(&driver, minutes(10));
  EXPECT_FALSE(Fires(a_));
  driver.Restart();
  const int requests = a_.requests;
  Pass(&driver, minutes(10));
  EXPECT_EQ(a_.requests, requests);
}

TEST_F(AlertmanagerTest, OneThatIsDownHoldsBackNone) {
  b_.down = true;
  SinkDriver driver(config_, &world_);
  const clock::SteadyTime begin = world_.clock.Steady();
  driver.Tell("open");
  driver.Tell("open", 0, Severity::kCritical);
  EXPECT_EQ(a_.Annotations().at("revision"), "2");
  EXPECT_LT(world_.clock.Steady() - begin, seconds(5));
  Pass(&driver, minutes(10));
  EXPECT_TRUE(Fires(a_));
  EXPECT_LT(b_.requests, 25) << "it is left in peace";
  b_.down = false;
  Pass(&driver, minutes(2));
  EXPECT_TRUE(Fires(b_));
  EXPECT_EQ(b_.Annotations().at("revision"), "2");
}

TEST_F(AlertmanagerTest, AnEndIsSaidUntilEachTookItAlsoAfterARestart) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  b_.down = true;
  driver.Tell("resolved");
  EXPECT_FALSE(Fires(a_));
  EXPECT_EQ(driver.Remote().state, store::RemoteState::kClosed);
  Pass(&driver, minutes(10));
  driver.Restart();
  Pass(&driver, minutes(10));
  const size_t said = b_.Only().said.size();
  b_.down = false;
  Pass(&driver, minutes(2));
  EXPECT_EQ(b_.Only().said.size(), said + 1);
  EXPECT_EQ(b_.Annotations().at("state"), "resolved");
  EXPECT_FALSE(Fires(b_));
  EXPECT_EQ(driver.Remote().memo, "");
  driver.Restart();
  Pass(&driver, minutes(10));
  EXPECT_EQ(b_.Only().said.size(), said + 1);
}

TEST_F(AlertmanagerTest, WithoutAnyTheTicketWaits) {
  a_.down = b_.down = true;
  SinkDriver driver(config_, &world_);
  driver.Add(driver.Next("open"));
  Pass(&driver, minutes(10));
  EXPECT_EQ(world_.outbox.depth(), 1u);
  EXPECT_THAT(driver.Remote().error, HasSubstr("connection refused"));
  a_.down = b_.down = false;
  driver.Run();
  EXPECT_TRUE(Fires(a_));
  EXPECT_EQ(driver.Remote().error, "");
}

TEST_F(AlertmanagerTest, ALostAnswerIsRepeated) {
  SinkDriver driver(config_, &world_);
  for (AlertmanagerStandIn* service : {&a_, &b_}) {
    service->faults = {{absl::DeadlineExceededError("no answer"), true},
                       {http_client::HttpResponse{500, "", ""}, true},
                       {absl::AbortedError("reset"), false}};
  }
  driver.Tell("open");
  EXPECT_TRUE(Fires(a_));
  Pass(&driver, minutes(1));
  EXPECT_TRUE(Fires(b_));
}

// The end may have been taken. What fired before must not be said again meanwhile.
TEST_F(AlertmanagerTest, AnOlderRevisionIsNotSaidAfterANewerOne) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  for (AlertmanagerStandIn* service : {&a_, &b_}) {
    service->faults = {{absl::DeadlineExceededError("no answer"), true}};
  }
  driver.Add(driver.Next("resolved"));
  driver.Step();
  driver.Restart();
  Pass(&driver, minutes(10));
  for (const AlertmanagerStandIn* service : {&a_, &b_}) {
    EXPECT_FALSE(Fires(*service));
    const std::vector<Json>& said = service->Only().said;
    for (size_t i = 1; i < said.size(); ++i) {
      EXPECT_GE(said[i].at("annotations").at("revision"),
                said[i - 1].at("annotations").at("revision"));
    }
  }
}

TEST_F(AlertmanagerTest, ThePauseThatIsAskedForIsKeptByThatOneAlone) {
  SinkDriver driver(config_, &world_);
  b_.faults = {{http_client::HttpResponse{429, "", "300"}, false}};
  driver.Tell("open");
  EXPECT_TRUE(Fires(a_));
  EXPECT_EQ(b_.requests, 1);
  Pass(&driver, minutes(4));
  EXPECT_EQ(b_.requests, 1);
  Pass(&driver, minutes(2));
  EXPECT_TRUE(Fires(b_));
}

TEST_F(AlertmanagerTest, WhatIsRefusedIsGivenUpAndWhatWasSaidBeforeHolds) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  a_.faults = b_.faults = {{http_client::HttpResponse{400, R"("bad")", ""}, false}};
  driver.Tell("open", 0, Severity::kCritical);
  EXPECT_EQ(world_.outbox.outcomes().back().kind, store::DeliveryOutcome::Kind::kFailed);
  Pass(&driver, minutes(10));
  EXPECT_TRUE(Fires(a_));
  EXPECT_EQ(a_.Annotations().at("revision"), "1");
}

TEST_F(AlertmanagerTest, ARefusalOfTheLogInWaits) {
  SinkDriver driver(config_, &world_);
  a_.faults = b_.faults = {{http_client::HttpResponse{401, "", ""}, false},
                           {http_client::HttpResponse{404, "", ""}, false}};
  driver.Tell("open");
  EXPECT_TRUE(Fires(a_));
}

TEST_F(AlertmanagerTest, ManyAreSaidTogetherAndWithinTheBudget) {
  config_.settings["rate_per_minute"] = int64_t{60};
  SinkDriver driver(config_, &world_);
  for (int i = 0; i < 120; ++i) {
    store::Delivery delivery = driver.Next("open");
    delivery.ticket_id += std::to_string(i);
    driver.Add(delivery);
  }
  driver.Run();
  EXPECT_THAT(a_.alerts, SizeIs(120));
  // The first of them was told minutes ago.
  for (const auto& [labels, alert] : a_.alerts) EXPECT_GT(alert.ends_at, world_.clock.Wall());
  Pass(&driver, minutes(1));
  const int requests = a_.requests;
  Pass(&driver, minutes(10));
  EXPECT_LE(a_.requests, requests + 3 * 11);
  for (const auto& [labels, alert] : b_.alerts) EXPECT_GT(alert.ends_at, world_.clock.Wall());
}

TEST_F(AlertmanagerTest, TitleAndBodyAreTheSitesAndCallNobody) {
  config_.settings["title"] = std::string("SOC {{severity}}: {{user_principal_name}}");
  config_.settings["body"] = std::string("*{{user_principal_name}}*");
  SinkDriver driver(config_, &world_);
  store::Delivery delivery = driver.Next("open");
  Json ticket = Json::parse(delivery.json);
  ticket["user_principal_name"] = "<!channel> ada";
  delivery.json = ticket.dump();
  delivery.parent_ticket_id = "p1";
  driver.Tell(delivery);
  EXPECT_EQ(a_.Annotations().at("summary"), "SOC high: <\u200b!channel> ada");
  EXPECT_EQ(a_.Annotations().at("description"),
            std::string("*<\u200b!channel> ada*\n\nReference: ") + words::kSampleTicket + "/1");
  EXPECT_EQ(a_.Annotations().at("parent_ticket_id"), "p1");
}

// A record's clock may be ahead, and Alertmanager refuses what ends before it starts.
TEST_F(AlertmanagerTest, NoAlertEndsBeforeItStarts) {
  SinkDriver driver(config_, &world_);
  store::Delivery delivery = driver.Next("resolved");
  Json ticket = Json::parse(delivery.json);
  ticket["first_event_time"] = FormatEventTime(world_.clock.Wall() + minutes(4));
  delivery.json = ticket.dump();
  driver.Tell(delivery);
  EXPECT_FALSE(Fires(a_));
}

}  // namespace alertmanager_sink_test
}  // namespace signinwatch::sinks
