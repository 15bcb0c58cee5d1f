#include "daemon/words/message_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "daemon/words/ticket_json.h"
#include "nlohmann/json.hpp"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::words {
namespace message_template_test {

using testing::HasSubstr;

const TemplateFields kFields{{"severity", "high"},
                             {"user_principal_name", "<!channel> & co"},
                             {"user_id", ""},
                             {"threshold.events", "10"}};

std::string Angles(const std::string& value) {
  std::string escaped;
  for (const char c : value) escaped += c == '<' ? std::string("&lt;") : std::string(1, c);
  return escaped;
}

std::string Rendered(const std::string& text) {
  const absl::StatusOr<MessageTemplate> parsed = MessageTemplate::Parse(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? parsed->Render(kFields, Angles) : "";
}

TEST(MessageTemplateTest, PutsFieldsEscapedIntoItsOwnText) {
  EXPECT_EQ(Rendered("*{{severity}}*: <b>{{ user_principal_name }}</b>"),
            "*high*: <b>&lt;!channel> & co</b>");
  EXPECT_EQ(Rendered("{{threshold.events}} failures, {{user_id}}."), "10 failures, .");
  EXPECT_EQ(Rendered("no field at all } { }}"), "no field at all } { }}");
  EXPECT_EQ(Rendered("{{! for the desk }}{{severity}}"), "high");
  EXPECT_EQ(Rendered(""), "");
}

TEST(MessageTemplateTest, DoesNotLookIntoValues) {
  const absl::StatusOr<MessageTemplate> parsed = MessageTemplate::Parse("{{name}}");
  ASSERT_TRUE(parsed.ok());
  const TemplateFields fields{{"name", "{{severity}}"}, {"severity", "high"}};
  EXPECT_EQ(parsed->Render(fields, Angles), "{{severity}}");
}

TEST(MessageTemplateTest, NamesTheFirstFieldThatThereIsNot) {
  const absl::StatusOr<MessageTemplate> parsed =
      MessageTemplate::Parse("{{severity}} {{sevrity}} {{usr}}");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->UnknownName(kFields), "sevrity");
  EXPECT_EQ(MessageTemplate::Parse("{{severity}}{{user_id}}")->UnknownName(kFields), "");
}

TEST(MessageTemplateTest, RefusesLogicAndWhatGoesPastTheEscaping) {
  for (const char* tag : {"{{#users}}x{{/users}}", "{{^users}}x{{/users}}", "{{>partial}}",
                          "{{=<% %>=}}", "{{{severity}}}", "{{& severity}}", "{{ #users}}"}) {
    const absl::StatusOr<MessageTemplate> parsed = MessageTemplate::Parse(tag);
    ASSERT_FALSE(parsed.ok()) << tag;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("is logic"));
  }
}

TEST(MessageTemplateTest, RefusesWhatIsNoTemplate) {
  EXPECT_EQ(MessageTemplate::Parse("{{severity").status().message(), "Unclosed tag at 0");
  EXPECT_EQ(MessageTemplate::Parse(std::string(20'001, 'x')).status().message(),
            "longer than 20000 bytes");
  EXPECT_TRUE(MessageTemplate::Parse(std::string(20'000, 'x')).ok());
}

TEST(TemplateFieldsTest, AreTheTextsAndNumbersOfATicket) {
  Ticket full = UserTicket(Cause::kPasswordReset);
  full.resolution = Resolution::kQuiet;
  full.resolved_at = full.reauthenticated_at = full.last_event_time;
  full.parent_ticket_id = full.continues = full.merged_into = "other";
  const std::string json = TicketToJson(full, "https://signinwatch.contoso.example");
  const json::JsonDocument document(json);
  const TemplateFields fields = TemplateFieldsOf(document.root());
  const nlohmann::json parsed = nlohmann::json::parse(json);
  std::map<std::string, std::string> expected;
  for (const auto& [key, value] : parsed.items()) {
    if (value.is_string()) expected[key] = value.get<std::string>();
    if (value.is_number()) expected[key] = value.dump();
  }
  EXPECT_EQ(fields, expected);
  EXPECT_EQ(fields.size(), TemplateNames().size());
}

TEST(TemplateFieldsTest, WithoutAValueAreEmpty) {
  const std::string json = TicketToJson(UserTicket(Cause::kPending));
  const json::JsonDocument document(json);
  EXPECT_EQ(TemplateFieldsOf(document.root()).at("url"), "");
}

TEST(TemplateFaultTest, SaysWhyATextIsNoTemplateOfATicket) {
  EXPECT_EQ(TemplateFault("{{title}} ({{severity}})"), "");
  EXPECT_EQ(TemplateFault("{{titel}}"), "'titel' is no field of a ticket");
  EXPECT_EQ(TemplateFault("{{apps}}"), "'apps' is no field of a ticket");
  EXPECT_EQ(TemplateFault("{{#apps}}{{/apps}}"), "'{{#' is logic");
}

}  // namespace message_template_test
}  // namespace signinwatch::words
