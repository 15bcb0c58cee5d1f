// Issues in a Jira of the test's own, Cloud and Data Center: the whole life of a ticket, and every
// failure.
#include "daemon/sinks/jira/jira_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "tests/daemon/sinks/jira/jira_stand_in.h"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace jira_system_test {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

TEST(IsJiraCloud, ByHostUnlessItIsSaid) {
  EXPECT_TRUE(IsJiraCloud("auto", "https://contoso.Atlassian.net/"));
  EXPECT_TRUE(IsJiraCloud("auto", "https://contoso.atlassian.net:443"));
  EXPECT_FALSE(IsJiraCloud("auto", "https://jira.contoso.example/x.atlassian.net"));
  EXPECT_FALSE(IsJiraCloud("auto", "https://atlassian.net.contoso.example"));
  EXPECT_TRUE(IsJiraCloud("cloud", "https://127.0.0.1"));
  EXPECT_FALSE(IsJiraCloud("datacenter", "https://contoso.atlassian.net"));
}

class JiraTest : public testing::TestWithParam<bool> {
 protected:
  JiraTest() : server_(GetParam(), world_.clock) {
    world_.answer = [this](const http_client::HttpCall& call) { return server_.Answer(call); };
  }
  config::SinkConfig Config() {
    config::SinkConfig config = server_.Config();
    config.name = "soc";
    config.settings["token"] =
        config::SecretRef{config::SecretRef::From::kFile, folder_.Write("t", "t0ken\n")};
    return config;
  }
  SinkDriver& told() {
    if (!told_) told_ = std::make_unique<SinkDriver>(Config(), &world_);
    return *told_;
  }
  // All that made or changed something says of which revision it is, transitions aside.
  void TearDown() override {
    for (const http_client::HttpCall& call : world_.calls) {
      if (call.method == "GET" || call.url.find("/search") != std::string::npos) continue;
      if (call.url.find("/transitions") != std::string::npos) continue;
      EXPECT_THAT(call.body, testing::ContainsRegex("6f6f4c5e-[-0-9a-f]+/[0-9]+")) << call.url;
    }
  }
  JiraIssue& Only() {
    EXPECT_THAT(server_.issues, SizeIs(1));
    return server_.issues.front();
  }
  void Clear() {
    server_.issues.clear();
    world_.outbox.Clear();
    told_.reset();
  }

  const TemporaryFolder folder_;
  FakeParts world_;
  JiraStandIn server_;
  std::unique_ptr<SinkDriver> told_;
};
INSTANTIATE_TEST_SUITE_P(Jira, JiraTest, testing::Bool(), [](const auto& api) {
  return std::string(api.param ? "Cloud" : "DataCenter");
});

TEST_P(JiraTest, MakesUpdatesAndCloses) {
  const std::string first = told().Tell();
  EXPECT_THAT(Only().summary, StartsWith("Sign-ins of ada@contoso.example"));
  EXPECT_THAT(Only().labels,
              ElementsAre(std::string("signinwatch-") + words::kSampleTicket, "identity"));
  EXPECT_EQ(Only().priority, "High");
  EXPECT_THAT(Only().Description(), HasSubstr("Reference: " + first));
  EXPECT_EQ(told().Remote().remote_id, "SOC-9");
  EXPECT_THAT(told().Remote().link, testing::EndsWith("/browse/SOC-9"));

  const std::string second = told().Tell();
  EXPECT_THAT(Only().Description(), HasSubstr("Reference: " + second));
  EXPECT_THAT(Only().labels, SizeIs(2));

  const std::string third = told().Tell("resolved");
  EXPECT_TRUE(Only().done);
  EXPECT_THAT(Only().Description(), HasSubstr("Reference: " + third));
  EXPECT_EQ(told().Remote().state, store::RemoteState::kClosed);

  told().Tell("resolved");
  EXPECT_TRUE(Only().done) << "text is changed without opening it";

  const std::string fifth = told().Tell("open", 1);
  EXPECT_FALSE(Only().done);
  EXPECT_THAT(Only().Description(), HasSubstr("Reference: " + fifth));
  EXPECT_THAT(Only().comments, IsEmpty());
}

