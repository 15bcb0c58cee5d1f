// PagerDuty, played by a strict stand-in: an event that it would not take fails the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/daemon/sinks/pagerduty/pagerduty_stand_in.h"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace pagerduty_sink_test {

using Json = nlohmann::json;
using std::chrono::minutes;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class PagerDutyTest : public testing::Test {
 protected:
  PagerDutyTest() {
    config_ = service_.Config();
    config_.name = "pd";
    world_.answer = [this](const http_client::HttpCall& call) { return service_.Answer(call); };
  }
  void UseRest() { config_.settings["api_token"] = TestSecret("PAGERDUTY_TEST_TOKEN", "rest"); }

  const TemporaryFolder folder_;
  config::SinkConfig config_;
  FakeParts world_;
  PagerDutyStandIn service_;
};

TEST_F(PagerDutyTest, ATicketIsOneAlertThroughItsLife) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open", 0, Severity::kMedium);
  driver.Tell("open", 0, Severity::kCritical);
  driver.Tell("resolved");
  EXPECT_THAT(service_.actions, ElementsAre("trigger", "trigger", "trigger", "resolve"));
  ASSERT_THAT(service_.incidents, SizeIs(1));
  EXPECT_EQ(service_.incidents[0].key, words::kSampleTicket);
  EXPECT_FALSE(service_.incidents[0].open);
  const Json& first = service_.incidents[0].triggers[0];
  EXPECT_EQ(first.at("payload").at("severity"), "warning");
  const Json& details = first.at("payload").at("custom_details");
  EXPECT_EQ(details.at("ticket_id"), words::kSampleTicket);
  EXPECT_EQ(details.at("revision"), 1);
  EXPECT_THAT(details.dump(), AllOf(HasSubstr("ada@contoso.example"), HasSubstr("Step 1")));
  EXPECT_EQ(first.at("links")[0].at("href"),
            std::string("https://signinwatch.contoso.example/tickets/") + words::kSampleTicket);
  EXPECT_EQ(service_.incidents[0].triggers[1].at("payload").at("severity"), "critical");
  EXPECT_EQ(driver.Remote().remote_id, "");
  EXPECT_EQ(driver.Remote().state, store::RemoteState::kClosed);
  EXPECT_EQ(service_.reads, 0);
}

TEST_F(PagerDutyTest, AResolvedTicketIsNotPagedAgainByLaterRevisions) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  driver.Tell("resolved");
  service_.actions.clear();
  driver.Tell("resolved");
  EXPECT_THAT(service_.actions, IsEmpty());
  driver.Tell("open", 1);
  EXPECT_THAT(service_.actions, ElementsAre("trigger"));
  EXPECT_THAT(service_.incidents, SizeIs(2));
}

TEST_F(PagerDutyTest, MergedNamesTheTicketThatGoesOnAndIsResolved) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  driver.Tell("merged");
  EXPECT_THAT(service_.actions, ElementsAre("trigger", "trigger", "resolve"));
  EXPECT_THAT(service_.incidents[0].triggers[1].at("payload").at("custom_details").dump(),
              HasSubstr("00000000-0000-5000-8000-00000000000a"));
}

TEST_F(PagerDutyTest, WhatIsRefusedIsGivenUpAndTheNextIsTriedAnew) {
  SinkDriver driver(config_, &world_);
  service_.faults = {{http_client::HttpResponse{400, R"({"status":"invalid event"})", ""}, false}};
  driver.Tell("open");
  EXPECT_THAT(service_.incidents, IsEmpty());
  EXPECT_EQ(world_.outbox.outcomes().back().kind, store::DeliveryOutcome::Kind::kFailed);
  driver.Tell("open");
  EXPECT_THAT(service_.incidents, SizeIs(1));
}

TEST_F(PagerDutyTest, WhatAPersonResolvedIsLeftAloneUntilTheBurstComesBack) {
  UseRest();
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  service_.incidents[0].open = false;
  service_.actions.clear();
  driver.Tell("open", 0, Severity::kCritical);
  driver.Tell("resolved");
  EXPECT_THAT(service_.actions, IsEmpty());
  EXPECT_EQ(driver.Remote().state, store::RemoteState::kClosedByPerson);

  driver.Tell("open", 1);
  ASSERT_THAT(service_.incidents, SizeIs(2));
  EXPECT_EQ(service_.incidents[1].key, words::kSampleTicket);
  EXPECT_EQ(driver.Remote().generation, 2u);
  // That it can't be seen yet does not count as a person's resolution.
  service_.slow = true;
  driver.Tell("open", 1, Severity::kCritical);
  EXPECT_THAT(service_.incidents[1].triggers, SizeIs(2));
  service_.slow = false;
  driver.Tell("resolved", 1);
  EXPECT_FALSE(service_.incidents[1].open);
}

TEST_F(PagerDutyTest, WhatWeResolvedOpensAgainWhileTheFormerIsStillTheNewestToBeSeen) {
  UseRest();
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  driver.Tell("resolved");
  driver.Tell("open", 1);
  ASSERT_THAT(service_.incidents, SizeIs(2));
  service_.slow = true;
  driver.Restart();
  driver.Tell("open", 1);
  EXPECT_EQ(driver.Remote().state, store::RemoteState::kOpen);
  EXPECT_THAT(service_.incidents[1].triggers, SizeIs(2));
}

TEST_F(PagerDutyTest, TheRestApiHasAPauseOfItsOwn) {
  UseRest();
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  service_.faults = {{http_client::HttpResponse{429, "{}", "120"}, false}};
  const clock::SteadyTime begin = world_.clock.Steady();
  driver.Add(driver.Next("open"));
  driver.Step();
  // Another ticket is triggered meanwhile.
  store::Delivery other = driver.Next("open");
  other.ticket_id = "other";
  driver.Add(other);
  driver.Step();
  EXPECT_LT(world_.clock.Steady() - begin, minutes(2));
  driver.Run();
  EXPECT_GE(world_.clock.Steady() - begin, minutes(2));
  EXPECT_THAT(service_.incidents, SizeIs(2));
}

TEST_F(PagerDutyTest, TitleAndBodyAreTheSites) {
  config_.settings["title"] = std::string("SOC {{severity}}: {{user_principal_name}}");
  config_.settings["body"] = std::string("{{event_count}} failures");
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  const Json& payload = service_.incidents[0].triggers[0].at("payload");
  EXPECT_EQ(payload.at("summary"), "SOC high: ada@contoso.example");
  EXPECT_EQ(payload.at("custom_details").at("What happened"), "37 failures");
  EXPECT_EQ(payload.at("custom_details").at("revision"), 1);
}

TEST_F(PagerDutyTest, ASecretThatIsMissingIsSaidAtTheStart) {
  config_.settings["routing_key"] =
      config::SecretRef{config::SecretRef::From::kFile, folder_.Path("none")};
  const SinkParts parts = world_.parts();
  EXPECT_THAT(std::string(MakeTicketSink(config_, parts).status().message()), HasSubstr("sink pd"));
}

}  // namespace pagerduty_sink_test
}  // namespace signinwatch::sinks
