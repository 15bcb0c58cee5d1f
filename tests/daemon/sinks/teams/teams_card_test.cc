#include "daemon/sinks/teams/teams_card.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "daemon/words/ticket_json.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::sinks {
namespace teams_card_test {

using testing::HasSubstr;
using testing::Le;
using testing::Not;

class TeamsCardTest : public testing::Test {
 protected:
  std::string MessageOf(const Ticket& ticket, const MessageWording& wording = {"", ""}) {
    delivery_.ticket_id = ticket.ticket_id;
    delivery_.severity = "high";
    delivery_.state = TicketStateName(ticket.state);
    delivery_.json = words::TicketToJson(ticket, "https://signinwatch.contoso.example");
    telling_.reference = ticket.ticket_id + "/3";
    return TeamsMessage(telling_, wording);
  }
  static nlohmann::json CardOf(const std::string& message) {
    const nlohmann::json parsed = nlohmann::json::parse(message);
    EXPECT_EQ(parsed["type"], "message");
    const nlohmann::json& attachment = parsed["attachments"][0];
    EXPECT_EQ(attachment["contentType"], "application/vnd.microsoft.card.adaptive");
    EXPECT_TRUE(attachment["contentUrl"].is_null());
    return attachment["content"];
  }

  store::Delivery delivery_;
  Telling telling_{.delivery = delivery_};
};

TEST(EscapeCardText, ShowsMarkdownAsItIs) {
  EXPECT_EQ(EscapeCardText("**a** [b](https://x) <at>c</at> `d`\\"),
            "\\*\\*a\\*\\* \\[b\\](https://x) \\<at\\>c\\</at\\> \\`d\\`\\\\");
}

TEST_F(TeamsCardTest, SaysAllThatPeopleNeed) {
  telling_.parent = {.ticket_id = "parent-id"};
  const nlohmann::json card = CardOf(MessageOf(words::UserTicket(Cause::kUnexplained)));
  EXPECT_EQ(card["type"], "AdaptiveCard");
  EXPECT_EQ(card["version"], "1.4");
  EXPECT_EQ(card["body"][0]["color"], "Attention");
  EXPECT_THAT(card["body"][0]["text"].get<std::string>(),
              HasSubstr("Sign-ins of ada@contoso.example fail"));
  EXPECT_EQ(card["body"][2]["type"], "FactSet");
  EXPECT_EQ(card["body"][2]["facts"][0]["title"], "Severity");
  EXPECT_EQ(card["actions"][0]["type"], "Action.OpenUrl");
  EXPECT_EQ(card["actions"][0]["url"],
            "https://signinwatch.contoso.example/tickets/" + std::string(words::kSampleTicket));
  const std::string text = card["body"].dump();
  EXPECT_THAT(text, HasSubstr("**1. Contain: revoke all sessions**"));
  EXPECT_THAT(text, HasSubstr("\"Part of parent-id\""));
  EXPECT_THAT(text, HasSubstr("\"Reference: " + std::string(words::kSampleTicket) + "/3\""));
}

TEST_F(TeamsCardTest, WhatIsOverIsGreen) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.state = TicketState::kResolved;
  EXPECT_EQ(CardOf(MessageOf(ticket))["body"][0]["color"], "Good");
}

TEST_F(TeamsCardTest, FitsWhateverIsInIt) {
  for (const char* filler : {"_", "\x01", "\"", "\xf0\x9f\x98\x80", "[x](https://evil)"}) {
    std::string hostile;
    while (hostile.size() < 4'000) hostile += filler;
    Ticket ticket = words::TenantTicket(Cause::kUnexplained);
    ticket.tenant_id = hostile;
    for (CountedList* list :
         {&ticket.apps, &ticket.ip_addresses, &ticket.countries, &ticket.users}) {
      list->shown.assign(20, {hostile, hostile, 3});
      list->total = 200;
    }
    const std::string own(19'000, 'x');
    for (const std::string& message :
         {MessageOf(ticket), MessageOf(ticket, MessageWording("{{tenant_id}}", own)),
          MessageOf(ticket, MessageWording("", "{{tenant_id}}{{tenant_id}}{{tenant_id}}"))}) {
      EXPECT_THAT(message.size(), Le(kTeamsBytesMax)) << filler;
      EXPECT_THAT(message, HasSubstr("Reference: " + std::string(words::kSampleTicket) + "/3"));
      EXPECT_THAT(message, Not(HasSubstr("\"[x](")));
      EXPECT_FALSE(nlohmann::json::parse(message, nullptr, false).is_discarded());
    }
  }
}

TEST_F(TeamsCardTest, ASiteMayWordIt) {
  Ticket ticket = words::UserTicket(Cause::kUnexplained);
  ticket.user_principal_name = "[a](b)";
  const nlohmann::json card =
      CardOf(MessageOf(ticket, MessageWording("_{{user_principal_name}}_", "**{{event_count}}**")));
  EXPECT_EQ(card["body"][0]["text"], "_\\[a\\](b)_");
  EXPECT_EQ(card["body"][1]["text"], "**37**");
  EXPECT_EQ(card["body"].size(), 3u);
}

}  // namespace teams_card_test
}  // namespace signinwatch::sinks
