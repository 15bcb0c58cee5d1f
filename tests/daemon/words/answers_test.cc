#include "daemon/words/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/words/runbook.h"
#include "daemon/words/ticket_summary.h"
#include "tests/daemon/words/sample_context.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::words {
namespace answers_test {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Each failure counted once by Conditional Access, as in a ticket of the detector; nothing else is
// known.
Ticket Known(Cause cause) {
  Ticket ticket = UserTicket(cause);
  ticket.threshold_window = std::chrono::minutes(10);
  ticket.context.conditional_access.unknown = ticket.event_count;
  return ticket;
}

std::string TextOf(GuideQuestion question, const Ticket& ticket) {
  const std::optional<GuideAnswer> answer = AnswerTo(question, ticket);
  return answer ? answer->text : "(open)";
}

bool Alarms(GuideQuestion question, const Ticket& ticket) {
  const std::optional<GuideAnswer> answer = AnswerTo(question, ticket);
  return answer && answer->alarming;
}

std::string RunbookText(const Ticket& ticket) {
  std::string text;
  for (const RunbookStep& step : TicketRunbook(ticket)) {
    text += step.title + ": " + step.detail + "\n";
  }
  return text;
}

std::vector<std::string> RunbookTitles(const Ticket& ticket) {
  std::vector<std::string> titles;
  for (const RunbookStep& step : TicketRunbook(ticket)) titles.push_back(step.title);
  return titles;
}

TEST(AnswersTest, TicketOfAFormerVersionAnswersNothing) {
  EXPECT_FALSE(HasContext(UserTicket(Cause::kPasswordChanged)));
  EXPECT_THAT(TicketAnswers(UserTicket(Cause::kPasswordChanged)), IsEmpty());
}

TEST(AnswersTest, MfaSaysByWhatAndWhen) {
  Ticket ticket = Known(Cause::kUnexplained);
  EXPECT_EQ(TextOf(GuideQuestion::kMfa, ticket), "(open)");
  ticket.context.mfa = {{{"Authenticator", At("2026-11-23T00:00:00Z")}}, 1};
  EXPECT_EQ(TextOf(GuideQuestion::kMfa, ticket),
            "passed by Authenticator on 23 November; the method is set up");
  ticket.context.mfa = {
      {{"Authenticator", At("2026-11-23T00:00:00Z")}, {"Text message", At("2026-11-09T00:00:00Z")}},
      2};
  EXPECT_EQ(TextOf(GuideQuestion::kMfa, ticket),
            "passed by Authenticator on 23 November and by Text message on 9 November; the methods "
            "are set up");
  ticket.context.mfa = {{{"satisfied by claim", At("2026-11-23T00:00:00Z")}}, 1};
  EXPECT_EQ(TextOf(GuideQuestion::kMfa, ticket),
            "passed by a claim of the session on 23 November; a method is set up, but not named");
  ticket.context.security_info_changes.total = 1;
  EXPECT_THAT(TextOf(GuideQuestion::kMfa, ticket), HasSubstr("unless the change"));
}

TEST(AnswersTest, ConditionalAccessSaysWhatRefusesOrThatNothingDoes) {
  Ticket ticket = Known(Cause::kUnexplained);
  EXPECT_EQ(TextOf(GuideQuestion::kConditionalAccess, ticket), "(open)");
  ticket.context.conditional_access = {
      .success = 13, .not_applied = 23, .unknown = 1, .failing_policies = {}};
  EXPECT_EQ(TextOf(GuideQuestion::kConditionalAccess, ticket),
            "does not block; its policies were satisfied in 13 failed sign-ins and not applied to "
            "23, and nothing is recorded for 1");
  EXPECT_FALSE(Alarms(GuideQuestion::kConditionalAccess, ticket));
  ticket.context.conditional_access = {
      .success = 30,
      .failure = 7,
      .failing_policies = {{{"Require MFA", 6}, {"Block legacy", 2}}, 2}};
  EXPECT_EQ(TextOf(GuideQuestion::kConditionalAccess, ticket),
            "refused 7 of 37 failed sign-ins, by Require MFA (6) and Block legacy (2); no policy "
            "was changed in the 24 hours before");
  EXPECT_TRUE(Alarms(GuideQuestion::kConditionalAccess, ticket));
  ticket.context.policy_changes = FullTenantContext().policy_changes;
  EXPECT_THAT(TextOf(GuideQuestion::kConditionalAccess, ticket),
              HasSubstr("; policies were changed: Update conditional access policy Require MFA on "
                        "2026-11-24 08:50:00 UTC by admin@contoso.example"));
}

// Which program fails still, and which has stopped: by its last failure and the burst's last.
TEST(AnswersTest, ProgramsAreThoseThatFailStillAndThoseThatStopped) {
  Ticket ticket = Known(Cause::kUnexplained);
  EXPECT_EQ(TextOf(GuideQuestion::kPrograms, ticket), "(open)") << "no times";
  ticket.apps.shown[0].last_event_time = ticket.last_event_time;
  ticket.apps.shown[1].last_event_time = ticket.last_event_time - std::chrono::minutes(10);
  EXPECT_EQ(TextOf(GuideQuestion::kPrograms, ticket),
            "Outlook Mobile (20) still fails; Teams (17) stopped on 2026-11-24 09:08:05 UTC");
  ticket.apps.shown[1].last_event_time += Duration(1);
  EXPECT_EQ(TextOf(GuideQuestion::kPrograms, ticket),
            "Outlook Mobile (20) and Teams (17) still fail");
  ticket.state = TicketState::kResolved;
  ticket.apps.total = 4;
  EXPECT_EQ(TextOf(GuideQuestion::kPrograms, ticket),
            "Outlook Mobile (20) and Teams (17) failed to the end; 2 more failed");
}

// Help begins with what fails still, though another program failed more often.
TEST(AnswersTest, RunbookBeginsWithTheProgramThatFailsStill) {
  Ticket ticket = Known(Cause::kPasswordChanged);
  ticket.apps.shown[0].last_event_time = ticket.first_event_time;
  ticket.apps.shown[1].last_event_time = ticket.last_event_time;
  EXPECT_THAT(RunbookText(ticket), HasSubstr("Begin with Teams (app id app-2)"));
}

TEST(AnswersTest, SessionSaysTheTwoPlaces) {
  Ticket ticket = Known(Cause::kUnexplained);
  EXPECT_EQ(TextOf(GuideQuestion::kSession, ticket), "(open)");
  ticket.context.sessions_total = 4;
  EXPECT_EQ(TextOf(GuideQuestion::kSession, ticket),
            "none of the 4 sessions was used from two countries");
  ticket.context.sessions_elsewhere = FullUserContext().sessions_elsewhere;
  EXPECT_EQ(TextOf(GuideQuestion::kSession, ticket),
            "one was used from two places, 203.0.113.0/24 in DE from 2026-11-24 09:00:00 UTC (30) "
            "and 198.51.100.0/24 in BR from 2026-11-24 09:04:00 UTC (3); theft, or a VPN");
}

TEST(AnswersTest, RiskSaysRatingsAndEvents) {
  Ticket ticket = Known(Cause::kUnexplained);
  EXPECT_EQ(TextOf(GuideQuestion::kRisk, ticket), "(open)");
  ticket.context.sign_in_risk = {34, 0, 1, 2};
  EXPECT_EQ(TextOf(GuideQuestion::kRisk, ticket),
            "Entra rated 2 failed sign-ins high and 1 failed sign-in medium");
  ticket.context.risk_events = FullUserContext().risk_events;
  EXPECT_EQ(TextOf(GuideQuestion::kRisk, ticket),
            "Entra rated 2 failed sign-ins high and 1 failed sign-in medium; it reported "
            "anomalousToken on 2026-11-24 09:05:00 UTC (medium, atRisk) and unfamiliarFeatures on "
            "2026-11-24 09:06:00 UTC");
  Ticket tenant = TenantTicket(Cause::kMixed);
  tenant.context = FullTenantContext();
  EXPECT_EQ(TextOf(GuideQuestion::kRisk, tenant),
            "3 users with sign-ins rated medium or high by Entra");
}

TEST(AnswersTest, SynchronisationThatRunsAndThatIsLate) {
  Ticket ticket = Known(Cause::kUnexplained);
  EXPECT_EQ(TextOf(GuideQuestion::kSync, ticket), "(open)");
  EXPECT_THAT(RunbookTitles(ticket),
              testing::Contains("Hybrid tenants: check the synchronisation"));
  ticket.context.sync = FullUserContext().sync;
  EXPECT_EQ(TextOf(GuideQuestion::kSync, ticket),
            "works; 12 password changes came in from 24 hours before the burst to its end, the "
            "last on 2026-11-24 08:58:12 UTC");
  EXPECT_THAT(RunbookTitles(ticket),
              Not(testing::Contains("Hybrid tenants: check the synchronisation")));
  EXPECT_TRUE(Alarms(GuideQuestion::kSync, Known(Cause::kSyncDelay)));
}

// A step asks only what the records leave open.
TEST(AnswersTest, RunbookAsksOnlyWhatIsOpen) {
  Ticket ticket = Known(Cause::kPasswordChanged);
  EXPECT_THAT(RunbookText(ticket),
              AllOf(HasSubstr("Check the user, MFA and Conditional Access in the Entra"),
                    HasSubstr("MFA: not seen in the days before the burst. Authentication "
                              "methods: MFA is set up"),
                    HasSubstr("no Conditional Access policy blocks the MFA prompt")));
  ticket.context.mfa = {{{"Authenticator", At("2026-11-23T00:00:00Z")}}, 1};
  EXPECT_THAT(RunbookText(ticket),
              AllOf(HasSubstr("Check the user and Conditional Access in the Entra"),
                    HasSubstr("MFA: passed by Authenticator on 23 November; the method is set up. "
                              "That is what the user's own successful sign-ins say."),
                    Not(HasSubstr("Get-MgUserAuthenticationMethod"))));
  ticket.context.conditional_access = {.success = 37, .failing_policies = {}};
  EXPECT_THAT(
      RunbookText(ticket),
      AllOf(HasSubstr("Check the user in the Entra"),
            HasSubstr("Conditional Access: does not block; its policies were satisfied in 37 "
                      "failed sign-ins. That is what the failed sign-ins themselves say."),
            Not(HasSubstr("What If"))));
  ticket.context.conditional_access = {.failure = 37, .failing_policies = {}};
  EXPECT_THAT(RunbookText(ticket),
              AllOf(HasSubstr("Check the user and Conditional Access in the Entra"),
                    HasSubstr("Conditional Access: refused 37 of 37 failed sign-ins")));
}

TEST(AnswersTest, TenantRunbookAsksOnlyWhatIsOpen) {
  Ticket ticket = TenantTicket(Cause::kPasswordResetByAdmin);
  EXPECT_THAT(RunbookTitles(ticket),
              testing::Contains("Check MFA and Conditional Access for the tenant"));
  ticket.context.conditional_access = {.success = 37, .failing_policies = {}};
  ticket.context.sync = FullTenantContext().sync;
  EXPECT_THAT(
      RunbookTitles(ticket),
      AllOf(testing::Contains("Check MFA for the tenant"),
            testing::Contains("Synchronisation works: nothing to do unless changes are missing")));
  ticket.context.conditional_access = {.failure = 37, .failing_policies = {}};
  EXPECT_THAT(RunbookText(ticket),
              AllOf(HasSubstr("Check MFA and Conditional Access for the tenant"),
                    HasSubstr("refused 37 of 37 failed sign-ins")));
}

// Where a session or Entra points to somebody else, the sources are judged, whatever the cause.
TEST(AnswersTest, StolenSessionIsJudgedThoughThePasswordWasChanged) {
  Ticket ticket = Known(Cause::kPasswordChanged);
  EXPECT_THAT(RunbookTitles(ticket), Not(testing::Contains("Judge where the failures came from")));
  ticket.findings.session_elsewhere = true;
  ticket.context.sessions_elsewhere = FullUserContext().sessions_elsewhere;
  EXPECT_EQ(RunbookTitles(ticket).front(), "Judge where the failures came from");
  EXPECT_THAT(TicketRunbook(ticket).front().detail,
              HasSubstr("Sessions: one was used from two places, 203.0.113.0/24 in DE"));
  EXPECT_THAT(TicketTitle(ticket), HasSubstr("(session in two places)"));
  EXPECT_THAT(TicketSummary(ticket), HasSubstr("A session was used from two places, so it may be "
                                               "stolen; the burst is still open."));
}

TEST(AnswersTest, SummarySaysWhatAlarmsAndHowMfaWasPassed) {
  Ticket ticket = Known(Cause::kUnexplained);
  ticket.context = FullUserContext();
  ticket.findings = {.risk_detected = true, .security_info_changed = true};
  EXPECT_THAT(TicketSummary(ticket),
              AllOf(HasSubstr("MFA: passed by Mobile app notification on 23 November"),
                    HasSubstr("Conditional Access: refused 2 of 37 failed sign-ins"),
                    HasSubstr("Risk: Entra rated 2 failed sign-ins high"),
                    HasSubstr("Security info: User registered security info on 2026-11-24 "
                              "08:55:00 UTC by ada@contoso.example"),
                    Not(HasSubstr("Synchronisation:"))));
}

TEST(AnswersTest, QuestionsHaveTheirNames) {
  std::vector<std::string> names;
  for (int i = 0; i < kGuideQuestionCount; ++i) {
    names.emplace_back(GuideQuestionName(static_cast<GuideQuestion>(i)));
  }
  EXPECT_THAT(names, ElementsAre("password", "mfa", "conditional_access", "sync", "programs",
                                 "session", "risk", "security_info"));
}

// Names of records stay on their line and are cut, and a per cent sign in them fills in nothing.
TEST(AnswersTest, NamesFromRecordsStayText) {
  Ticket ticket = Known(Cause::kUnexplained);
  ticket.context = FullUserContext();
  const std::string hostile = "%who%\n\u202e" + std::string(200, 'x');
  ticket.context.mfa.shown[0].value = hostile;
  ticket.context.conditional_access.failing_policies.shown[0].value = hostile;
  ticket.context.policy_changes.shown[0].policy = hostile;
  ticket.context.security_info_changes.shown[0].actor = hostile;
  ticket.context.risk_events.shown[0].type = hostile;
  ticket.context.home_tenant_id = hostile;
  for (const GuideAnswer& answer : TicketAnswers(ticket)) {
    EXPECT_THAT(answer.text, Not(HasSubstr("\n"))) << GuideQuestionName(answer.question);
    EXPECT_THAT(answer.text, Not(HasSubstr("\u202e"))) << GuideQuestionName(answer.question);
    EXPECT_THAT(answer.text, Not(HasSubstr(std::string(81, 'x'))));
  }
  EXPECT_THAT(RunbookText(ticket), HasSubstr("MFA: passed by %who%"));
}

}  // namespace answers_test
}  // namespace signinwatch::words
