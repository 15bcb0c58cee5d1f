// The steps of a runbook: which commands are in a text, and what is ticked.
#include "daemon/http/page/runbook_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/json/json_value.h"
#include "daemon/words/ticket_json.h"
#include "tests/daemon/http/http_tickets.h"
#include "tests/daemon/http/sample_status.h"

namespace signinwatch::http {
namespace runbook_steps_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(CommandsIn, AreWhatIsToBeTyped) {
  const struct {
    const char* text;
    std::vector<std::string> commands;
  } cases[] = {
      {"Call the user.", {}},
      {"Revoke its sessions (Revoke-MgUserSignInSession -UserId 70a302c2-7152), reset it.",
       {"Revoke-MgUserSignInSession -UserId 70a302c2-7152"}},
      {"what the user says (Get-MgUser -UserId 7 -Property A,B | Format-List A,B). Then",
       {"Get-MgUser -UserId 7 -Property A,B | Format-List A,B"}},
      {"Update-MgUser -UserId 7 -AccountEnabled:$false (accounts from on-premises: there).",
       {"Update-MgUser -UserId 7 -AccountEnabled:$false"}},
      {"look at Get-ADSyncScheduler and at Invoke-ADSyncDiagnostics -PasswordSync, then start a "
       "cycle by hand: Start-ADSyncSyncCycle -PolicyType Delta. If",
       {"Get-ADSyncScheduler", "Invoke-ADSyncDiagnostics -PasswordSync",
        "Start-ADSyncSyncCycle -PolicyType Delta"}},
      {"Get-InboxRule -Mailbox 3, and Get-Mailbox 3 lists",
       {"Get-InboxRule -Mailbox 3", "Get-Mailbox"}},
      {"Get-MgUser -UserId 'o''brien@contoso.example' shows it",
       {"Get-MgUser -UserId 'o''brien@contoso.example'"}},
      {"Get-MgUser -All shows all", {"Get-MgUser -All"}},
      {"Get-MgUser -UserId 'never closed", {"Get-MgUser -UserId"}},
      {"on Windows (dsregcmd /status shows AzureAdPrt); az logout, az login.",
       {"dsregcmd /status", "az logout", "az login"}},
      {"Multi-Factor and Self-Service are words, as is X-Get-MgUser", {}},
      {"Get-MgUser twice: Get-MgUser", {"Get-MgUser"}},
      {"Look. Query: SigninLogs | where UserId == \"7\" and Get-MgUser",
       {"SigninLogs | where UserId == \"7\" and Get-MgUser"}},
      {"Get-", {}},
      {"Get-MgUser -", {"Get-MgUser"}},
      {"Get-MgUser | ", {"Get-MgUser"}},
  };
  for (const auto& c : cases) EXPECT_EQ(CommandsIn(c.text), c.commands) << c.text;
}

TEST(CommandsIn, AreBounded) {
  std::string text;
  for (int i = 0; i < 1'000; ++i) text += "Get-MgUser -UserId " + std::to_string(i) + ", ";
  EXPECT_EQ(CommandsIn(text).size(), 20u);
}

class RunbookStepsTest : public testing::Test {
 protected:
  RunbookStepsTest() {
    Ticket ticket = UserTicketNumber(1);
    ticket.cause = Cause::kUnexplained;
    document_ = json::JsonDocument(words::TicketToJson(ticket));
    first_ = document_.root()["runbook"].Elements().at(0)["title"].Text();
  }
  std::string Steps(bool may_change) {
    return RunbookSteps(document_.root(), handling_,
                        {.now = SampleStatus().now, .may_change = may_change})
        .text();
  }

  json::JsonDocument document_{""};
  std::string first_;
  store::TicketHandling handling_;
};

TEST_F(RunbookStepsTest, ATickSaysWhoAndWhen) {
  EXPECT_THAT(Steps(true), Not(HasSubstr("aria-checked=\"true\"")));
  handling_.ticks = {{first_, SampleStatus().now - std::chrono::minutes(3), "<ada>"}};
  const std::string html = Steps(true);
  EXPECT_THAT(html, HasSubstr("<li class=\"done\">"));
  EXPECT_THAT(html, HasSubstr("aria-checked=\"true\""));
  EXPECT_THAT(html, HasSubstr("done by <bdi>&lt;ada&gt;</bdi>"));
  EXPECT_THAT(html, HasSubstr("3 min ago"));
  EXPECT_THAT(html, HasSubstr("ticks?done=no&amp;step=Contain%3A%20revoke"));
}

TEST_F(RunbookStepsTest, WhoMayNotTickSeesTheTicks) {
  handling_.ticks = {{first_, SampleStatus().now, "ada"}};
  EXPECT_THAT(Steps(false), HasSubstr("role=\"img\" aria-label=\"done\""));
  EXPECT_THAT(Steps(false), Not(HasSubstr("<form")));
}

TEST_F(RunbookStepsTest, ATickOfAStepThatIsGoneIsNotShown) {
  handling_.ticks = {{"Something else", SampleStatus().now, "ada"}};
  EXPECT_THAT(Steps(true), Not(HasSubstr("Something else")));
}

TEST_F(RunbookStepsTest, CommandsAreBlocks) {
  EXPECT_THAT(Steps(true), HasSubstr("<pre class=\"command\"><code>Revoke-MgUserSignInSession"));
  EXPECT_TRUE(RunbookSteps(json::JsonDocument("{}").root(), handling_, {.now = {}}).empty());
}

}  // namespace runbook_steps_test
}  // namespace signinwatch::http
