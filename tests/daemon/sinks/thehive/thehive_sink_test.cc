// TheHive, played by a strict stand-in: a request that it would not take fails the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/sinks/thehive/thehive_stand_in.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace thehive_sink_test {

using Json = nlohmann::json;
using std::chrono::minutes;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;
using testing::SizeIs;

class TheHiveTest : public testing::Test {
 protected:
  TheHiveTest() {
    config_ = service_.Config();
    config_.name = "hive";
    world_.answer = [this](const http_client::HttpCall& call) { return service_.Answer(call); };
  }
  [[nodiscard]] Json& Only() {
    EXPECT_THAT(service_.alerts, SizeIs(1));
    return service_.alerts.front();
  }

  const TemporaryFolder folder_;
  config::SinkConfig config_;
  FakeParts world_;
  TheHiveStandIn service_;
};

TEST_F(TheHiveTest, ATicketIsOneAlertThroughItsLife) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open", 0, Severity::kMedium);
  EXPECT_EQ(Only().at("sourceRef"), words::kSampleTicket);
  EXPECT_EQ(Only().at("severity"), 2);
  EXPECT_EQ(Only().at("date"), 1'795'510'800'000);
  EXPECT_EQ(Only().at("externalLink"),
            std::string("https://signinwatch.contoso.example/tickets/") + words::kSampleTicket);
  EXPECT_THAT(Only().at("description").get<std::string>(),
              AllOf(HasSubstr("ada@contoso.example"), HasSubstr("\n1. **"),
                    EndsWith(std::string("Reference: ") + words::kSampleTicket + "/1")));
  EXPECT_THAT(Only().at("observables"),
              Contains(Json({{"dataType", "mail"}, {"data", "ada@contoso.example"}})));
  EXPECT_EQ(driver.Remote().remote_id, "~1");
  EXPECT_EQ(driver.Remote().link, "https://hive.example/alerts/~1/details");
  driver.Tell("open", 0, Severity::kCritical);
  EXPECT_EQ(Only().at("severity"), 4);
  driver.Tell("resolved");
  EXPECT_EQ(Only().at("status"), TheHiveStandIn::kClosed);
  EXPECT_THAT(Only().at("description").get<std::string>(), EndsWith("/3"));
  driver.Tell("resolved");
  EXPECT_EQ(Only().at("stage"), "Closed");
  EXPECT_THAT(Only().at("description").get<std::string>(), EndsWith("/4"));
  driver.Tell("open", 1);
  EXPECT_EQ(Only().at("stage"), "New");
  EXPECT_EQ(driver.Remote().state, store::RemoteState::kOpen);
}

TEST_F(TheHiveTest, MergedNamesTheTicketThatGoesOnAndIsClosed) {
  SinkDriver driver(config_, &world_);
  driver.Tell("merged");
  EXPECT_EQ(Only().at("stage"), "Closed");
  EXPECT_THAT(Only().at("description").get<std::string>(),
              HasSubstr("**Merged into:** 00000000-0000-5000-8000-00000000000a"));
}

TEST_F(TheHiveTest, WhatALookUpAfterALostAnswerFindsClosedIsAPersons) {
  SinkDriver driver(config_, &world_);
  service_.faults = {{absl::AbortedError("reset"), true}};
  driver.Add(driver.Next("open"));
  driver.Step();
  Only()["stage"] = "Closed";
  Only()["status"] = "Duplicated";
  const Json before = Only();
  driver.Run();
  EXPECT_EQ(Only(), before);
  EXPECT_EQ(driver.Remote().state, store::RemoteState::kClosedByPerson);
}

TEST_F(TheHiveTest, ABadRequestIsGivenUpAndTheNextIsTriedAnew) {
  SinkDriver driver(config_, &world_);
  service_.faults = {{http_client::HttpResponse{400, R"({"type":"BadRequest"})", ""}, false}};
  driver.Tell("open");
  EXPECT_THAT(service_.alerts, IsEmpty());
  EXPECT_EQ(world_.outbox.outcomes().back().kind, store::DeliveryOutcome::Kind::kFailed);
  driver.Tell("open");
  EXPECT_THAT(service_.alerts, SizeIs(1));
}

