// Tickets in a Slack channel, with all that may go wrong there.
#include "daemon/sinks/slack/slack_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/sinks/slack/slack_stand_in.h"

namespace signinwatch::sinks {
namespace slack_system_test {

using std::chrono::seconds;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

class SlackSystemTest : public testing::Test {
 protected:
  SlackSystemTest() {
    world_.answer = [this](const http_client::HttpCall& call) { return slack_.Answer(call); };
    driver_ = std::make_unique<SinkDriver>(Config(), &world_);
  }

  config::SinkConfig Config() {
    config::SinkConfig config = slack_.Config();
    config.name = "soc";
    return config;
  }
  void Tell(const std::string& state, uint32_t reopened = 0) { driver_->Tell(state, reopened); }
  // Nothing is known there or here any more.
  void Forget() {
    world_.outbox.Clear();
    slack_.messages.clear();
    slack_.methods.clear();
    driver_->Restart();
  }
  std::vector<std::string> TakeMethods() { return std::exchange(slack_.methods, {}); }

  FakeParts world_;
  SlackStandIn slack_{world_.clock};
  std::unique_ptr<SinkDriver> driver_;
};

TEST_F(SlackSystemTest, OneMessageIsChangedThroughItsLife) {
  Tell("open");
  EXPECT_THAT(TakeMethods(), ElementsAre("chat.postMessage"));
  EXPECT_EQ(world_.calls[0].url, "https://slack.com/api/chat.postMessage");
  EXPECT_EQ(driver_->Remote().remote_id, slack_.messages.begin()->first);
  Tell("open");
  Tell("resolved");
  EXPECT_THAT(TakeMethods(), ElementsAre("chat.update", "chat.update"));
  ASSERT_THAT(slack_.messages, SizeIs(1));
  EXPECT_THAT(SlackStandIn::TextOf(slack_.Only()),
              AllOf(HasSubstr("State: Resolved"), HasSubstr(":white_check_mark:"),
                    HasSubstr(std::string(words::kSampleTicket) + "/3")));
  EXPECT_EQ(driver_->Remote().state, store::RemoteState::kClosed);
  Tell("open", 1);
  EXPECT_THAT(SlackStandIn::TextOf(slack_.Only()), HasSubstr("State: Open, reopened 1 time"));
  Tell("merged", 1);
  EXPECT_THAT(SlackStandIn::TextOf(slack_.Only()),
              HasSubstr("Merged into 00000000-0000-5000-8000-00000000000a"));
  EXPECT_THAT(slack_.messages, SizeIs(1));
}

TEST_F(SlackSystemTest, WhatIsResolvedAlreadyIsOneMessage) {
  Tell("resolved");
  EXPECT_THAT(TakeMethods(), ElementsAre("chat.postMessage"));
  EXPECT_THAT(SlackStandIn::TextOf(slack_.Only()), HasSubstr("State: Resolved"));
}

TEST_F(SlackSystemTest, AnAnswerThatWasLostIsFoundInTheChannel) {
  for (const CallFault fault :
       {CallFault::kLostAnswer, CallFault::kCutBody, CallFault::kKilledAfter}) {
    SCOPED_TRACE(static_cast<int>(fault));
    Forget();
    slack_.faults.Add("POST", "chat.postMessage", fault);
    driver_->Add(driver_->Next("open"));
    for (int i = 0; i < 10 && slack_.messages.empty(); ++i) driver_->Step();
    ASSERT_THAT(slack_.messages, SizeIs(1));
    // Others write there too: it is on another page by then.
    for (int i = 0; i < 5; ++i) {
      slack_.messages["9" + std::to_string(1'000'000'000 + i) + ".000000"] = {
          {"text", "hello"}, {"metadata", nullptr}};
    }
    driver_->Run();
    EXPECT_THAT(TakeMethods(), ElementsAre("chat.postMessage", "conversations.history",
                                           "conversations.history", "conversations.history"));
    EXPECT_THAT(slack_.messages, SizeIs(6));
    EXPECT_EQ(driver_->Remote().remote_id, slack_.messages.begin()->first);
    Tell("resolved");
    EXPECT_THAT(slack_.methods, ElementsAre("chat.update"));
  }
}

TEST_F(SlackSystemTest, ACopyThatCameLateIsTakenBack) {
  slack_.faults.Add("POST", "chat.postMessage", CallFault::kLostRequest);
  bool is_late = true;
  world_.answer = [&](const http_client::HttpCall& call) {
    auto answer = slack_.Answer(call);
    // The request that was lost arrives behind the look-up.
    if (call.url.find("history") != std::string::npos && std::exchange(is_late, false)) {
      slack_.messages["1764158400.000000"] = nlohmann::json::parse(world_.calls[0].body);
    }
    return answer;
  };
  Tell("open");
  EXPECT_THAT(slack_.messages, SizeIs(1));
  EXPECT_EQ(driver_->Remote().remote_id, "1764158400.000000");
  Tell("resolved");
  EXPECT_THAT(slack_.messages, SizeIs(1));
}

TEST_F(SlackSystemTest, AMessageThatIsGoneIsPostedAnew) {
  Tell("open");
  slack_.messages.clear();
  Tell("open");
  ASSERT_THAT(slack_.messages, SizeIs(1));
  EXPECT_EQ(slack_.Only()["metadata"]["event_payload"]["revision"], 2);
  EXPECT_EQ(driver_->Remote().remote_id, slack_.messages.begin()->first);
  slack_.errors["chat.update"] = "edit_window_closed";
  Tell("resolved");
  EXPECT_THAT(slack_.messages, SizeIs(2));
}

TEST_F(SlackSystemTest, WhatIsAboutTheChannelOrTheTokenIsWaitedFor) {
  for (const char* error : {"invalid_auth", "token_revoked", "account_inactive",
                            "channel_not_found", "not_in_channel", "is_archived"}) {
    Forget();
    slack_.errors["chat.postMessage"] = error;
    driver_->Add(driver_->Next("open"));
    for (int i = 0; i < 20; ++i) driver_->Step();
    EXPECT_EQ(world_.outbox.depth(), 1u) << error;
    EXPECT_THAT(driver_->Remote().error, HasSubstr(error));
    slack_.errors.clear();
    driver_->Run();
    EXPECT_THAT(slack_.messages, SizeIs(1)) << error;
  }
}

TEST_F(SlackSystemTest, WhatIsAboutTheTicketIsGivenUpAndTheNextIsTriedAnew) {
  slack_.errors["chat.postMessage"] = "invalid_blocks";
  Tell("open");
  EXPECT_THAT(TakeMethods(), ElementsAre("chat.postMessage"));
  EXPECT_EQ(driver_->Remote().error, "chat.postMessage: Slack says invalid_blocks");
  slack_.errors.clear();
  Tell("open");
  EXPECT_THAT(slack_.messages, SizeIs(1));
}

TEST_F(SlackSystemTest, TooManyRequestsStopTheirMethodOnly) {
  Tell("open");
  TakeMethods();
  slack_.faults.Add("POST", "chat.update", CallFault::kTooMany);
  const clock::SteadyTime start = world_.clock.Steady();
  store::Delivery other = driver_->Next("open");
  driver_->Add(driver_->Next("open"));
  for (int i = 0; i < 10 && slack_.methods.empty(); ++i) driver_->Step();
  other.ticket_id = "another";
  other.sequence = 100;
  driver_->Add(other);
  for (int i = 0; i < 100 && slack_.messages.size() < 2; ++i) driver_->Step();
  EXPECT_THAT(slack_.methods, ElementsAre("chat.update", "chat.postMessage"));
  driver_->Run();
  EXPECT_GE(world_.clock.Steady() - start, kTooManyWait);
  EXPECT_THAT(slack_.methods, ElementsAre("chat.update", "chat.postMessage", "chat.update"));
}

TEST_F(SlackSystemTest, ATokenThatWasReplacedIsFound) {
  ::setenv("SLACK_TEST_TOKEN", "xoxb-old", 1);
  driver_->Add(driver_->Next("open"));
  for (int i = 0; i < 5; ++i) driver_->Step();
  EXPECT_THAT(slack_.messages, SizeIs(0));
  ::setenv("SLACK_TEST_TOKEN", SlackStandIn::kToken, 1);
  driver_->Run();
  EXPECT_THAT(slack_.messages, SizeIs(1));
}

TEST_F(SlackSystemTest, SecretsAndUsersStandInNoUrl) {
  slack_.faults.Add("POST", "chat.postMessage", CallFault::kLostAnswer);
  Tell("open");
  std::vector<std::string> urls;
  for (const http_client::HttpCall& call : world_.calls) urls.push_back(call.url);
  EXPECT_THAT(urls, SizeIs(2));
  EXPECT_THAT(urls, Each(AllOf(Not(HasSubstr("xoxb")), Not(HasSubstr("contoso")))));
}

TEST_F(SlackSystemTest, IsNotMadeWithoutItsToken) {
  const config::SinkConfig config = Config();
  ::unsetenv("SLACK_TEST_TOKEN");
  EXPECT_FALSE(MakeTicketSink(config, world_.parts()).ok());
}

}  // namespace slack_system_test
}  // namespace signinwatch::sinks
