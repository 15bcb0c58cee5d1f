// Incidents in an instance of the test's own: the whole life of a ticket, and every failure.
#include "daemon/sinks/servicenow/servicenow_system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/sinks/servicenow/servicenow_stand_in.h"
#include "tests/daemon/sinks/sink_driver.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::sinks {
namespace servicenow_system_test {

using std::chrono::seconds;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class ServiceNowTest : public testing::Test {
 protected:
  ServiceNowTest() {
    world_.answer = [this](const http_client::HttpCall& call) { return server_.Answer(call); };
  }
  config::SinkConfig Config() {
    config::SinkConfig config = server_.Config();
    config.name = "soc";
    config.settings["password"] =
        config::SecretRef{config::SecretRef::From::kFile, folder_.Write("p", "pa55\n")};
    return config;
  }
  SinkDriver& told() {
    if (!told_) told_ = std::make_unique<SinkDriver>(Config(), &world_);
    return *told_;
  }
  // All that made or changed something says of which revision it is.
  void TearDown() override {
    for (const http_client::HttpCall& call : world_.calls) {
      if (call.method == "GET") continue;
      EXPECT_THAT(call.body, testing::ContainsRegex("6f6f4c5e-[-0-9a-f]+/[0-9]+")) << call.url;
    }
  }
  Incident& Only() {
    EXPECT_THAT(server_.incidents, SizeIs(1));
    return server_.incidents.front();
  }

  const TemporaryFolder folder_;
  FakeParts world_;
  ServiceNowStandIn server_;
  std::unique_ptr<SinkDriver> told_;
};

TEST_F(ServiceNowTest, MakesUpdatesAndResolves) {
  told().ticket.severity = Severity::kHigh;
  const std::string first = told().Tell();
  EXPECT_EQ(Only()["correlation_id"], words::kSampleTicket);
  EXPECT_EQ(Only()["correlation_display"], "signinwatch");
  EXPECT_EQ(Only()["assignment_group"], "soc");
  EXPECT_EQ(Only()["impact"] + Only()["urgency"], "22");
  EXPECT_THAT(Only()["short_description"], StartsWith("Sign-ins of ada@contoso.example"));
  EXPECT_THAT(Only()["description"],
              AllOf(HasSubstr("Severity: High"), HasSubstr("What to do:\n1. "),
                    HasSubstr("https://signinwatch.contoso.example/tickets/"),
                    EndsWith("\n\nReference: " + first)));
  EXPECT_EQ(told().Remote().remote_id, "INC0010011");
  EXPECT_EQ(told().Remote().link,
            "https://contoso.example/nav_to.do?uri=incident.do%3Fsys_id%3D"
            "0123456789abcdef0123456789abcd11");

  told().ticket.severity = Severity::kCritical;
  const std::string second = told().Tell();
  EXPECT_EQ(Only()["impact"], "1");
  EXPECT_THAT(Only().journal, ElementsAre(EndsWith("\n\nReference: " + second)));

  const std::string third = told().Tell("resolved");
  EXPECT_EQ(Only()["state"], "6");
  EXPECT_THAT(Only()["close_notes"], EndsWith("\n\nReference: " + third));
  EXPECT_EQ(told().Remote().state, store::RemoteState::kClosed);

  const std::string fourth = told().Tell("resolved");
  EXPECT_EQ(Only()["state"], "6") << "text is changed without opening it";
  EXPECT_THAT(Only()["description"], EndsWith(fourth));

  const std::string fifth = told().Tell("open", 1);
  EXPECT_EQ(Only()["state"], "2");
  EXPECT_THAT(Only().journal, Contains(EndsWith(fifth)).Times(1));
}

TEST_F(ServiceNowTest, APersonsClosingWins) {
  struct {
    const char* state;
    const char* notes;
  } const cases[] = {{"6", "False positive"}, {"7", ""}, {"8", ""}, {"7", "Reference: t/1"}};
  for (const auto& c : cases) {
    server_.incidents.clear();
    world_.outbox.Clear();
    told_.reset();
    told().Tell();
    Only()["state"] = c.state;
    Only()["close_notes"] = c.notes;
    const Incident before = Only();
    told().Tell();
    told().Tell("resolved");
    EXPECT_EQ(Only().columns, before.columns);
    EXPECT_THAT(Only().journal, IsEmpty());
    EXPECT_EQ(told().Remote().state, store::RemoteState::kClosedByPerson);

    told().Tell("open", 1);
    ASSERT_THAT(server_.incidents, SizeIs(2));
    EXPECT_EQ(server_.incidents[0].columns, before.columns);
    EXPECT_EQ(server_.incidents[1]["correlation_id"], std::string(words::kSampleTicket) + "-2");
    EXPECT_THAT(server_.incidents[1]["description"], HasSubstr("INC0010011"));
  }
}

TEST_F(ServiceNowTest, WhatIsGoneIsNotMadeAgain) {
  told().Tell();
  Only().gone = true;
  told().Tell();
  EXPECT_THAT(server_.incidents, SizeIs(1));
  EXPECT_EQ(told().Remote().state, store::RemoteState::kClosedByPerson);
}

TEST_F(ServiceNowTest, WhatAPersonChangedIsLeft) {
  told().Tell();
  Only()["short_description"] = "VIP: ada";
  Only()["urgency"] = "1";
  told().ticket.severity = Severity::kLow;
  told().Tell();
  EXPECT_EQ(Only()["short_description"], "VIP: ada");
  EXPECT_EQ(Only()["urgency"], "1");
  EXPECT_EQ(Only()["impact"], "3");

  // Who has taken over the description is told by the journal, once.
  Only()["description"] = "Being looked into";
  server_.faults.Add("PATCH", "", CallFault::kLostAnswer);
  const std::string third = told().Tell();
  EXPECT_EQ(Only()["description"], "Being looked into");
  EXPECT_THAT(Only().journal, Contains(EndsWith(third)).Times(1));
}

TEST_F(ServiceNowTest, WhatAPersonOpenedAgainIsOpen) {
  told().Tell();
  told().Tell("resolved");
  Only()["state"] = "2";
  told().Tell("resolved");
  EXPECT_EQ(Only()["state"], "6");
}

TEST_F(ServiceNowTest, AStrangersIncidentIsNotTouched) {
  server_.knows_correlation_id = false;
  Incident stranger;
  stranger["sys_id"] = "ffffffffffffffffffffffffffffffff";
  stranger["number"] = "INC0000001";
  stranger["state"] = "1";
  server_.incidents = {stranger};
  server_.faults.Add("POST", "", CallFault::kLostAnswer);
  told().Tell();
  told().Tell("resolved");
  ASSERT_THAT(server_.incidents, SizeIs(2));
  EXPECT_EQ(server_.incidents[0]["state"], "1");
  EXPECT_THAT(server_.incidents[0].journal, IsEmpty());
  EXPECT_EQ(server_.incidents[1]["state"], "6");
}

TEST_F(ServiceNowTest, NamesItsRelations) {
  const std::string parent = "6f6f4c5e-0000-5000-8000-00000000000f";
  told().ticket.ticket_id = parent;
  told().Tell();
  told().ticket.ticket_id = words::kSampleTicket;
  told().ticket.parent_ticket_id = parent;
  told().Tell();
  ASSERT_THAT(server_.incidents, SizeIs(2));
  EXPECT_EQ(server_.incidents[1]["parent_incident"], server_.incidents[0]["sys_id"]);
  EXPECT_THAT(server_.incidents[1]["description"], HasSubstr("Part of: INC0010011 https://"));

  told().ticket.parent_ticket_id.clear();
  told().ticket.merged_into = parent;
  told().Tell("merged");
  EXPECT_EQ(server_.incidents[1]["state"], "6");
  EXPECT_THAT(server_.incidents[1]["description"], HasSubstr("Merged into: INC0010011"));
  EXPECT_THAT(server_.incidents[1]["close_notes"], HasSubstr("Merged into: INC0010011"));
}

TEST_F(ServiceNowTest, AParentThatAPersonGaveIsLeft) {
  told().Tell();
  Only()["parent_incident"] = "0123456789abcdef0123456789abcdef";
  const std::string parent = "6f6f4c5e-0000-5000-8000-00000000000f";
  told().ticket.ticket_id = parent;
  told().Tell();
  told().ticket.ticket_id = words::kSampleTicket;
  told().ticket.parent_ticket_id = parent;
  told().Tell();
  EXPECT_EQ(server_.incidents[0]["parent_incident"], "0123456789abcdef0123456789abcdef");
}

TEST_F(ServiceNowTest, TwinsAreClosedButForTheOldest) {
  told().Tell();
  Incident twin = Only();
  twin["sys_id"] = "ffffffffffffffffffffffffffffffff";
  twin["number"] = "INC0010099";
  twin["sys_created_on"] = "2026-11-24 09:30:00";
  server_.incidents.insert(server_.incidents.begin(), twin);
  // As if nothing was known: they are found by their key.
  world_.outbox.Clear();
  told().Tell();
  EXPECT_EQ(server_.incidents[0]["state"], "6");
  EXPECT_THAT(server_.incidents[0]["close_notes"], StartsWith("Made twice: INC0010011"));
  EXPECT_EQ(server_.incidents[1]["state"], "1");
  EXPECT_EQ(told().Remote().remote_id, "INC0010011");
}

TEST_F(ServiceNowTest, TextsCannotBreakOutAndAreCut) {
  config::SinkConfig config = Config();
  config.settings["body"] = std::string("{{user_principal_name}} ") + std::string(5'000, 'y');
  config.settings["title"] = std::string(300, 'z');
  told_ = std::make_unique<SinkDriver>(config, &world_);
  told().ticket.user_principal_name = "[code]<img src=x>[/CODE]@contoso.example";
  told().Tell();
  const std::string second = told().Tell();
  EXPECT_THAT(Only()["description"], AllOf(StartsWith("[\xE2\x80\x8B"
                                                      "code]<img"),
                                           HasSubstr("yyy…\n\nReference: "), EndsWith(second)));
  EXPECT_THAT(Only()["short_description"], EndsWith("z…"));
  EXPECT_THAT(Only().journal, ElementsAre(Not(HasSubstr("[/CODE]"))));
}

TEST_F(ServiceNowTest, ErrorsOfTheTicketAreGivenUpAndThoseOfTheSinkWait) {
  // The instance wants a close code that it has.
  config::SinkConfig config = Config();
  config.settings["close_code"] = std::string("Nonsense");
  told_ = std::make_unique<SinkDriver>(config, &world_);
  told().Tell();
  told().Tell("resolved");
  EXPECT_EQ(Only()["state"], "1");
  EXPECT_EQ(told().status().permanent_failures, 1U);
  const store::DeliveryOutcome outcome = world_.outbox.outcomes().back();
  EXPECT_EQ(outcome.kind, store::DeliveryOutcome::Kind::kFailed);
  EXPECT_THAT(outcome.error, AllOf(StartsWith("HTTP 403"), Not(HasSubstr("ada"))));

  for (int i = 0; i < 3; ++i) {
    server_.password = i == 0 ? "rotated" : "pa55";
    server_.sleeps = i == 1;
    if (i == 2) server_.faults.Add("GET", "", CallFault::kTooMany);
    told().Add(told().Next());
    told().Step();
    EXPECT_EQ(world_.outbox.depth(), 1U) << i;
    EXPECT_THAT(told().status().last_error, Not(IsEmpty()));
    EXPECT_EQ(told().status().down, i != 1);
    server_.password = "pa55";
    server_.sleeps = false;
    told().Run();
  }
  EXPECT_EQ(told().status().permanent_failures, 1U);
}

TEST_F(ServiceNowTest, ASecretStandsInTheHeaderAlone) {
  server_.password = "other";
  told().Add(told().Next());
  told().Step();
  EXPECT_THAT(told().status().last_error, Not(HasSubstr("pa55")));
  ASSERT_THAT(world_.calls, Not(IsEmpty()));
  for (const http_client::HttpCall& call : world_.calls) {
    EXPECT_THAT(call.url, AllOf(Not(HasSubstr("pa55")), Not(HasSubstr("ada"))));
    EXPECT_EQ(call.timeout, seconds(10));
  }
}

TEST_F(ServiceNowTest, SaysWhatCannotBeUsed) {
  config::SinkConfig config = Config();
  config.settings["fields"] = std::map<std::string, std::string>{{"state", R"("2")"}};
  EXPECT_THAT(std::string(MakeServiceNowSink(config, world_.parts()).status().message()),
              HasSubstr("fields.state"));
  config = Config();
  config.settings["password"] =
      config::SecretRef{config::SecretRef::From::kFile, folder_.Path("none")};
  EXPECT_FALSE(MakeServiceNowSink(config, world_.parts()).ok());
}

}  // namespace servicenow_system_test
}  // namespace signinwatch::sinks
