#include "daemon/sinks/slack/slack_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "daemon/words/ticket_json.h"
#include "tests/daemon/sinks/slack/slack_stand_in.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::sinks {
namespace slack_message_test {

using testing::HasSubstr;
using testing::Not;

TEST(SlackText, EscapesWhatMeansSomethingToSlack) {
  EXPECT_EQ(SlackText("<!channel> & <@U1|x>"), "&lt;!channel&gt; &amp; &lt;@U1|x&gt;");
}

TEST(SlackText, IsCutBetweenCharactersAndEntities) {
  EXPECT_EQ(SlackText("abcdef", 6), "abcdef");
  EXPECT_EQ(SlackText("abcdefg", 6), "abcde…");
  EXPECT_EQ(SlackText("ab&defg", 8), "ab&amp;…");
  EXPECT_EQ(SlackText("ab&defg", 7), "ab…");
  EXPECT_EQ(SlackText("äöüäöü", 4), "äöü…");
}

class SlackMessageTest : public testing::Test {
 protected:
  nlohmann::json MessageOf(const Ticket& ticket, const MessageWording& wording = {"", ""}) {
    delivery_.ticket_id = ticket.ticket_id;
    delivery_.revision = 3;
    delivery_.severity = "high";
    delivery_.state = "open";
    delivery_.json = words::TicketToJson(ticket, "https://signinwatch.contoso.example");
    telling_.key = ticket.ticket_id;
    telling_.reference = ticket.ticket_id + "/3";
    return nlohmann::json::parse(SlackMessage(telling_, wording, "C0123"));
  }

  store::Delivery delivery_;
  Telling telling_{.delivery = delivery_};
};

TEST_F(SlackMessageTest, SaysAllThatPeopleNeed) {
  telling_.parent = {.ticket_id = "parent-id"};
  const nlohmann::json message = MessageOf(words::UserTicket(Cause::kUnexplained));
  EXPECT_EQ(message["channel"], "C0123");
  EXPECT_EQ(message["unfurl_links"], false);
  EXPECT_EQ(message["metadata"]["event_type"], "signinwatch_ticket");
  EXPECT_EQ(message["metadata"]["event_payload"]["ticket_id"], words::kSampleTicket);
  EXPECT_EQ(message["metadata"]["event_payload"]["revision"], 3);
  const std::string text = SlackStandIn::TextOf(message);
  EXPECT_THAT(text, HasSubstr(":large_orange_circle: *Sign-ins of ada@contoso.example"));
  EXPECT_THAT(text, HasSubstr("37 failed sign-ins of ada@contoso.example"));
  EXPECT_THAT(text, HasSubstr("\nApplications: Outlook Mobile (20), Teams (17)"));
  EXPECT_THAT(text, HasSubstr("What to do:\n1. Contain: revoke all sessions\n"));
  EXPECT_THAT(text, HasSubstr("\nPart of parent-id"));
  EXPECT_THAT(text, HasSubstr("<https://signinwatch.contoso.example/tickets/" +
                              std::string(words::kSampleTicket) + "|Open the ticket>"));
  EXPECT_THAT(text, HasSubstr("Reference: " + std::string(words::kSampleTicket) + "/3"));
}

TEST_F(SlackMessageTest, ARecordsTextCallsNobodyAndFitsHoweverLongItIs) {
  Ticket ticket = words::TenantTicket(Cause::kUnexplained);
  const std::string hostile = "<!channel>" + std::string(2'000, '&') + "<https://evil|x>";
  ticket.tenant_id = hostile;
  for (CountedList* list : {&ticket.apps, &ticket.ip_addresses, &ticket.countries, &ticket.users}) {
    list->shown.assign(20, {hostile, hostile, 3});
    list->total = 200;
  }
  const nlohmann::json own =
      MessageOf(ticket, MessageWording("{{tenant_id}}", "{{tenant_id}} and {{summary}}"));
  const nlohmann::json standard = MessageOf(ticket);
  for (const nlohmann::json* message : {&own, &standard}) {
    const std::string text = SlackStandIn::TextOf(*message);
    EXPECT_THAT(text, Not(HasSubstr("<!channel>")));
    EXPECT_THAT(text, Not(HasSubstr("<https://evil")));
    EXPECT_LT(text.size(), 10'000u);
    EXPECT_THAT(text, HasSubstr("Reference: " + std::string(words::kSampleTicket) + "/3"));
  }
}

TEST_F(SlackMessageTest, NoEntityIsLeftInPart) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = std::string(70, '&');
  const std::string names = "{{user_principal_name}}{{user_principal_name}}{{user_principal_name}}";
  for (const char* shift : {"", "x", "xx", "xxx", "xxxx"}) {
    const nlohmann::json message = MessageOf(ticket, MessageWording(shift + names, "b"));
    std::string text = message["text"];
    for (size_t at = 0; (at = text.find("&amp;", at)) != std::string::npos;) text.erase(at, 5);
    EXPECT_THAT(text, testing::StartsWith(std::string(shift) + "…\n"));
  }
}

TEST_F(SlackMessageTest, ASiteMayWordIt) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = "<!here>";
  const std::string text = SlackStandIn::TextOf(MessageOf(
      ticket, MessageWording("_{{user_principal_name}}_", "<https://wiki|Wiki>: {{event_count}}")));
  EXPECT_THAT(text, HasSubstr("*_&lt;!here&gt;_*"));
  EXPECT_THAT(text, HasSubstr("<https://wiki|Wiki>: 37"));
  EXPECT_THAT(text, Not(HasSubstr("What to do")));
  EXPECT_THAT(text, HasSubstr("/3"));
}

}  // namespace slack_message_test
}  // namespace signinwatch::sinks
