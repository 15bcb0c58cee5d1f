#include "daemon/sinks/ticket_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "daemon/words/ticket_json.h"
#include "tests/daemon/words/sample_context.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::sinks {
namespace ticket_message_test {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* kReference = "6f6f4c5e-0000-5000-8000-000000000001/3";

class TicketMessageTest : public testing::Test {
 protected:
  Telling Of(const Ticket& ticket) {
    delivery_.ticket_id = ticket.ticket_id;
    delivery_.revision = 3;
    delivery_.json = words::TicketToJson(ticket, "https://signinwatch.contoso.example");
    return {.delivery = delivery_, .key = ticket.ticket_id, .reference = kReference};
  }
  static std::map<std::string, std::string> FactsOf(const TicketMessage& message) {
    std::map<std::string, std::string> facts;
    for (const MessageFact& fact : message.facts) facts[fact.name] = fact.value;
    return facts;
  }

  store::Delivery delivery_;
};

TEST_F(TicketMessageTest, SaysWhatHappenedWhyToWhomAndWhen) {
  Ticket ticket = words::UserTicket(Cause::kPasswordResetByAdmin);
  ticket.findings.persistent = true;
  ticket.reopened = 2;
  ticket.total_event_count = 90;
  const TicketMessage message = WriteTicketMessage(Of(ticket));
  EXPECT_EQ(message.title,
            "Sign-ins of ada@contoso.example fail after a password reset by an administrator "
            "(persistent)");
  EXPECT_THAT(message.text, HasSubstr("37 failed sign-ins of ada@contoso.example between"));
  const std::map<std::string, std::string> expected{
      {"Severity", "Info"},
      {"State", "Open, reopened 2 times"},
      {"Cause", "Password reset by admin"},
      {"Findings", "Persistent"},
      {"User", "ada@contoso.example (aaaaaaaa-0000-0000-0000-000000000001)"},
      {"Tenant", "11111111-2222-3333-4444-555555555555"},
      {"Failed sign-ins", "37 (90 with the bursts before)"},
      {"First failure", "2026-11-24 09:00:00 UTC"},
      {"Last failure", "2026-11-24 09:18:05 UTC"},
      {"Applications", "Outlook Mobile (20), Teams (17)"},
      {"Addresses", "203.0.113.7 (37)"},
      {"Countries", "DE (37)"}};
  EXPECT_EQ(FactsOf(message), expected);
  EXPECT_EQ(message.url,
            "https://signinwatch.contoso.example/tickets/6f6f4c5e-0000-5000-8000-000000000001");
  EXPECT_EQ(message.reference, kReference);
  EXPECT_THAT(message.steps, SizeIs(testing::Gt(kMessageSteps)));
  EXPECT_EQ(message.steps[0].title, "Confirm that the administrator's reset was meant");
  EXPECT_THAT(message.related, IsEmpty());
}

TEST_F(TicketMessageTest, SaysWhatTheRecordsAnswer) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.context = words::FullUserContext();
  ticket.findings.session_elsewhere = true;
  const std::map<std::string, std::string> facts = FactsOf(WriteTicketMessage(Of(ticket)));
  EXPECT_EQ(facts.at("Findings"), "Session in two places");
  EXPECT_THAT(facts.at("MFA"), HasSubstr("passed by Mobile app notification on 23 November"));
  EXPECT_THAT(facts.at("Conditional Access"), HasSubstr("refused 2 of 37 failed sign-ins"));
  EXPECT_THAT(facts.at("Sessions"), HasSubstr("198.51.100.0/24 in BR"));
  EXPECT_THAT(facts.at("Risk"), HasSubstr("anomalousToken"));
  EXPECT_THAT(facts.at("Security info"), HasSubstr("User registered security info"));
  EXPECT_EQ(facts.count("Password"), 0u) << "the cause says it";
}

TEST_F(TicketMessageTest, OfATenantNamesItsWorstUsers) {
  const std::map<std::string, std::string> facts =
      FactsOf(WriteTicketMessage(Of(words::TenantTicket(Cause::kUnexplained))));
  EXPECT_EQ(facts.at("Users"), "34");
  EXPECT_EQ(facts.count("User"), 0u);
}

TEST_F(TicketMessageTest, SaysHowItEnded) {
  Ticket ticket = words::UserTicket(Cause::kPending);
  ticket.state = TicketState::kResolved;
  ticket.resolution = Resolution::kQuiet;
  EXPECT_EQ(FactsOf(WriteTicketMessage(Of(ticket))).at("State"), "Resolved: the failures stopped");
  ticket.resolution = Resolution::kReauthenticated;
  EXPECT_EQ(FactsOf(WriteTicketMessage(Of(ticket))).at("State"), "Resolved: the user is back");
}