TEST_F(TheHiveTest, APersonsAlertIsLeftAloneUntilTheBurstComesBack) {
  for (const auto& [stage, status] :
       std::map<std::string, std::string>{{"Imported", "Imported"}, {"Closed", "FalsePositive"}}) {
    service_ = {};
    world_.outbox.Clear();
    SinkDriver driver(config_, &world_);
    driver.Tell("open");
    Only()["stage"] = stage;
    Only()["status"] = status;
    const Json before = Only();
    driver.Tell("open", 0, Severity::kCritical);
    driver.Tell("resolved");
    EXPECT_EQ(Only(), before);
    EXPECT_EQ(driver.Remote().state, store::RemoteState::kClosedByPerson);
    driver.Tell("open", 1);
    ASSERT_THAT(service_.alerts, SizeIs(2));
    EXPECT_EQ(service_.alerts[0], before);
    EXPECT_EQ(service_.alerts[1].at("sourceRef"), std::string(words::kSampleTicket) + "-2");
    EXPECT_THAT(service_.alerts[1].at("description").get<std::string>(),
                HasSubstr("https://hive.example/alerts/~1/details"));
  }
}

TEST_F(TheHiveTest, WhatAPersonTookBackOrDeletedIsSeen) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open");
  driver.Tell("resolved");
  Only()["stage"] = Only()["status"] = "InProgress";
  driver.Tell("resolved");
  EXPECT_EQ(Only().at("stage"), "Closed") << "a resolved revision closes it again";
  service_.alerts.clear();
  driver.Tell("resolved");
  EXPECT_THAT(service_.alerts, IsEmpty());
  EXPECT_EQ(driver.Remote().state, store::RemoteState::kClosedByPerson);
  driver.Tell("open", 1);
  EXPECT_EQ(Only().at("sourceRef"), std::string(words::kSampleTicket) + "-2");
}

TEST_F(TheHiveTest, FieldsThatAPersonChangedAreTheirs) {
  SinkDriver driver(config_, &world_);
  driver.Tell("open", 0, Severity::kMedium);
  Only()["title"] = "Ada, again";
  Only()["description"] = "We know.";
  Only()["severity"] = 1;
  driver.Tell("open", 0, Severity::kCritical);
  driver.Tell("resolved");
  EXPECT_EQ(Only().at("title"), "Ada, again");
  EXPECT_EQ(Only().at("description"), "We know.");
  EXPECT_EQ(Only().at("severity"), 1);
  EXPECT_THAT(Only().at("summary").get<std::string>(),
              EndsWith(std::string("Reference: ") + words::kSampleTicket + "/3"));
  EXPECT_EQ(Only().at("stage"), "Closed");
}

TEST_F(TheHiveTest, TitleAndBodyAreTheSitesAndRecordsHaveNoMarkup) {
  config_.settings["title"] = std::string("SOC {{severity}}: {{user_principal_name}}");
  config_.settings["body"] = std::string("*{{user_principal_name}}*");
  SinkDriver driver(config_, &world_);
  store::Delivery delivery = driver.Next("open");
  Json ticket = Json::parse(delivery.json);
  ticket["user_principal_name"] = "[x](https://evil.example)<b>";
  delivery.json = ticket.dump();
  delivery.parent_ticket_id = "p1";
  driver.Tell(delivery);
  EXPECT_EQ(Only().at("title"), "SOC high: [x](https://evil.example)<b>") << "titles are plain";
  EXPECT_EQ(
      Only().at("description"),
      std::string("*\\[x\\](https://evil.example)\\<b\\>*\n\n- **Part of:** p1\n\nReference: ") +
          words::kSampleTicket + "/1");
}

TEST_F(TheHiveTest, ASecretThatIsMissingIsSaidAtTheStart) {
  config_.settings["token"] =
      config::SecretRef{config::SecretRef::From::kFile, folder_.Path("none")};
  const SinkParts parts = world_.parts();
  EXPECT_THAT(std::string(MakeTicketSink(config_, parts).status().message()),
              HasSubstr("sink hive"));
}

}  // namespace thehive_sink_test
}  // namespace signinwatch::sinks
