#include "daemon/rehearsal/preview.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/config/sink_types.h"
#include "daemon/words/example_ticket.h"
#include "daemon/words/ticket_json.h"

namespace signinwatch::rehearsal {
namespace preview_test {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A sink of the type by its examples, as the reference shows them, with secrets that are not there.
config::SinkConfig ExampleSink(const std::string& type) {
  config::SinkConfig sink;
  sink.name = "s";
  sink.type = type;
  for (const config::Option<config::SinkConfig>& option : config::SinkTypeOf(type).options) {
    if (option.of_cluster) continue;
    if (std::holds_alternative<config::SecretKind>(option.kind)) {
      option.set(sink, config::SecretRef{config::SecretRef::From::kFile, "/nowhere/" + option.key});
    }
  }
  const auto set = [&sink](const std::string& key, const config::OptionValue& value) {
    if (!config::HasSetting(sink, key)) return;
    for (const config::Option<config::SinkConfig>& option : config::SinkTypeOf(sink.type).options) {
      if (option.key == key && !std::holds_alternative<config::SecretKind>(option.kind)) {
        option.set(sink, value);
      }
    }
  };
  set("url", "https://system.contoso.example");
  set("urls", std::vector<std::string>{"https://am.contoso.example:9093"});
  set("server", "host.contoso.example:6514");
  set("from", "signinwatch@contoso.example");
  set("to", std::vector<std::string>{"soc@contoso.example"});
  set("username", "robot");
  set("channel", "C0123");
  set("project", "SOC");
  set("topic", "tickets");
  set("path", "/var/lib/signinwatch/tickets.jsonl");
  set("closed_status", "Closed");
  return sink;
}

std::string Preview(const config::SinkConfig& sink, const store::RolledUp& rolled_up = {}) {
  const Ticket ticket = words::ExampleTicket(EventTime(std::chrono::seconds(1'764'158'400)));
  const auto preview = PreviewTicket(sink, words::TicketToJson(ticket), rolled_up);
  EXPECT_TRUE(preview.ok()) << sink.type << ": " << preview.status();
  return preview.value_or("");
}

class EachSink : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Types, EachSink, testing::ValuesIn(config::SinkTypeNames()),
                         [](const auto& type) { return type.param; });

TEST_P(EachSink, ShowsTheTicketAndNoSecretIsNeeded) {
  const std::string preview = Preview(ExampleSink(GetParam()));
  EXPECT_THAT(preview, HasSubstr("6f6f4c5e-0000-5000-8000-000000000001"));
  EXPECT_THAT(preview, HasSubstr("ada@contoso.example"));
  EXPECT_THAT(preview, Not(HasSubstr("/nowhere/")));
  EXPECT_THAT(preview, Not(HasSubstr("Bearer SECRET"))) << "headers with secrets are not shown";
}

TEST(PreviewTicketTest, RequestsInTheirOrderAndTheSitesWords) {
  config::SinkConfig sink = ExampleSink("jira");
  sink.settings.insert_or_assign("title", std::string("SOC {{severity}}: {{title}}"));
  const std::string preview = Preview(sink);
  EXPECT_THAT(preview, testing::StartsWith("Title: SOC medium: "));
  const size_t search = preview.find("1. POST https://system.contoso.example/rest/api/2/search");
  const size_t create = preview.find("2. POST https://system.contoso.example/rest/api/2/issue");
  EXPECT_NE(search, std::string::npos);
  EXPECT_NE(create, std::string::npos);
  EXPECT_LT(search, create);
  EXPECT_THAT(preview, HasSubstr("Authorization: (not shown)"));
  EXPECT_THAT(preview, HasSubstr("\n      \"key\": \"SOC\""));
}

TEST(PreviewTicketTest, WhatIsRolledUpIsCountedAndListed) {
  const std::string json = [] {
    Ticket ticket = words::ExampleTicket(EventTime(std::chrono::seconds(1'764'158'400)));
    ticket.scope = GroupBy::kTenant;
    return words::TicketToJson(ticket);
  }();
  const auto preview = PreviewTicket(
      ExampleSink("slack"), json,
      {.total = 37, .shown = {{"t1", "ada@contoso.example"}, {"t2", "bob@contoso.example"}}});
  ASSERT_TRUE(preview.ok());
  EXPECT_THAT(*preview, HasSubstr("Rolled up: 37 users' tickets: ada@contoso.example, "
                                  "bob@contoso.example and 35 more"));
}

TEST(FindSinkTest, NamesThoseThatThereAre) {
  config::Config config;
  std::string fault;
  EXPECT_EQ(FindSink(config, "a", &fault), nullptr);
  EXPECT_EQ(fault, "there is no sink 'a', none is configured");
  config.serve.sinks.resize(2);
  config.serve.sinks[0].name = "soc";
  config.serve.sinks[1].name = "chat";
  EXPECT_EQ(FindSink(config, "chat", &fault), &config.serve.sinks[1]);
  EXPECT_EQ(FindSink(config, "a", &fault), nullptr);
  EXPECT_EQ(fault, "there is no sink 'a', allowed: soc, chat");
}

}  // namespace preview_test
}  // namespace signinwatch::rehearsal