TEST_P(JiraTest, ASearchThatLagsLongerThanIsSaidMakesATwinWhichIsClosed) {
  server_.lag = minutes(3);
  server_.faults.Add("POST", "issue", CallFault::kLostAnswer);
  const std::string reference = told().Tell();
  if (!GetParam()) return;  // Data Center's does not lag
  ASSERT_THAT(server_.issues, SizeIs(2));
  EXPECT_EQ(server_.issues[0].key, "SOC-9");
  EXPECT_FALSE(server_.issues[0].done) << "the lowest key stays";
  EXPECT_TRUE(server_.issues[1].done);
  ASSERT_THAT(server_.issues[1].comments, SizeIs(1));
  EXPECT_THAT(server_.issues[1].Comment(0),
              AllOf(StartsWith("Duplicate of SOC-9."), HasSubstr("Reference: " + reference)));
  EXPECT_EQ(told().Remote().remote_id, "SOC-9");
}

TEST_P(JiraTest, APersonsClosingWins) {
  for (const bool wont_fix : {false, true}) {
    Clear();
    told().Tell();
    if (wont_fix) told().Tell("resolved");  // also after our transition
    Only().done = true;
    if (wont_fix) Only().resolution = "Won't Do";
    const std::string before = Only().description;
    told().Tell();
    told().Tell("resolved");
    EXPECT_TRUE(Only().done);
    EXPECT_EQ(Only().description, before);
    EXPECT_THAT(Only().comments, IsEmpty());
    EXPECT_EQ(told().Remote().state, store::RemoteState::kClosedByPerson);

    told().Tell("open", 1);
    ASSERT_THAT(server_.issues, SizeIs(2));
    EXPECT_TRUE(server_.issues[0].done);
    EXPECT_THAT(server_.issues[1].labels,
                Contains(std::string("signinwatch-") + words::kSampleTicket + "-2"));
    EXPECT_THAT(server_.issues[1].Description(), HasSubstr("Follows the closed ticket: SOC-9"));
  }
}

TEST_P(JiraTest, WhatIsGoneIsNotMadeAgain) {
  told().Tell();
  Only().gone = true;
  told().Tell();
  EXPECT_THAT(server_.issues, SizeIs(1));
  EXPECT_EQ(told().Remote().state, store::RemoteState::kClosedByPerson);
}

TEST_P(JiraTest, WhatAPersonOpenedAgainIsOpen) {
  told().Tell();
  told().Tell("resolved");
  Only().done = false;
  told().Tell("resolved");
  EXPECT_TRUE(Only().done);
}

TEST_P(JiraTest, WhatAPersonChangedIsLeft) {
  told().Tell();
  Only().summary = "VIP";
  Only().labels = {"mine"};
  const std::string second = told().Tell();
  EXPECT_EQ(Only().summary, "VIP");
  EXPECT_THAT(Only().labels, ElementsAre("mine"));
  EXPECT_THAT(Only().Description(), HasSubstr("Reference: " + second));

  // Who has taken over the description is told by comments, each once.
  Only().description = GetParam() ? R"({"type":"doc","version":1,"content":[{"type":"paragraph",)"
                                    R"("content":[{"type":"text","text":"Mine"}]}]})"
                                  : R"("Mine")";
  server_.faults.Add("POST", "/comment", CallFault::kLostAnswer);
  const std::string third = told().Tell();
  EXPECT_EQ(Only().Description(), "Mine");
  ASSERT_THAT(Only().comments, SizeIs(1));
  EXPECT_THAT(Only().Comment(0), HasSubstr("Reference: " + third));
}

TEST_P(JiraTest, ASummaryIsNotWrittenWithoutADescription) {
  told().Tell();
  const std::string summary = Only().summary;
  const std::string description = std::exchange(Only().description, R"("Mine")");
  told().ticket.cause = Cause::kPasswordReset;  // has another title
  told().Tell();
  EXPECT_EQ(Only().summary, summary);
  EXPECT_THAT(Only().comments, SizeIs(1));
  // Once the person has put it back, both are ours again.
  Only().description = description;
  told().Tell();
  EXPECT_NE(Only().summary, summary);
}

