#include "daemon/sinks/jira/jira_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "daemon/sinks/cut_text.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::sinks {
namespace jira_texts_test {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(EscapeWiki, MarkupIsShownAsItIs) {
  const struct {
    const char* text;
    const char* escaped;
  } cases[] = {
      {"ada@contoso.example 2026-11-24 a_b", "ada@contoso.example 2026-11-24 a_b"},
      {"{code}[~ada]!x.png!|^", "\\{code\\}\\[\\~ada\\]\\!x.png\\!\\|\\^"},
      {"*bold* -gone- _a_", "\\*bold\\* \\-gone\\- \\_a\\_"},
      {"CONTOSO\\ada \\\\", "CONTOSO&#92;ada &#92;&#92;"},
      {"ä*", "ä\\*"},
      {"", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(EscapeWiki(c.text), c.escaped);
}

class JiraTextsTest : public testing::Test {
 protected:
  Telling Of(const Ticket& ticket) {
    delivery_.ticket_id = ticket.ticket_id;
    delivery_.json = words::TicketToJson(ticket, "https://signinwatch.contoso.example");
    return {.delivery = delivery_, .key = ticket.ticket_id, .reference = "t1/3"};
  }
  static JiraTexts Texts(bool cloud, const std::string& body = "") {
    return JiraTexts(cloud, MessageWording("", body));
  }
  store::Delivery delivery_;
};

TEST_F(JiraTextsTest, ADocumentHasListsAndLinks) {
  Telling telling = Of(words::UserTicket(Cause::kUnexplained));
  telling.parent = {.ticket_id = "t0", .id = "SOC-1", .link = "https://j.example/browse/SOC-1"};
  const std::string json = Texts(true).Description(telling);
  EXPECT_THAT(json, StartsWith(R"({"type":"doc","version":1,"content":[{"type":"paragraph",)"));
  EXPECT_THAT(json, HasSubstr(R"({"type":"text","text":"SOC-1","marks":[{"type":"link","attrs":)"
                              R"({"href":"https://j.example/browse/SOC-1"}}]})"));
  EXPECT_THAT(json, HasSubstr(R"({"type":"orderedList","content":[{"type":"listItem",)"));
  EXPECT_THAT(JiraTexts::PlainOf(json), HasSubstr("Reference: t1/3"));
}

TEST_F(JiraTextsTest, WikiTextHasListsToo) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = "{color:red}[~admin]";
  const std::string text = JiraTexts::PlainOf(Texts(false).Description(Of(ticket)));
  EXPECT_THAT(text, AllOf(HasSubstr("\n* Severity: Info\n"), HasSubstr("\n*What to do:*\n# *"),
                          Not(HasSubstr("[~admin")), HasSubstr("\\{color:red\\}"),
                          EndsWith("\n\nReference: t1/3")));
}

TEST_F(JiraTextsTest, WhatASiteWroteKeepsRelationsAndReferenceAndIsCut) {
  Telling telling = Of(words::UserTicket(Cause::kUnexplained));
  telling.former = {.ticket_id = "t0", .id = "SOC-1"};
  for (const bool cloud : {true, false}) {
    const std::string json =
        Texts(cloud, "{{severity}}\n\n" + std::string(19'000, '\x01')).Description(telling);
    EXPECT_LE(CharacterCount(json), cloud ? kJiraTextMax : 6 * kJiraTextMax);
    EXPECT_THAT(JiraTexts::PlainOf(json), StartsWith("info"));
    EXPECT_THAT(JiraTexts::PlainOf(json), EndsWith("Reference: t1/3"));
    EXPECT_THAT(JiraTexts::PlainOf(json), HasSubstr("SOC-1"));
  }
}

TEST_F(JiraTextsTest, LongRunbooksFit) {
  for (const words::TicketCase& each : words::AllTicketCases()) {
    Ticket ticket = words::MakeTicket(each.scope, each.cause);
    ticket.findings = each.findings;
    const std::string json = Texts(true).Description(Of(ticket));
    EXPECT_LE(CharacterCount(json), kJiraTextMax);
    EXPECT_THAT(json, HasSubstr("Reference: t1/3"));
    EXPECT_THAT(json, Not(HasSubstr(R"("text":"")")));
  }
}

}  // namespace jira_texts_test
}  // namespace signinwatch::sinks