TEST_F(TicketMessageTest, NamesRelatedTickets) {
  const Ticket ticket = words::UserTicket(Cause::kPending);
  Telling telling = Of(ticket);
  telling.parent = {.ticket_id = "parent-id", .id = "SOC-7", .link = "https://x/SOC-7"};
  telling.merged_into = {.ticket_id = "other-id"};
  const std::string text = PlainText(WriteTicketMessage(telling), 0);
  EXPECT_THAT(text, HasSubstr("\nMerged into: other-id\n"));
  EXPECT_THAT(text, HasSubstr("\nPart of: SOC-7 https://x/SOC-7\n"));
  EXPECT_THAT(text, Not(HasSubstr("Continues")));
}

TEST_F(TicketMessageTest, CountsAndListsWhatIsRolledUpAndWhatFlaps) {
  const Ticket ticket = words::TenantTicket(Cause::kMixed);
  Telling telling = Of(ticket);
  telling.rolled_up.total = 1;
  telling.rolled_up.shown = {{"t1", "ada@contoso.example"}};
  EXPECT_THAT(PlainText(WriteTicketMessage(telling), 0),
              HasSubstr("\nRolled up: 1 user's ticket: ada@contoso.example\n"));
  telling.rolled_up.total = 37;
  telling.rolled_up.shown.push_back({"t2", "bob@contoso.example"});
  EXPECT_THAT(RelatedLines(WriteTicketMessage(telling)),
              "Rolled up: 37 users' tickets: ada@contoso.example, bob@contoso.example and 35 "
              "more\n");
  store::Delivery delivery = telling.delivery;
  delivery.held_back = 2;
  const Telling flapping{.delivery = delivery};
  EXPECT_EQ(RelatedLines(WriteTicketMessage(flapping)),
            "Flapping: resolved and reopened 2 times without being told here\n");
}

TEST_F(TicketMessageTest, WithoutMarkup) {
  const TicketMessage message = WriteTicketMessage(Of(words::UserTicket(Cause::kPasswordChanged)));
  const std::string text = PlainText(message, 1);
  EXPECT_THAT(text, testing::StartsWith("37 failed sign-ins of"));
  EXPECT_THAT(text, HasSubstr("\n\nSeverity: Info\nState: Open\n"));
  EXPECT_THAT(text, HasSubstr("\nTicket: https://signinwatch.contoso.example/tickets/"));
  EXPECT_THAT(text, HasSubstr("\n\nWhat to do:\n1. Confirm with the user"));
  EXPECT_THAT(text, HasSubstr(" more in the ticket"));
  EXPECT_THAT(text, Not(HasSubstr("\n2. ")));
  EXPECT_EQ(ReferenceLine(message), std::string("Reference: ") + kReference);
}

TEST_F(TicketMessageTest, ValuesOfRecordsStayOnTheirLine) {
  Ticket ticket = words::UserTicket(Cause::kPending);
  ticket.user_principal_name = "ada\r\nBcc: x@y";
  ticket.apps.shown[0].name = "a\nb";
  const TicketMessage message = WriteTicketMessage(Of(ticket));
  for (const MessageFact& fact : message.facts) {
    EXPECT_EQ(fact.value.find_first_of("\r\n"), std::string::npos) << fact.name;
  }
  EXPECT_EQ(message.title.find_first_of("\r\n"), std::string::npos);
}

TEST(HasReference, NotOneThatOnlyBeginsWithIt) {
  EXPECT_TRUE(HasReference("Reference: t1/1", "t1/1"));
  EXPECT_TRUE(HasReference("t1/12, t1/1.", "t1/1"));
  EXPECT_FALSE(HasReference("Reference: t1/12", "t1/1"));
  EXPECT_FALSE(HasReference("", "t1/1"));
}

TEST_F(TicketMessageTest, OfAnotherVersionSaysWhatItHas) {
  delivery_.ticket_id = "t1";
  delivery_.json = "{\"ticket_id\":\"t1\"}";
  const TicketMessage message =
      WriteTicketMessage({.delivery = delivery_, .key = "t1", .reference = "t1/1"});
  EXPECT_EQ(message.title, "Ticket t1");
  EXPECT_THAT(message.text, IsEmpty());
}

TEST_F(TicketMessageTest, ASiteMayWordItItself) {
  const auto stars = [](const std::string& text) { return "*" + text + "*"; };
  Ticket ticket = words::UserTicket(Cause::kPending);
  ticket.user_principal_name = "a<b";
  const Telling telling = Of(ticket);
  const MessageWording own("{{severity}}:\n{{user_principal_name}}", "<b>{{event_count}}</b>\n");
  EXPECT_EQ(own.Title(telling, stars), "*info*: *a<b*");
  EXPECT_EQ(own.Body(telling, stars), "<b>*37*</b>\n");
  const MessageWording standard("", "");
  EXPECT_EQ(standard.Title(telling, stars), "*" + WriteTicketMessage(telling).title + "*");
  EXPECT_EQ(standard.Body(telling, stars), std::nullopt);
}

}  // namespace ticket_message_test
}  // namespace signinwatch::sinks