TEST_P(JiraTest, AStrangersIssueIsNotTouched) {
  server_.searches_by_label = false;
  server_.issues.push_back({.key = "SOC-1",
                            .summary = "x",
                            .description = "null",
                            .labels = {"signinwatch-other"},
                            .comments = {}});
  told().Tell();
  told().Tell("resolved");
  ASSERT_THAT(server_.issues, SizeIs(2));
  EXPECT_EQ(server_.issues[0].description, "null");
  EXPECT_FALSE(server_.issues[0].done);
  EXPECT_TRUE(server_.issues[1].done);
}

TEST_P(JiraTest, NamesItsRelations) {
  const std::string parent = "6f6f4c5e-0000-5000-8000-00000000000f";
  told().ticket.ticket_id = parent;
  told().Tell();
  told().ticket.ticket_id = words::kSampleTicket;
  told().ticket.parent_ticket_id = parent;
  told().Tell();
  ASSERT_THAT(server_.issues, SizeIs(2));
  EXPECT_THAT(server_.issues[1].Description(), HasSubstr("Part of: SOC-9"));
  told().ticket.merged_into = parent;
  told().Tell("merged");
  EXPECT_TRUE(server_.issues[1].done);
  EXPECT_THAT(server_.issues[1].Description(), HasSubstr("Merged into: SOC-9"));
}

TEST_P(JiraTest, ErrorsOfTheTicketAreGivenUpAndThoseOfTheSinkWait) {
  server_.refuses = "POST";
  told().Tell();
  EXPECT_EQ(told().status().permanent_failures, 1U);
  EXPECT_THAT(world_.outbox.outcomes().back().error,
              AllOf(StartsWith("HTTP 400"), Not(HasSubstr("ada"))));
  server_.refuses.clear();
  told().Tell();
  EXPECT_THAT(server_.issues, SizeIs(1));

  server_.authorization = "Bearer new";
  told().Add(told().Next());
  told().Step();
  EXPECT_TRUE(told().status().down);
  EXPECT_EQ(world_.outbox.depth(), 1U);
  folder_.Write("t", "new");
  told().Run();

  // About one issue.
  server_.slows_writes_of_issue = true;
  told().Add(told().Next());
  told().Step();
  EXPECT_EQ(world_.outbox.depth(), 1U);
  EXPECT_FALSE(told().status().down);
  told().Run();
  EXPECT_EQ(told().status().permanent_failures, 1U);
}

TEST_P(JiraTest, ATransitionThatIsNotThereIsSaid) {
  config::SinkConfig config = Config();
  config.settings["resolve_transition"] = std::string("Finish");
  told_ = std::make_unique<SinkDriver>(config, &world_);
  told().Tell();
  told().Tell("resolved");
  EXPECT_FALSE(Only().done);
  EXPECT_THAT(world_.outbox.outcomes().back().error, HasSubstr("no transition 'Finish'"));

  config.settings["resolve_transition"] = std::string("31");  // by its id
  told_ = std::make_unique<SinkDriver>(config, &world_);
  Clear();
  told_ = std::make_unique<SinkDriver>(config, &world_);
  told().Tell();
  told().Tell("resolved");
  EXPECT_TRUE(Only().done);
}

TEST_P(JiraTest, ATokenWithAUserIsBasic) {
  config::SinkConfig config = Config();
  config.settings["username"] = std::string("signinwatch");
  server_.authorization = "Basic c2lnbmlud2F0Y2g6dDBrZW4=";
  told_ = std::make_unique<SinkDriver>(config, &world_);
  told().Tell();
  EXPECT_THAT(server_.issues, SizeIs(1));
  for (const http_client::HttpCall& call : world_.calls)
    EXPECT_THAT(call.url, Not(HasSubstr("t0ken")));
}

}  // namespace jira_system_test
}  // namespace signinwatch::sinks
