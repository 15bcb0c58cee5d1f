// What a receiver of tickets may count on (SPEC 7): ids, the order of sending, the pace, the end.
// tests/oracle/receiver.h holds the same against random streams.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/detectors/detector_driver.h"
#include "tests/detectors/moments.h"

namespace signinwatch {
namespace detector_receiver_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::AnyOf;

DetectionConfig OneUserRule(Duration max_duration) {
  DetectionConfig config;
  config.rules = {{.name = "users",
                   .codes = {50132},
                   .window = minutes(10),
                   .threshold = 3,
                   .quiet = minutes(10),
                   .max_duration = max_duration}};
  return config;
}

// ------------------------------------------------------------------------------------------- pace

// A look that finds nothing must not hold up what comes after it.
TEST(DetectorPaceTest, ChangeIsSentAsSoonAsAMinuteHasPassedSinceTheLastRevision) {
  DetectorDriver driver;
  driver.Burst(minutes(0), 10, seconds(1));
  ASSERT_EQ(driver.Reasons(), "opened");
  driver.Apply(SignIn{.at = seconds(65), .device = "device2"});
  driver.Apply(SignIn{.at = seconds(70), .device = "device3"});
  ASSERT_EQ(driver.Reasons(), "opened") << "another device changes nothing";
  driver.Apply(Audit{.at = seconds(79)});
  ASSERT_EQ(driver.Reasons(), "opened cause_changed") << "70 s after the last revision";
  EXPECT_EQ(driver.revisions().back().cause, Cause::kPasswordResetByAdmin);
}

TEST(DetectorPaceTest, ChangeWithinTheMinuteIsSentWhenItIsOver) {
  DetectorDriver driver;
  driver.Burst(minutes(0), 10, seconds(0));
  driver.Apply(Audit{.at = seconds(10)});
  driver.SetMoment(minutes(1) - kTick);
  driver.AdvanceTo(-minutes(30));
  ASSERT_EQ(driver.Reasons(), "opened");
  driver.SetMoment(minutes(1));
  driver.AdvanceTo(-minutes(30));
  EXPECT_EQ(driver.Reasons(), "opened cause_changed");
}

// The wrong passwords came before the burst grew to reach them.
TEST(DetectorPaceTest, FailureThatReachesWrongPasswordsChangesTheCause) {
  DetectorDriver driver;
  driver.Burst(minutes(0), 10, seconds(0));
  for (int i = 0; i < 5; ++i) driver.Apply(SignIn{.at = minutes(5) + seconds(i), .code = 50126});
  ASSERT_EQ(driver.Reasons(), "opened") << "they are after the burst's end";
  driver.Apply(SignIn{.at = minutes(6)});
  ASSERT_EQ(driver.Reasons(), "opened cause_changed");
  EXPECT_EQ(driver.revisions().back().cause, Cause::kIncorrectPassword);
}

TEST(DetectorPaceTest, RevisionAfterTheResolutionWaitsForItsMinuteToo) {
  DetectorDriver driver;
  driver.SetMoment(minutes(0));
  driver.Burst(minutes(0), 10, seconds(0));
  driver.SetMoment(seconds(30));
  driver.Apply(SignIn{.at = seconds(20), .device = "device2"});  // a look when the minute is over
  driver.SetMoment(seconds(50));
  driver.AdvanceTo(minutes(20));
  ASSERT_EQ(driver.Reasons(), "opened resolved");
  driver.Apply(Audit{.at = -minutes(1)});
  driver.SetMoment(seconds(110) - kTick);
  driver.AdvanceTo(minutes(20));
  EXPECT_EQ(driver.Reasons(), "opened resolved");
  driver.SetMoment(seconds(110));
  driver.AdvanceTo(minutes(20));
  EXPECT_EQ(driver.Reasons(), "opened resolved cause_changed");
}

// While catching up, days of event time pass within a minute of the clock.
TEST(DetectorPaceTest, RevisionThatWaitsOutlivesItsBurst) {
  DetectorDriver driver;
  driver.SetMoment(minutes(0));
  driver.Burst(minutes(0), 10, seconds(0));
  driver.AdvanceTo(minutes(20));
  driver.Apply(Audit{.at = minutes(1)});
  driver.AdvanceTo(400 * kDay);
  driver.AdvanceTo(401 * kDay);
  ASSERT_EQ(driver.Reasons(), "opened resolved");
  ASSERT_TRUE(driver.SaveAndReload(true));
  driver.SetMoment(minutes(1));
  driver.AdvanceTo(402 * kDay);
  ASSERT_EQ(driver.Reasons(), "opened resolved cause_changed");
  EXPECT_EQ(driver.revisions().back().cause, Cause::kPasswordResetByAdmin);
  EXPECT_EQ(driver.detector().sizes().tickets, 0u);
}

TEST(DetectorPaceTest, ClockThatWasSetBackHoldsNothingUp) {
  DetectorDriver driver;
  driver.SetMoment(hours(10));
  driver.Burst(minutes(0), 10, seconds(0));
  driver.SetMoment(hours(9));
  driver.Apply(Audit{.at = seconds(10)});
  driver.SetMoment(hours(9) + minutes(1));
  driver.AdvanceTo(-minutes(30));
  EXPECT_EQ(driver.Reasons(), "opened cause_changed");
}

// Looking at it costs as much as the burst is large, so not every record is a reason to.
TEST(DetectorPaceTest, LargeBurstIsLookedAtInTimeAllTheSame) {
  DetectorDriver driver;
  for (int i = 0; i < 3'000; ++i) driver.Apply(SignIn{.at = i * seconds(1)});
  const size_t before = driver.revisions().size();
  driver.Apply(SignIn{.at = seconds(3'001), .code = 50126});
  driver.Apply(Audit{.at = seconds(100)});
  driver.SetMoment(seconds(3'002));
  driver.AdvanceTo(-minutes(30));
  ASSERT_EQ(driver.revisions().size(), before + 1);
  EXPECT_EQ(driver.revisions().back().reason, RevisionReason::kCauseChanged);
}

// ---------------------------------------------------------------------------------------- the ids

// The failures from an hour on are a burst with a ticket when earlier ones come that make them the
// second part of a session of max_duration.
TEST(DetectorIdTest, TicketGoesWithItsBurstWhereTheSessionIsCut) {
  DetectorDriver driver(OneUserRule(hours(1)));
  driver.Burst(minutes(65), 3, minutes(1));
  ASSERT_EQ(driver.Reasons(), "opened");
  for (int at = 56; at > 0; at -= 9) driver.Apply(SignIn{.at = minutes(at)});
  driver.Finish();
  ASSERT_EQ(driver.Reasons(), "opened resolved");
  EXPECT_EQ(driver.revisions()[1].ticket_id, driver.revisions()[0].ticket_id);
  EXPECT_EQ(driver.revisions()[1].event_count, 3u);
}

// Both parts are bursts then. The second begins where the first ticket did when it was opened.
TEST(DetectorIdTest, TakenIdIsNotGivenAgain) {
  for (const bool reload : {false, true}) {
    DetectorDriver driver(OneUserRule(hours(1)));
    driver.Burst(minutes(65), 3, minutes(1));
    if (reload) {
      ASSERT_TRUE(driver.SaveAndReload(true));
    }
    for (int at = 56; at > 9; at -= 9) driver.Apply(SignIn{.at = minutes(at)});
    if (reload) {
      ASSERT_TRUE(driver.SaveAndReload(false));
    }
    driver.Burst(minutes(2), 3, minutes(1));
    driver.Finish();
    const std::vector<Ticket> tickets = driver.Tickets();
    ASSERT_EQ(tickets.size(), 2u);
    EXPECT_NE(tickets[0].ticket_id, tickets[1].ticket_id);
    std::map<std::string, uint32_t> last;
    for (const Ticket& ticket : driver.revisions()) {
      EXPECT_EQ(ticket.revision, ++last[ticket.ticket_id]);
    }
    for (const Ticket& ticket : tickets) EXPECT_EQ(ticket.state, TicketState::kResolved);
  }
}

TEST(DetectorIdTest, SameRecordsGiveTheSameIds) {
  std::set<std::string> ids;
  for (int i = 0; i < 2; ++i) {
    DetectorDriver driver;
    driver.Burst(minutes(0));
    ids.insert(driver.revisions().front().ticket_id);
  }
  EXPECT_EQ(ids.size(), 1u);
}

TEST(DetectorIdTest, IdsAreForgottenWhenNoSessionCanHoldTheirSignInAnyMore) {
  DetectorDriver driver;
  driver.Burst(minutes(0));
  driver.AdvanceTo(hours(1));
  const auto id_rows = [&driver] {
    size_t rows = 0;
    for (const StateRow& row : driver.Rows()) rows += row.key.front() == 'i' ? 1 : 0;
    return rows;
  };
  EXPECT_EQ(id_rows(), 1u);
  driver.AdvanceTo(10 * kDay);
  EXPECT_EQ(id_rows(), 0u);
}

// ------------------------------------------------------------------------------- whom tickets name

TEST(DetectorNamedTest, TicketThatOthersAreMergedIntoIsNamedAlsoWhenItIsGone) {
  DetectorDriver driver;
  driver.SetMoment(minutes(0));
  driver.Burst(minutes(90), 10, seconds(0));
  driver.Burst(minutes(0), 10, seconds(0));
  driver.Burst(minutes(45), 10, seconds(0));
  const std::string older = driver.revisions()[0].ticket_id;
  driver.AdvanceTo(400 * kDay);
  driver.AdvanceTo(401 * kDay);
  ASSERT_EQ(driver.Reasons(), "opened opened resolved");
  ASSERT_TRUE(driver.SaveAndReload(false));
  driver.SetMoment(minutes(1));
  driver.AdvanceTo(402 * kDay);
  ASSERT_EQ(driver.Reasons(), "opened opened resolved merged");
  EXPECT_EQ(driver.revisions().back().merged_into, older);
  EXPECT_EQ(driver.detector().sizes().tickets, 0u);
}

// One after another, each less than an hour from the next: what was merged into a ticket that is
// merged itself says where both go on.
TEST(DetectorNamedTest, ChainOfMergesNamesTheOneThatGoesOn) {
  DetectorDriver driver;
  driver.SetMoment(minutes(0));
  for (const int at : {360, 180, 0}) driver.Burst(minutes(at), 10, seconds(0));
  ASSERT_EQ(driver.Reasons(), "opened opened opened");
  const std::string oldest = driver.revisions()[0].ticket_id;
  for (const int at : {45, 90, 135}) driver.Burst(minutes(at), 10, seconds(0));
  for (const int at : {225, 270, 315}) driver.Burst(minutes(at), 10, seconds(0));
  driver.Finish();
  size_t merged = 0;
  for (const Ticket& ticket : driver.Tickets()) {
    if (ticket.state != TicketState::kMerged) continue;
    ++merged;
    EXPECT_EQ(ticket.merged_into, oldest);
  }
  EXPECT_EQ(merged, 2u);
}

// The failure that makes the tenant's burst makes the user's too.
TEST(DetectorNamedTest, ParentIsSentBeforeItsChild) {
  DetectionConfig config = OneUserRule(kDay);
  config.rules.push_back({.name = "tenants",
                          .codes = {50132},
                          .group_by = GroupBy::kTenant,
                          .window = minutes(10),
                          .threshold = 5,
                          .min_users = 2,
                          .quiet = minutes(10)});
  DetectorDriver driver(config);
  driver.Burst(minutes(0), 2);
  driver.Apply(SignIn{.at = minutes(1), .user = "user2"});
  driver.Apply(SignIn{.at = minutes(1), .user = "user2"});
  driver.Apply(SignIn{.at = minutes(2)});
  ASSERT_EQ(driver.Reasons(), "opened opened");
  EXPECT_EQ(driver.revisions()[0].scope, GroupBy::kTenant);
  EXPECT_EQ(driver.revisions()[1].parent_ticket_id, driver.revisions()[0].ticket_id);
}

// Three parts become bursts with one failure, and each says which it continues.
TEST(DetectorNamedTest, TicketIsSentBeforeTheOneThatContinuesIt) {
  DetectorDriver driver(OneUserRule(minutes(20)));
  for (int at = 0; at < 60; at += 4) {
    if (at != 8) driver.Apply(SignIn{.at = minutes(at)});
  }
  driver.Apply(SignIn{.at = minutes(8)});
  driver.Finish();
  std::set<std::string> sent;
  for (const Ticket& ticket : driver.revisions()) {
    EXPECT_TRUE(ticket.continues.empty() || sent.contains(ticket.continues));
    sent.insert(ticket.ticket_id);
  }
  EXPECT_GE(sent.size(), 3u);
}

// ---------------------------------------------------------------------------------------- the end

TEST(DetectorEndTest, EveryTicketEndsAlsoWhenOthersAreEvicted) {
  DetectionConfig config = OneUserRule(minutes(30));
  config.limits.tickets = 1;
  DetectorDriver driver(config);
  for (int at = 0; at < 24 * 60; at += 3) {
    driver.Apply(SignIn{.at = minutes(at)});
    driver.Apply(SignIn{.at = minutes(at * 7 % (at + 1))});
    driver.AdvanceTo(minutes(at - 40));
  }
  driver.Finish();
  ASSERT_GT(driver.Tickets().size(), 20u);
  for (const Ticket& ticket : driver.Tickets()) {
    EXPECT_THAT(ticket.state, AnyOf(TicketState::kResolved, TicketState::kMerged));
    EXPECT_EQ(ticket.merged_into.empty(), ticket.state != TicketState::kMerged);
  }
}

}  // namespace detector_receiver_test
}  // namespace signinwatch
