#include "daemon/sinks/teams/teams_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/sinks/teams/teams_card.h"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/sinks/teams/teams_stand_in.h"

namespace signinwatch::sinks {
namespace teams_system_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class TeamsSystemTest : public testing::Test {
 protected:
  TeamsSystemTest() {
    world_.answer =
        [this](const http_client::HttpCall& call) -> absl::StatusOr<http_client::HttpResponse> {
      if (answers_.empty()) return teams_.Answer(call);
      const absl::StatusOr<http_client::HttpResponse> answer = answers_.front();
      answers_.erase(answers_.begin());
      return answer;
    };
    driver_ = std::make_unique<SinkDriver>(Config(), &world_);
  }

  config::SinkConfig Config() {
    config::SinkConfig config = teams_.Config();
    config.name = "soc";
    return config;
  }

  FakeParts world_;
  TeamsStandIn teams_;
  std::vector<absl::StatusOr<http_client::HttpResponse>> answers_;  // the next ones
  std::unique_ptr<SinkDriver> driver_;
};

TEST_F(TeamsSystemTest, ACardForEachChangeThatMatters) {
  driver_->Tell("open", 0, Severity::kMedium);
  driver_->Tell("open", 0, Severity::kMedium);  // nothing new
  driver_->Tell("open", 0, Severity::kHigh);
  driver_->Tell("open", 0, Severity::kLow);
  driver_->Tell("open", 0, Severity::kHigh);  // not above all before
  driver_->Tell("resolved", 0, Severity::kHigh);
  driver_->Tell("resolved", 0, Severity::kHigh);
  driver_->Tell("open", 1, Severity::kHigh);
  driver_->Tell("merged", 1, Severity::kHigh);
  const std::string id = words::kSampleTicket;
  EXPECT_THAT(teams_.cards,
              ElementsAre(HasSubstr(id + "/1\""), HasSubstr(id + "/3\""), HasSubstr(id + "/6\""),
                          HasSubstr(id + "/8\""),
                          HasSubstr("Merged into 00000000-0000-5000-8000-00000000000a")));
  EXPECT_EQ(world_.calls[0].url, TeamsStandIn::kUrl);
  EXPECT_EQ(driver_->Remote().remote_id, "");
  EXPECT_EQ(driver_->Remote().state, store::RemoteState::kClosed);
}

TEST_F(TeamsSystemTest, WhatIsNotKnownToHaveComeIsToldAgainAsItWas) {
  answers_ = {absl::DeadlineExceededError("late"), absl::AbortedError("reset"),
              http_client::HttpResponse{502, "", ""}};
  driver_->Tell("open");
  ASSERT_THAT(world_.calls, SizeIs(4));
  for (const http_client::HttpCall& call : world_.calls) EXPECT_EQ(call.body, world_.calls[0].body);
  EXPECT_THAT(teams_.cards, SizeIs(1));
}

TEST_F(TeamsSystemTest, WaitsAsItIsAsked) {
  answers_ = {http_client::HttpResponse{429, "", "30"}};
  const clock::SteadyTime start = world_.clock.Steady();
  driver_->Tell("open");
  EXPECT_GE(world_.clock.Steady() - start, std::chrono::seconds(30));
  EXPECT_THAT(teams_.cards, SizeIs(1));
}

TEST_F(TeamsSystemTest, WhatIsAboutTheWorkflowIsWaitedForAndWhatIsAboutTheCardIsGivenUp) {
  answers_ = {http_client::HttpResponse{401, "", ""}, http_client::HttpResponse{404, "", ""},
              http_client::HttpResponse{400, "", ""}};
  driver_->Tell("open");
  EXPECT_THAT(world_.calls, SizeIs(3));
  EXPECT_EQ(driver_->Remote().error, "HTTP 400");
  EXPECT_THAT(teams_.cards, SizeIs(0));
  driver_->Tell("open");
  EXPECT_THAT(teams_.cards, SizeIs(1));
}

TEST_F(TeamsSystemTest, ItsUrlIsASecretThatIsReadAnew) {
  const config::SinkConfig config = Config();
  ::setenv("TEAMS_TEST_URL", "ftp://x/?sig=S3CRET", 1);
  driver_->Add(driver_->Next("open"));
  driver_->Step();
  EXPECT_THAT(world_.calls, SizeIs(0));
  EXPECT_THAT(driver_->Remote().error,
              testing::AllOf(HasSubstr("TEAMS_TEST_URL"), Not(HasSubstr("S3CRET"))));
  const absl::Status status = MakeTicketSink(config, world_.parts()).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("S3CRET")));
  ::setenv("TEAMS_TEST_URL", "http://teams.example/?sig=S3CRET", 1);
  EXPECT_FALSE(MakeTicketSink(config, world_.parts()).ok()) << "in the clear";
  ::setenv("TEAMS_TEST_URL", TeamsStandIn::kUrl, 1);
  driver_->Run();
  EXPECT_THAT(teams_.cards, SizeIs(1));
}

}  // namespace teams_system_test
}  // namespace signinwatch::sinks
