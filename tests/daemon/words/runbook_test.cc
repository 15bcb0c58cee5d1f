// Each test tells what a help desk or a SOC reads: which steps, in which order, with which words.
#include "daemon/words/runbook.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/words/ticket_summary.h"
#include "detectors/ticket.h"
#include "tests/daemon/words/sample_tickets.h"

namespace signinwatch::words {
namespace runbook_test {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string TitleLine(const RunbookStep& step) { return Lower(step.title); }
std::string Text(const RunbookStep& step) { return Lower(step.title + "\n" + step.detail); }
std::string Text(const std::vector<RunbookStep>& steps) {
  std::string text;
  for (const RunbookStep& step : steps) text += Text(step) + "\n";
  return text;
}

// The first step whose title has the word, counted from 0; steps.size() if none.
size_t Find(const std::vector<RunbookStep>& steps, std::string_view word) {
  const auto has = [&](const RunbookStep& s) {
    return TitleLine(s).find(word) != std::string::npos;
  };
  return static_cast<size_t>(std::find_if(steps.begin(), steps.end(), has) - steps.begin());
}

// Words of titles that must be found one behind the other.
void ExpectOrder(const std::vector<RunbookStep>& steps, const std::vector<std::string>& words) {
  size_t from = 0;
  for (const std::string& word : words) {
    size_t i = from;
    while (i < steps.size() && TitleLine(steps[i]).find(word) == std::string::npos) ++i;
    EXPECT_LT(i, steps.size()) << "no step \"" << word << "\" behind step " << from;
    from = i + 1;
  }
}

bool OfGuest(const Ticket& t) { return t.cause == Cause::kHomeTenant; }
bool ContainsFirst(const Ticket& t) {
  return t.findings.unfamiliar_source || t.cause == Cause::kUnexplained;
}

class EveryRunbookTest : public ::testing::TestWithParam<TicketCase> {
 protected:
  EveryRunbookTest() : ticket_(MakeTicket(GetParam().scope, GetParam().cause)) {
    ticket_.findings = GetParam().findings;
    steps_ = TicketRunbook(ticket_);
  }
  Ticket ticket_;
  std::vector<RunbookStep> steps_;
};

// SPEC 7: what the guide to AADSTS50132 asks for is in every runbook.
TEST_P(EveryRunbookTest, CoversTheGuide) {
  const std::string text = Text(steps_);
  EXPECT_THAT(text, HasSubstr("whether"));
  EXPECT_THAT(text, AllOf(HasSubstr("changed"), HasSubstr("expired")));
  EXPECT_THAT(text, AllOf(HasSubstr("entra admin center"), HasSubstr("mfa is set up"),
                          HasSubstr("no conditional access policy blocks the mfa prompt")));
  for (const char* place :
       {"mail clients", "phones", "credential manager", "scripts", "services"}) {
    EXPECT_THAT(text, HasSubstr(place));
  }
  EXPECT_THAT(text, AllOf(HasSubstr("sign out everywhere"), HasSubstr("cache and cookies"),
                          HasSubstr("new password")));
  if (!OfGuest(ticket_) || ticket_.scope == GroupBy::kTenant) {  // else it is another tenant's
    EXPECT_THAT(text, AllOf(HasSubstr("synchronisation"),
                            HasSubstr("start-adsyncsynccycle -policytype delta")));
  }
  EXPECT_THAT(Text(steps_.back()), AllOf(HasSubstr("escalate to technical support"),
                                         HasSubstr("evidence"), HasSubstr("this ticket"),
                                         Not(HasSubstr(kSampleTicket)), HasSubstr(kSampleTenant)));
  if (ticket_.scope == GroupBy::kTenant) {
    EXPECT_THAT(text, AllOf(HasSubstr("password policy"), HasSubstr("expiry notifications"),
                            HasSubstr("tell the users")));
  }
}

TEST_P(EveryRunbookTest, IsMadeOfWholeStepsOnce) {
  std::set<std::string> titles;
  for (const RunbookStep& step : steps_) {
    EXPECT_TRUE(titles.insert(step.title).second) << step.title;
    EXPECT_THAT(step.title, Not(HasSubstr("%")));
    EXPECT_THAT(step.detail, Not(HasSubstr("%")));  // a field that was not filled in
    EXPECT_THAT(step.detail, Not(HasSubstr("  ")));
    EXPECT_THAT(step.detail, Not(HasSubstr("\n")));
    EXPECT_FALSE(step.detail.empty());
  }
  EXPECT_GE(steps_.size(), 6u);
}

TEST_P(EveryRunbookTest, ContainsFirstWhereSomebodyElseMayHoldTheSession) {
  if (!ContainsFirst(ticket_)) {
    EXPECT_EQ(Find(steps_, "contain:"), steps_.size());
    return;
  }
  if (OfGuest(ticket_)) {
    // Revoking and resetting is the home tenant's; blocking here is all that can be done.
    EXPECT_THAT(TitleLine(steps_[0]), StartsWith("contain: block the guest"));
    EXPECT_THAT(Text(steps_),
                AllOf(Not(HasSubstr("contain: revoke")), Not(HasSubstr("contain: reset"))));
    return;
  }
  EXPECT_THAT(TitleLine(steps_[0]), StartsWith("contain: revoke"));
  EXPECT_THAT(steps_[0].detail, HasSubstr("Revoke-MgUserSignInSession"));
  EXPECT_THAT(TitleLine(steps_[1]), StartsWith("contain: reset"));
  EXPECT_THAT(TitleLine(steps_[2]), StartsWith("contain: check mfa methods"));
  EXPECT_THAT(Text(steps_), AllOf(HasSubstr("inbox rules"), HasSubstr("get-inboxrule")));
  // No step that helps comes before the last that contains.
  size_t last_contain = 0;
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (TitleLine(steps_[i]).rfind("contain:", 0) == 0) last_contain = i;
  }
  EXPECT_LE(last_contain, 3u);
  EXPECT_LT(last_contain, Find(steps_, "stored"));
  EXPECT_LT(last_contain, Find(steps_, "check mfa and conditional access"));
}

TEST_P(EveryRunbookTest, LooksForTheClientOnlyWhenTheBurstPersists) {
  const size_t client = Find(steps_, "keep");
  if (!ticket_.findings.persistent) {
    EXPECT_EQ(client, steps_.size());
    EXPECT_THAT(TitleLine(steps_.back()), HasSubstr("if it goes on"));
    return;
  }
  ASSERT_LT(client, steps_.size());
  EXPECT_GT(client, 0u);
  EXPECT_LT(client, Find(steps_, "stored"));
  EXPECT_THAT(steps_[client].detail,
              AllOf(HasSubstr("Outlook Mobile"), HasSubstr("summarize"), HasSubstr("IPAddress")));
  EXPECT_THAT(TitleLine(steps_.back()), HasSubstr("now"));
}

// Where a SOC's own reset or revocation is the cause, the burst is the expected sign of it.
TEST_P(EveryRunbookTest, SaysThatABurstAfterContainmentIsExpected) {
  const bool containment =
      ticket_.cause == Cause::kPasswordResetByAdmin || ticket_.cause == Cause::kSessionsRevoked;
  const std::string summary = TicketSummary(ticket_);
  if (containment) {
    EXPECT_THAT(Text(steps_), AllOf(HasSubstr("expected sign that"), HasSubstr("took effect")));
    EXPECT_THAT(summary, AllOf(HasSubstr("expected sign that"), HasSubstr("took effect")));
  } else {
    EXPECT_THAT(Text(steps_), Not(HasSubstr("expected sign")));
    EXPECT_THAT(summary, Not(HasSubstr("expected sign")));
  }
}

// Read by people under pressure: no sentence is long, but for those that hold a query.
TEST_P(EveryRunbookTest, IsMadeOfShortSentences) {
  constexpr size_t kWordsMax = 32;
  for (const RunbookStep& step : steps_) {
    std::istringstream words(step.detail);
    size_t count = 0;
    bool query = false;
    std::string sentence;
    for (std::string word; words >> word;) {
      ++count;
      query |= word == "summarize" || word == "union";
      sentence += word + " ";
      if (word.back() != '.' && word.back() != '?') continue;
      EXPECT_TRUE(count <= kWordsMax || query) << count << " words: " << sentence;
      count = 0;
      query = false;
      sentence.clear();
    }
  }
}

// SPEC 6.2: a revocation that stands alone may be all that is seen of a password change, so nothing
// is said of whether the password is the old one.
TEST_P(EveryRunbookTest, NeverSaysThatThePasswordIsTheSame) {
  const std::string all = Text(steps_) + Lower(TicketTitle(ticket_) + TicketSummary(ticket_));
  for (const char* claim : {"still the same", "the same password", "password as it is",
                            "password is unchanged", "not changed"}) {
    EXPECT_THAT(all, Not(HasSubstr(claim)));
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryRunbookTest, ::testing::ValuesIn(AllTicketCases()),
                         TicketCaseName);

// ---- The story of each cause ----

// The titles' words in order, and words of the step that opens the help.
struct CauseStory {
  GroupBy scope;
  Cause cause;
  std::vector<std::string> order;
  std::string opening;               // words of the title of the step that clarifies first
  std::vector<std::string> details;  // words of that step's detail
};

std::vector<CauseStory> UserStories() {
  const GroupBy user = GroupBy::kUser;
  return {
      {user,
       Cause::kPasswordChanged,
       {"confirm", "mfa and conditional access", "stored", "sign out everywhere", "hybrid",
        "escalate"},
       "the password was changed",
       {"Call ada@contoso.example", "2026-11-24 08:46:00 UTC", "expired", kSampleUser}},
      {user,
       Cause::kPasswordReset,
       {"confirm", "mfa and conditional access", "stored", "sign out everywhere", "hybrid",
        "escalate"},
       "reset the password themselves",
       {"self-service password reset on 2026-11-24 08:46:00 UTC", "verification methods"}},
      {user,
       Cause::kPasswordResetByAdmin,
       {"confirm", "mfa and conditional access", "sign out everywhere", "stored", "escalate"},
       "reset was meant",
       {"expected sign", "actor admin@contoso.example", "SOC", "temporary password"}},
      {user,
       Cause::kPasswordSynced,
       {"confirm the on-premises", "synchronisation", "stored", "sign out everywhere", "escalate"},
       "on-premises password change",
       {"2026-11-24 08:46:00 UTC", "4723", "domain"}},
      {user,
       Cause::kSyncDelay,
       {"synchronisation", "confirm the on-premises", "stored", "sign out everywhere", "escalate"},
       "start a cycle by hand",
       {"50126", "Get-ADSyncScheduler", "Start-ADSyncSyncCycle -PolicyType Delta"}},
      {user,
       Cause::kSessionsRevoked,
       {"confirm", "mfa and conditional access", "sign in again", "stored sessions", "escalate"},
       "revocation was meant",
       {"expected sign", "all that is seen of a password change", "has it expired", "disabled"}},
      {user,
       Cause::kPasswordExpired,
       {"expired", "stored", "sign out everywhere", "mfa and conditional access", "warned in time",
        "escalate"},
       "has expired",
       {"50055", "50144", "https://aka.ms/sspr"}},
      {user,
       Cause::kIncorrectPassword,
       {"who tries a wrong password", "stored", "mfa and conditional access", "escalate"},
       "wrong password",
       {"50126", "203.0.113.7", "guessing"}},
      {user,
       Cause::kHomeTenant,
       {"help desk of the home tenant", "asks of its guests", "stored", "sign out everywhere",
        "escalate"},
       "help desk of the home tenant",
       {"ada@contoso.example is a guest", "Only the home tenant's help desk can reset",
        "this tenant can do neither"}},
      {user,
       Cause::kUnexplained,
       {"revoke all sessions", "reset the password", "mfa methods", "inbox rules",
        "where the failures came from", "ask the user", "mfa and conditional access", "stored",
        "sign out everywhere", "escalate"},
       "then help",
       {"Call ada@contoso.example", "federation", "did not start"}},
      {user,
       Cause::kPending,
       {"ask the user", "mfa and conditional access", "sign out everywhere", "stored", "escalate"},
       "audit log catch up",
       {"updated by itself", "treat this ticket as unexplained"}},
      {user,
       Cause::kMixed,
       {"which cause holds", "mfa and conditional access", "stored", "escalate"},
       "which cause holds",
       {"Compare the changes"}},
  };
}

std::vector<CauseStory> TenantStories() {
  const GroupBy tenant = GroupBy::kTenant;
  return {
      {tenant,
       Cause::kPasswordChanged,
       {"confirm", "mfa and conditional access", "tell the users", "stored", "password policy",
        "escalate"},
       "why passwords were changed",
       {"at least half of the 34 users", "phishing"}},
      {tenant,
       Cause::kPasswordReset,
       {"confirm", "mfa and conditional access", "tell the users", "stored", "password policy",
        "escalate"},
       "why they reset their passwords",
       {"self-service password reset", "verification methods"}},
      {tenant,
       Cause::kPasswordResetByAdmin,
       {"confirm", "mfa and conditional access", "tell the users", "most affected users", "sign in",
        "stored", "password policy", "escalate"},
       "mass reset was meant",
       {"expected sign", "admin_reset 40, revoke 2; made by admin@contoso.example (38)"}},
      {tenant,
       Cause::kPasswordSynced,
       {"confirm the on-premises", "synchronisation", "tell the users", "stored", "password policy",
        "escalate"},
       "on-premises password changes",
       {"on-premises administrators"}},
      {tenant,
       Cause::kSyncDelay,
       {"synchronisation", "when the password was changed", "tell the users", "stored",
        "password policy", "escalate"},
       "start a cycle by hand",
       {"Start-ADSyncSyncCycle -PolicyType Delta", "Connect Health"}},
      {tenant,
       Cause::kSessionsRevoked,
       {"confirm", "mfa and conditional access", "tell the users", "sign in again", "stored",
        "password policy", "escalate"},
       "mass revocation was meant",
       {"expected sign", "all that is seen of a password change"}},
      {tenant,
       Cause::kPasswordExpired,
       {"expired", "password policy", "tell the users", "stored", "escalate"},
       "have expired",
       {"50055", "https://aka.ms/sspr"}},
      {tenant,
       Cause::kIncorrectPassword,
       {"wrong passwords", "mfa and conditional access", "stored", "password policy", "escalate"},
       "wrong passwords",
       {"password spraying", "203.0.113.7"}},
      {tenant,
       Cause::kHomeTenant,
       {"home tenants", "mfa and conditional access", "tell the users", "stored", "escalate"},
       "home tenants",
       {"at least half of the 34 users", "Only a home tenant's help desk can reset or revoke"}},
      {tenant,
       Cause::kUnexplained,
       {"revoke the sessions", "reset their passwords", "mfa methods, inbox rules",
        "where the failures came from", "ask some users", "mfa and conditional access", "stored",
        "tell the users", "password policy", "escalate"},
       "then help",
       {"federation", "MFA prompts"}},
      {tenant,
       Cause::kPending,
       {"ask some users", "mfa and conditional access", "stored", "tell the users", "escalate"},
       "audit log catch up",
       {"updated by itself"}},
      {tenant,
       Cause::kMixed,
       {"apart by cause", "mfa and conditional access", "tell the users", "stored", "escalate"},
       "apart by cause",
       {"unexplained 14", "parent_ticket_id is this ticket's id"}},
  };
}

void ExpectStories(const std::vector<CauseStory>& stories) {
  EXPECT_EQ(stories.size(), static_cast<size_t>(kCauseCount));
  std::set<std::string> runbooks;
  for (const CauseStory& story : stories) {
    SCOPED_TRACE(CauseName(story.cause));
    const auto steps = TicketRunbook(MakeTicket(story.scope, story.cause));
    ExpectOrder(steps, story.order);
    const size_t opening = Find(steps, story.opening);
    ASSERT_LT(opening, steps.size());
    for (const std::string& word : story.details) {
      EXPECT_THAT(steps[opening].detail, HasSubstr(word));
    }
    EXPECT_EQ(opening,
              story.cause == Cause::kUnexplained ? Find(steps, "failures came from") + 1 : 0u);
    EXPECT_TRUE(runbooks.insert(Text(steps)).second) << "the same as another cause's";
  }
}

TEST(RunbookTest, UserCausesTellTheirStories) { ExpectStories(UserStories()); }
TEST(RunbookTest, TenantCausesTellTheirStories) { ExpectStories(TenantStories()); }

TEST(RunbookTest, ContainmentThatWasDoneIsNamedBeforeItIsDoneAgain) {
  Ticket ticket = UserTicket(Cause::kPasswordResetByAdmin);
  ticket.findings.unfamiliar_source = true;
  const auto steps = TicketRunbook(ticket);
  EXPECT_THAT(steps[0].detail,
              StartsWith("The password was reset on 2026-11-24 08:46:00 UTC (actor "
                         "admin@contoso.example): if that was the SOC's own containment, this "
                         "burst is the expected sign that it took effect"));
  EXPECT_THAT(steps[4].detail, HasSubstr("source that is not familiar"));
}

TEST(RunbookTest, FillsInWhatTheTicketKnows) {
  const auto steps = TicketRunbook(UserTicket(Cause::kUnexplained));
  EXPECT_THAT(steps[0].detail,
              HasSubstr(std::string("Revoke-MgUserSignInSession -UserId ") + kSampleUser + ","));
  EXPECT_THAT(steps.back().detail,
              HasSubstr("where CreatedDateTime between (datetime(2026-11-24T09:00:00.000000Z) .. "
                        "datetime(2026-11-24T09:18:05.000001Z)) and UserId == \"" +
                        std::string(kSampleUser) + "\" and ResultType in (\"50132\", \"50173\")"));
  EXPECT_THAT(steps.back().detail,
              HasSubstr("the 2 sign-in records whose ids are listed under evidence"));
  EXPECT_THAT(TicketRunbook(TenantTicket(Cause::kPending)).back().detail,
              HasSubstr(std::string("AADTenantId == \"") + kSampleTenant + "\""));
}

TEST(RunbookTest, SaysNothingOfWhatTheTicketLacks) {
  for (const GroupBy scope : {GroupBy::kUser, GroupBy::kTenant}) {
    for (int cause = 0; cause < kCauseCount; ++cause) {
      Ticket bare = MakeTicket(scope, static_cast<Cause>(cause));
      bare.findings = {true, true};
      bare.apps = bare.countries = bare.ip_addresses = bare.users = {};
      bare.changes.clear();
      bare.users_by_cause.clear();
      bare.changes_by_kind.clear();
      bare.changes_by_actor.clear();
      bare.evidence.clear();
      for (const RunbookStep& step : TicketRunbook(bare)) {
        EXPECT_THAT(step.detail, Not(AnyOf(HasSubstr("  "), HasSubstr(" . "), HasSubstr(" ,"),
                                           HasSubstr("came from:"), HasSubstr("came through"),
                                           HasSubstr("Most affected"))))
            << step.title;
      }
      EXPECT_THAT(TicketSummary(bare), Not(AnyOf(HasSubstr("()"), HasSubstr("  "))));
    }
  }
}

// An application of Microsoft's that revokes many users' tokens is Microsoft's trouble: to look at
// the service health first spares an incident of one's own.
TEST(RunbookTest, RevocationsByAnApplicationBeginWithServiceHealth) {
  const char* const title = "Check service health, and the application that revoked the sessions";
  Ticket ticket = TenantTicket(Cause::kSessionsRevoked);
  EXPECT_NE(TicketRunbook(ticket)[0].title, title) << "an administrator is named";
  ticket.changes_by_actor = {{"MACE Credential Revocation", "", 20},
                             {"admin@contoso.example", "", 1}};
  const RunbookStep first = TicketRunbook(ticket)[0];
  EXPECT_EQ(first.title, title);
  EXPECT_THAT(first.detail,
              AllOf(HasSubstr("made by MACE Credential Revocation (20)"),
                    HasSubstr("Health > Service health"), HasSubstr("Microsoft Applications"),
                    HasSubstr("AppOwnerOrganizationId")));
  ticket.changes_by_actor.clear();
  EXPECT_THAT(TicketRunbook(ticket)[0].detail, StartsWith("No actor is recorded."));
  // Also among other causes, when it hit many.
  ticket.cause = Cause::kMixed;
  EXPECT_EQ(TicketRunbook(ticket)[0].title, title);
  ticket.users_by_cause[Cause::kSessionsRevoked] = 9;
  EXPECT_NE(TicketRunbook(ticket)[0].title, title);
  // A user's own ticket names its one change and its actor.
  EXPECT_EQ(TicketRunbook(UserTicket(Cause::kSessionsRevoked))[0].title,
            "Confirm that the revocation was meant");
}

TEST(RunbookTest, GuestsAreSentHome) {
  const struct {
    const char* name;
    const char* home;
  } cases[] = {
      {"kim_partner.example#EXT#@contoso.example", "the home tenant is partner.example. Only"},
      {"kim_a_partner.example#ext#@contoso.example", "the home tenant is partner.example. Only"},
      {"kim@contoso.example", "another tenant. Only"},
      {"kim#EXT#@contoso.example", "another tenant. Only"},
      {"kim_$(calc)#EXT#@contoso.example", "another tenant. Only"},
  };
  for (const auto& c : cases) {
    Ticket ticket = UserTicket(Cause::kHomeTenant);
    ticket.user_principal_name = c.name;
    EXPECT_THAT(TicketRunbook(ticket)[0].detail, HasSubstr(c.home)) << c.name;
  }
}

TEST(RunbookTest, UsersOfATenantAreNamedWithTheirCauses) {
  Ticket ticket = TenantTicket(Cause::kMixed);
  ticket.users.shown[0].cause = Cause::kUnexplained;
  ticket.users.shown[1].cause = Cause::kPasswordChanged;
  const auto steps = TicketRunbook(ticket);
  EXPECT_THAT(steps[0].detail,
              HasSubstr("Unexplained among the most affected: ada@contoso.example (9). Begin"));
  EXPECT_THAT(Text(steps), HasSubstr("with their failures and causes: ada@contoso.example (9, "
                                     "unexplained), id-2 (8, password_changed) and 32 more."));
}

// What helped people in the field, each with what to type or click.
TEST(RunbookTest, KnowsWhatHelpedElsewhere) {
  Ticket persistent = UserTicket(Cause::kPasswordResetByAdmin);
  persistent.findings.persistent = true;
  const std::string reset = Text(TicketRunbook(persistent));
  EXPECT_THAT(reset, AllOf(HasSubstr("~/.azure"), HasSubstr("microsoft.aad.brokerplugin"),
                           HasSubstr("az logout"), HasSubstr("stale cookies")));
  EXPECT_THAT(reset, AllOf(HasSubstr("fix connection"), HasSubstr("teams rooms")));
  EXPECT_THAT(reset, AllOf(HasSubstr("without password writeback"), HasSubstr("backup product"),
                           HasSubstr("where the token was first issued")));
}

// A user known by name only is addressed by it.
TEST(RunbookTest, UsersKnownByNameAreCommandedByName) {
  Ticket ticket = UserTicket(Cause::kUnexplained);
  ticket.user_id.clear();
  const auto steps = TicketRunbook(ticket);
  EXPECT_THAT(steps[0].detail, HasSubstr("-UserId ada@contoso.example,"));
  EXPECT_THAT(steps.back().detail, HasSubstr("UserPrincipalName =~ \"ada@contoso.example\""));
}

// People paste commands from runbooks; a name that a shell would run is not put into one.
TEST(RunbookTest, NamesThatAShellWouldRunStayOutOfCommands) {
  for (const char* hostile : {"a; Remove-Item C:", "$(calc)", "a\" or true //", "-Force", "a b",
                              "a\nb", "a`b", "a|b", "a&b", "\xc3\xa4"}) {
    Ticket ticket = UserTicket(Cause::kUnexplained);
    ticket.user_id = ticket.user_principal_name = ticket.tenant_id = hostile;
    const auto steps = TicketRunbook(ticket);
    EXPECT_THAT(steps[0].detail, HasSubstr("-UserId <object id of the user>,")) << hostile;
    EXPECT_THAT(steps.back().detail, HasSubstr("UserId == \"<object id of the user>\"")) << hostile;
    EXPECT_THAT(steps.back().detail, HasSubstr("tenant <tenant id>")) << hostile;
  }
  Ticket guest = UserTicket(Cause::kUnexplained);
  guest.user_id = "user1";
  guest.user_principal_name = "ada_fabrikam.example#EXT#@contoso.example";
  EXPECT_THAT(TicketRunbook(guest)[0].detail, HasSubstr("-UserId user1,"));
  guest.user_id.clear();
  EXPECT_THAT(TicketRunbook(guest)[0].detail, HasSubstr("-UserId ada_fabrikam.example#EXT#@"));
}

// A name with a per cent sign is no field.
TEST(RunbookTest, ValuesAreNotFilledInTwice) {
  Ticket ticket = UserTicket(Cause::kPasswordChanged);
  ticket.user_principal_name = "100%query% ada";
  EXPECT_THAT(TicketRunbook(ticket)[0].detail, HasSubstr("Call 100%query% ada on"));
}

}  // namespace runbook_test
}  // namespace signinwatch::words
