#include "daemon/words/ticket_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "detectors/ticket.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::words {
namespace ticket_summary_test {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class EverySummaryTest : public ::testing::TestWithParam<TicketCase> {
 protected:
  EverySummaryTest() : ticket_(MakeTicket(GetParam().scope, GetParam().cause)) {
    ticket_.findings = GetParam().findings;
  }
  Ticket ticket_;
};

TEST_P(EverySummaryTest, TitleIsOneLineAboutTheCase) {
  const std::string title = TicketTitle(ticket_);
  EXPECT_THAT(title, Not(HasSubstr("\n")));
  EXPECT_THAT(title,
              HasSubstr(ticket_.scope == GroupBy::kUser ? "ada@contoso.example" : kSampleTenant));
  EXPECT_EQ(title.find("unfamiliar source") != std::string::npos,
            ticket_.findings.unfamiliar_source);
  EXPECT_EQ(title.find("persistent") != std::string::npos, ticket_.findings.persistent);
}

TEST_P(EverySummaryTest, SummaryIsSomeSentencesOfFacts) {
  const std::string summary = TicketSummary(ticket_);
  EXPECT_THAT(summary, AllOf(HasSubstr("37 failed sign-ins"), HasSubstr("50132 (30), 50173 (7)"),
                             HasSubstr("between 2026-11-24 09:00:00 and 09:18:05 UTC")));
  size_t sentences = 0;
  for (size_t i = 0; i < summary.size(); ++i) {
    sentences += summary[i] == '.' && (i + 1 == summary.size() || summary[i + 1] == ' ');
  }
  // A revocation says in a fourth what it may be all that is seen of.
  EXPECT_EQ(sentences, ticket_.cause == Cause::kSessionsRevoked ? 4u : 3u) << summary;
  EXPECT_EQ(summary.find("nfamiliar") != std::string::npos, ticket_.findings.unfamiliar_source);
  EXPECT_EQ(summary.find("persist") != std::string::npos, ticket_.findings.persistent);
}

INSTANTIATE_TEST_SUITE_P(All, EverySummaryTest, ::testing::ValuesIn(AllTicketCases()),
                         TicketCaseName);

TEST(TicketTitleTest, TellsWhatWhoAndWhy) {
  EXPECT_EQ(TicketTitle(UserTicket(Cause::kPasswordResetByAdmin)),
            "Sign-ins of ada@contoso.example fail after a password reset by an administrator");
  Ticket resolved = UserTicket(Cause::kUnexplained);
  resolved.state = TicketState::kResolved;
  resolved.findings = {true, true};
  EXPECT_EQ(TicketTitle(resolved),
            "Sign-ins of ada@contoso.example failed, and no password change explains it "
            "(unfamiliar source, persistent)");
  EXPECT_EQ(TicketTitle(UserTicket(Cause::kHomeTenant)),
            "Sign-ins of ada@contoso.example fail, and only the guest's home tenant can say why");
  EXPECT_EQ(TicketTitle(TenantTicket(Cause::kSyncDelay)),
            std::string("Sign-ins of 34 users of tenant ") + kSampleTenant +
                " fail mostly after password changes were synchronised late");
  Ticket one = TenantTicket(Cause::kMixed);
  one.distinct_users = 1;
  EXPECT_THAT(TicketTitle(one), StartsWith("Sign-ins of 1 user of tenant "));
  one.distinct_users = 0;
  EXPECT_THAT(TicketTitle(one), StartsWith("Sign-ins of tenant "));
}

TEST(TicketTitleTest, NamesAreCutBetweenCharactersAndStayInOneLine) {
  const struct {
    std::string name;
    std::string shown;
  } kCases[] = {
      {std::string(80, 'a'), std::string(80, 'a')},
      {std::string(81, 'a'), std::string(77, 'a') + "..."},
      // The 77th byte would cut an e acute or a face in two.
      {std::string(76, 'a') + "\xc3\xa9\xc3\xa9\xc3\xa9", std::string(76, 'a') + "..."},
      {std::string(74, 'a') + "\xf0\x9f\x98\x80\xf0\x9f\x98\x80", std::string(74, 'a') + "..."},
      {"a\nb\r\tc\x7f", "a b  c "},
      {"a\xe2\x80\xa8z\xc2\x85z\xe2\x80\xaez\xe2\x81\xa6z", "a z z z z"},
      {"\xe2\x82\xac\xc3\xa4", "\xe2\x82\xac\xc3\xa4"},
  };
  for (const auto& c : kCases) {
    Ticket ticket = UserTicket(Cause::kPending);
    ticket.user_principal_name = c.name;
    EXPECT_THAT(TicketTitle(ticket), StartsWith("Sign-ins of " + c.shown + " fail"));
  }
}

TEST(TicketTitleTest, UserWithoutANameIsShownById) {
  Ticket ticket = UserTicket(Cause::kPending);
  ticket.user_principal_name.clear();
  EXPECT_THAT(TicketTitle(ticket), HasSubstr(kSampleUser));
}

TEST(TicketSummaryTest, TellsTheUsersStory) {
  EXPECT_EQ(TicketSummary(UserTicket(Cause::kPasswordResetByAdmin)),
            "37 failed sign-ins of ada@contoso.example between 2026-11-24 09:00:00 and 09:18:05 "
            "UTC, by code 50132 (30), 50173 (7). The password was reset by an administrator on "
            "2026-11-24 08:46:00 UTC (actor admin@contoso.example), 14 minutes before the first "
            "failure: the burst is the expected sign that the reset took effect. The burst is "
            "still open.");
}

TEST(TicketSummaryTest, TellsTheTenantsStory) {
  Ticket ticket = TenantTicket(Cause::kPasswordChanged);
  ticket.state = TicketState::kResolved;
  ticket.resolution = Resolution::kReauthenticated;
  EXPECT_EQ(TicketSummary(ticket),
            "37 failed sign-ins of 34 users of tenant 11111111-2222-3333-4444-555555555555 between "
            "2026-11-24 09:00:00 and 09:18:05 UTC, by code 50132 (30), 50173 (7). The cause is "
            "password_changed for at least half of the users (users by cause: password_changed "
            "20, unexplained 14); changes in the tenant from 24 hours before: admin_reset 40, "
            "revoke 2, by admin@contoso.example (38). Resolved: at least half of the users "
            "signed in again.");
}

TEST(TicketSummaryTest, TellsHowItEnded) {
  Ticket ticket = UserTicket(Cause::kPasswordChanged);
  ticket.findings = {true, true};
  EXPECT_THAT(
      TicketSummary(ticket),
      EndsWith("Some failures came from a source that is unfamiliar for the user, so somebody "
               "else may hold the session; the failures persist or keep coming back; the "
               "burst is still open."));
  ticket.findings = {};
  ticket.state = TicketState::kResolved;
  ticket.resolution = Resolution::kQuiet;
  EXPECT_THAT(TicketSummary(ticket), EndsWith(" Resolved: the failures stopped."));
  ticket.resolution = Resolution::kReauthenticated;
  ticket.reauthenticated_at = At("2026-11-24T09:20:00.5Z");
  EXPECT_THAT(TicketSummary(ticket),
              EndsWith(" Resolved: the user signed in again at 2026-11-24 09:20:00 UTC."));
  ticket.state = TicketState::kMerged;
  ticket.merged_into = "other";
  EXPECT_THAT(TicketSummary(ticket), EndsWith(" Merged into ticket other."));
}

TEST(TicketSummaryTest, CountsInSingularAndPlural) {
  Ticket ticket = UserTicket(Cause::kPending);
  ticket.event_count = 1;
  ticket.codes = {{50132, 1}};
  ticket.last_event_time = ticket.first_event_time;
  EXPECT_THAT(TicketSummary(ticket),
              StartsWith("1 failed sign-in of ada@contoso.example at 2026-11-24 09:00:00 UTC, by "
                         "code 50132 (1). "));
  ticket.reopened = 1;
  ticket.total_event_count = 12;
  EXPECT_THAT(TicketSummary(ticket), HasSubstr("(reopened 1 time, 12 failed sign-ins in all)"));
  ticket.reopened = 2;
  EXPECT_THAT(TicketSummary(ticket), HasSubstr("(reopened 2 times, "));
  ticket.last_event_time = At("2026-11-25T00:00:01Z");
  EXPECT_THAT(TicketSummary(ticket),
              HasSubstr("between 2026-11-24 09:00:00 UTC and 2026-11-25 00:00:01 UTC"));
}

TEST(TicketSummaryTest, TellsAgesInWords) {
  const struct {
    int64_t age_seconds;
    const char* words;
  } kCases[] = {
      {0, "within a second of the first failure"},
      {1, "1 second before the first failure"},
      {59, "59 seconds before"},
      {60, "1 minute before"},
      {61, "1 minute 1 second before"},
      {840, "14 minutes before"},
      {7'500, "2 hours 5 minutes before"},
      {86'400, "1 day before"},
      {86'459, "1 day before"},
      {30 * 86'400 - 1, "29 days 23 hours before"},
      {-42, "42 seconds after the first failure"},
      {-300, "5 minutes after the first failure"},
  };
  for (const auto& c : kCases) {
    Ticket ticket = UserTicket(Cause::kPasswordChanged);
    ticket.changes[0].age_seconds = c.age_seconds;
    EXPECT_THAT(TicketSummary(ticket), HasSubstr(std::string(", ") + c.words));
  }
}

// SPEC 6.2: the latest that is no revocation, else the latest revocation; of one time the
// strongest. What was made during the burst, and force_change, decide nothing.
TEST(TicketSummaryTest, NamesTheChangeThatDecided) {
  const auto change = [](std::string_view minute, ChangeKind kind, std::string actor) {
    return Change("2026-11-24T08:" + std::string(minute) + ":00Z", kind, 60, std::move(actor));
  };
  TicketChange during = change("59", ChangeKind::kAdminReset, "during");
  during.during = true;
  const struct {
    Cause cause;
    std::vector<TicketChange> changes;
    const char* actor;
  } kCases[] = {
      {Cause::kPasswordChanged,
       {change("10", ChangeKind::kAdminReset, "older"), change("20", ChangeKind::kChange, "latest"),
        during},
       "latest"},
      {Cause::kPasswordResetByAdmin,
       {change("10", ChangeKind::kAdminReset, "reset"), change("20", ChangeKind::kRevoke, "after")},
       "reset"},
      {Cause::kSessionsRevoked,
       {change("10", ChangeKind::kRevoke, "first"), change("20", ChangeKind::kRevoke, "second"),
        change("30", ChangeKind::kForceChange, "force")},
       "second"},
      {Cause::kPasswordResetByAdmin,
       {change("10", ChangeKind::kChange, "weak"), change("10", ChangeKind::kAdminReset, "strong")},
       "strong"},
  };
  for (const auto& c : kCases) {
    Ticket ticket = UserTicket(c.cause);
    ticket.changes = c.changes;
    EXPECT_THAT(TicketSummary(ticket), HasSubstr(std::string("(actor ") + c.actor + ")"));
  }
}

TEST(TicketSummaryTest, SaysWhenNoActorIsRecorded) {
  Ticket ticket = UserTicket(Cause::kSessionsRevoked);
  ticket.changes[0].actor.clear();
  EXPECT_THAT(TicketSummary(ticket),
              HasSubstr("revoked on 2026-11-24 08:46:00 UTC (actor not recorded), 14 minutes"));
}

// A change is listed, but the burst was not explained by it: the summary does not name it.
TEST(TicketSummaryTest, UnexplainedBurstsNameNoChange) {
  Ticket ticket = UserTicket(Cause::kUnexplained);
  ticket.changes = {Change("2026-11-24T08:46:00Z", ChangeKind::kForceChange, 840, "admin")};
  EXPECT_THAT(TicketSummary(ticket), Not(HasSubstr("admin")));
}

TEST(TicketSummaryTest, ShowsTheMostFrequentOfManyCodes) {
  Ticket ticket = UserTicket(Cause::kPending);
  ticket.codes.clear();
  for (int i = 0; i < 8; ++i) ticket.codes[50000 + i] = static_cast<uint64_t>(i + 1);
  EXPECT_THAT(
      TicketSummary(ticket),
      HasSubstr("by code 50007 (8), 50006 (7), 50005 (6), 50004 (5), 50003 (4) and 3 more"));
}

}  // namespace ticket_summary_test
}  // namespace signinwatch::words
