#include "detectors/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "tests/detectors/detector_driver.h"
#include "tests/detectors/moments.h"

namespace signinwatch {
namespace detector_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string UserNumber(int n) { return "user" + std::to_string(n); }

// `users` users with `each` failures, all within a minute.
void TenantBurst(DetectorDriver* driver, Duration at, int users = 15, int each = 4) {
  for (int i = 0; i < users * each; ++i) {
    driver->Apply(SignIn{.at = at + seconds(i), .user = UserNumber(100 + i % users), .name = ""});
  }
}

// -------------------------------------------------------------------------------------- late, SPEC
// 4

TEST(DetectorLateTest, LateFailureJoinsASessionThatIsOpen) {
  DetectorDriver driver;
  driver.Burst(minutes(0));
  driver.AdvanceTo(minutes(5));
  const Outcome outcome = driver.Apply(SignIn{.at = minutes(3)});
  EXPECT_TRUE(outcome.late);
  EXPECT_FALSE(outcome.late_dropped);
  EXPECT_EQ(outcome.late_by, minutes(2));
  driver.Finish();
  EXPECT_EQ(driver.revisions().back().event_count, 11u);
  EXPECT_EQ(driver.detector().counters().late, 1u);
  EXPECT_EQ(driver.detector().counters().late_dropped, 0u);
}

TEST(DetectorLateTest, LateFailureOfAClosedSessionIsDropped) {
  DetectorDriver driver;
  driver.Burst(minutes(0));
  driver.AdvanceTo(hours(2));
  ASSERT_EQ(driver.Reasons(), "opened resolved");
  const Outcome outcome = driver.Apply(SignIn{.at = minutes(3)});
  EXPECT_TRUE(outcome.late);
  EXPECT_TRUE(outcome.late_dropped);
  driver.Finish();
  EXPECT_EQ(driver.revisions().back().event_count, 10u);
  EXPECT_EQ(driver.detector().counters().late_dropped, 1u);
}

TEST(DetectorLateTest, WhatOneDetectorTakesIsNotDropped) {
  DetectorDriver driver;
  // The user's session alone would be closed, the tenant's (quiet 30 min) is open.
  driver.AdvanceTo(minutes(20));
  const Outcome outcome = driver.Apply(SignIn{.at = minutes(5)});
  EXPECT_TRUE(outcome.late);
  EXPECT_FALSE(outcome.late_dropped);
}

TEST(DetectorLateTest, EveryRecordBelowTheWatermarkIsLate) {
  DetectorDriver driver;
  driver.AdvanceTo(hours(1));
  EXPECT_FALSE(driver.Apply(SignIn{.at = hours(1)}).late) << "at the watermark";
  EXPECT_TRUE(driver.Apply(SignIn{.at = hours(1) - kTick, .code = 0}).late) << "a success";
  EXPECT_TRUE(driver.Apply(SignIn{.at = minutes(1), .code = 50053}).late) << "a code of nobody";
  EXPECT_FALSE(driver.Apply(SignIn{.at = minutes(1), .code = 50126}).late_dropped)
      << "of no detector's codes";
  EXPECT_TRUE(driver.Apply(Audit{.at = minutes(1)}).late);
  EXPECT_TRUE(driver.Apply(Audit{.at = minutes(1), .operation = "Update user"}).late);
  EXPECT_EQ(driver.detector().counters().late, 5u);
  EXPECT_EQ(driver.detector().counters().late_dropped, 0u);
}

// A burst from 0 to 90 s, resolved as unexplained; the change came 20 min before it.
std::string ReasonsAfterLateChange(Duration watermark) {
  DetectorDriver driver;
  driver.Burst(minutes(0));
  driver.AdvanceTo(watermark);
  EXPECT_EQ(driver.revisions().back().cause, Cause::kUnexplained);
  EXPECT_TRUE(driver.Apply(Audit{.at = -minutes(20), .id = "change"}).late);
  driver.SetMoment(watermark + minutes(2));
  driver.AdvanceTo(watermark);
  if (driver.revisions().back().reason == RevisionReason::kCauseChanged) {
    const Ticket& revised = driver.revisions().back();
    EXPECT_EQ(revised.state, TicketState::kResolved);
    EXPECT_EQ(revised.cause, Cause::kPasswordResetByAdmin);
    EXPECT_EQ(revised.severity, Severity::kLow);
    EXPECT_EQ(revised.changes.size(), 1u);
  }
  return driver.Reasons();
}

TEST(DetectorLateTest, LateChangeRevisesATicketResolvedLessThanReviseForAgo) {
  constexpr Duration kEnd = seconds(90);
  EXPECT_EQ(ReasonsAfterLateChange(hours(2)), "opened resolved cause_changed");
  EXPECT_EQ(ReasonsAfterLateChange(kEnd + kDay - kTick), "opened resolved cause_changed");
  EXPECT_EQ(ReasonsAfterLateChange(kEnd + kDay), "opened resolved");
}

TEST(DetectorLateTest, LateChangeThatChangesNoCauseRevisesNothing) {
  DetectorDriver driver;
  driver.Apply(Audit{.at = -minutes(10)});
  driver.Burst(minutes(0));
  driver.AdvanceTo(hours(2));
  const std::string reasons = driver.Reasons();
  driver.Apply(Audit{.at = -minutes(20)});
  driver.SetMoment(hours(3));
  driver.AdvanceTo(hours(2));
  EXPECT_EQ(driver.Reasons(), reasons);
}

// ------------------------------------------------------------------------------- duplicates, SPEC
// 4

TEST(DetectorDuplicateTest, SecondCopyHasNoEffectAndIsNotLate) {
  DetectorDriver driver;
  EXPECT_FALSE(driver.Apply(SignIn{.at = minutes(0), .id = "a"}).duplicate);
  driver.AdvanceTo(hours(5));
  const Outcome outcome = driver.Apply(SignIn{.at = minutes(0), .id = "a"});
  EXPECT_TRUE(outcome.duplicate);
  EXPECT_FALSE(outcome.late);
  EXPECT_EQ(driver.detector().counters().duplicates, 1u);
  EXPECT_EQ(driver.detector().counters().late, 0u);
}

TEST(DetectorDuplicateTest, CopiesMakeNoBurst) {
  DetectorDriver driver;
  for (int copy = 0; copy < 4; ++copy) {
    for (int i = 0; i < 9; ++i) {
      driver.Apply(SignIn{.at = seconds(i), .id = "r" + std::to_string(i)});
    }
  }
  driver.Finish();
  EXPECT_TRUE(driver.revisions().empty());
  EXPECT_EQ(driver.detector().counters().duplicates, 27u);
}

TEST(DetectorDuplicateTest, WhatIsForgottenIsAnOrdinaryLateRecord) {
  DetectorDriver driver;
  driver.Apply(SignIn{.at = minutes(0), .id = "a"});
  driver.Apply(Audit{.at = minutes(0), .id = "a"});
  driver.AdvanceTo(kDay);
  EXPECT_TRUE(driver.Apply(SignIn{.at = minutes(0), .id = "a"}).duplicate);
  driver.AdvanceTo(kDay + kTick);
  const Outcome outcome = driver.Apply(SignIn{.at = minutes(0), .id = "a"});
  EXPECT_FALSE(outcome.duplicate);
  EXPECT_TRUE(outcome.late);
  EXPECT_TRUE(outcome.late_dropped);
  driver.AdvanceTo(30 * kDay);
  EXPECT_TRUE(driver.Apply(Audit{.at = minutes(0), .id = "a"}).duplicate) << "for the lookback";
  driver.AdvanceTo(30 * kDay + kTick);
  EXPECT_FALSE(driver.Apply(Audit{.at = minutes(0), .id = "a"}).duplicate);
}

TEST(DetectorDuplicateTest, AreOfOneTenantAndCategoryAndHaveAnId) {
  DetectorDriver driver;
  driver.Apply(SignIn{.id = "a"});
  EXPECT_FALSE(driver.Apply(SignIn{.id = "a", .tenant = "tenant2"}).duplicate);
  EXPECT_FALSE(driver.Apply(Audit{.id = "a"}).duplicate);
  EXPECT_FALSE(driver.Apply(SignIn{.id = ""}).duplicate);
  EXPECT_FALSE(driver.Apply(SignIn{.id = ""}).duplicate);
  EXPECT_FALSE(driver.Apply(SignIn{.code = 0, .id = "b"}).duplicate);
  EXPECT_FALSE(driver.Apply(SignIn{.code = 0, .id = "b"}).duplicate) << "a success does not count";
}

// ------------------------------------------------------------------------------- revisions, SPEC 7

TEST(DetectorRevisionTest, OpensAtOnceAndResolvesWhenQuiet) {
  DetectorDriver driver;
  driver.Burst(minutes(0), 9);
  EXPECT_TRUE(driver.revisions().empty());
  driver.Apply(SignIn{.at = seconds(90)});
  ASSERT_EQ(driver.Reasons(), "opened");
  const Ticket opened = driver.revisions()[0];
  EXPECT_EQ(opened.state, TicketState::kOpen);
  EXPECT_EQ(opened.cause, Cause::kPending);
  EXPECT_EQ(opened.opened_at, kStart + seconds(90));
  driver.AdvanceTo(seconds(90) + minutes(10) - kTick);
  EXPECT_EQ(driver.Reasons(), "opened");
  driver.AdvanceTo(seconds(90) + minutes(10));
  ASSERT_EQ(driver.Reasons(), "opened resolved");
  const Ticket& resolved = driver.revisions()[1];
  EXPECT_EQ(resolved.ticket_id, opened.ticket_id);
  EXPECT_EQ(resolved.revision, 2u);
  EXPECT_EQ(resolved.resolution, Resolution::kQuiet);
  EXPECT_EQ(resolved.cause, Cause::kUnexplained);
  EXPECT_EQ(resolved.opened_at, opened.opened_at);
  EXPECT_EQ(resolved.resolved_at, kStart + seconds(90) + minutes(10));
}

TEST(DetectorRevisionTest, SaysWhenTheCountHasDoubled) {
  DetectorDriver driver;
  driver.Burst(minutes(0), 10, minutes(1) - kTick);
  ASSERT_EQ(driver.Reasons(), "opened");
  driver.Burst(minutes(9), 9, minutes(1));
  EXPECT_EQ(driver.Reasons(), "opened");
  driver.Apply(SignIn{.at = minutes(18)});
  ASSERT_EQ(driver.Reasons(), "opened count_doubled");
  EXPECT_EQ(driver.revisions().back().event_count, 20u);
}

TEST(DetectorRevisionTest, SaysWhenCauseFindingsOrParentChanged) {
  DetectorDriver driver;
  driver.Burst(minutes(0), 12, minutes(1) - kTick);
  driver.Apply(Audit{.at = -minutes(5)});
  driver.Apply(SignIn{.at = minutes(20)});
  ASSERT_EQ(driver.Reasons(), "opened cause_changed");
  EXPECT_EQ(driver.revisions().back().cause, Cause::kPasswordResetByAdmin);

  // A day before, the user was familiar with another address, country and device.
  driver.Apply(SignIn{
      .at = -kDay, .code = 0, .address = "203.0.113.1", .country = "FR", .device = "device2"});
  driver.SetMoment(minutes(25));
  driver.AdvanceTo(minutes(0));
  ASSERT_EQ(driver.Reasons(), "opened cause_changed findings_changed");
  EXPECT_TRUE(driver.revisions().back().findings.unfamiliar_source);
  EXPECT_EQ(driver.revisions().back().severity, Severity::kCritical);
}

TEST(DetectorRevisionTest, LongBurstBecomesPersistent) {
  DetectorDriver driver;
  driver.Apply(Audit{.at = -minutes(5)});
  driver.Burst(minutes(0), 10);
  // Five minutes apart, so that the count has doubled once or twice long before.
  driver.Burst(minutes(5), 12 * 4 - 1, minutes(5));
  const size_t before = driver.revisions().size();
  EXPECT_FALSE(driver.revisions().back().findings.persistent);
  driver.Apply(SignIn{.at = hours(4)});
  EXPECT_EQ(driver.revisions().size(), before) << "longer than 4 h";
  driver.Apply(SignIn{.at = hours(4) + kTick});
  ASSERT_EQ(driver.revisions().size(), before + 1);
  EXPECT_EQ(driver.revisions().back().reason, RevisionReason::kFindingsChanged);
  EXPECT_EQ(driver.revisions().back().severity, Severity::kMedium);
}

TEST(DetectorRevisionTest, NeverTwoWithinAMinuteButTheResolution) {
  DetectorDriver driver;
  Duration now = minutes(0);
  std::map<std::string, Duration> last;
  size_t seen = 0;
  const auto check = [&] {
    for (; seen < driver.revisions().size(); ++seen) {
      const Ticket& ticket = driver.revisions()[seen];
      const auto sent = last.find(ticket.ticket_id);
      if (sent != last.end() && ticket.reason != RevisionReason::kResolved) {
        EXPECT_GE(now - sent->second, minutes(1)) << RevisionReasonName(ticket.reason);
      }
      last[ticket.ticket_id] = now;
    }
  };
  // Grows fast, from ever new sources, while changes come in.
  for (int i = 0; i < 3000; ++i) {
    now = Duration(i * minutes(10) / 3000);
    driver.SetMoment(now);
    driver.Apply(SignIn{.at = now,
                        .user = UserNumber(i % 20),
                        .address = "192.0." + std::to_string(i % 250) + ".1",
                        .device = "device" + std::to_string(i)});
    if (i % 100 == 0) driver.Apply(Audit{.at = now, .user = UserNumber(i % 20)});
    driver.AdvanceTo(now - minutes(30));
    check();
  }
  EXPECT_GT(seen, 60u);
  EXPECT_EQ(last.size(), 21u);
}

TEST(DetectorRevisionTest, CatchingUpHoldsBackAllButOpeningAndResolution) {
  DetectorDriver driver;
  driver.SetMoment(hours(1000));  // wall time, far ahead and standing still
  for (int i = 0; i < 500; ++i) driver.Apply(SignIn{.at = seconds(i)});
  driver.Apply(Audit{.at = -minutes(1)});
  driver.AdvanceTo(hours(1));
  EXPECT_EQ(driver.Reasons(), "opened resolved");
  EXPECT_EQ(driver.revisions()[0].event_count, 10u);
  EXPECT_EQ(driver.revisions()[1].event_count, 500u);
  EXPECT_EQ(driver.revisions()[1].cause, Cause::kPasswordResetByAdmin);
}

// --------------------------------------------------------------------- one ticket or another, SPEC
// 7

TEST(DetectorTicketTest, BurstSoonAfterReopensTheTicket) {
  for (const Duration gap : {hours(1) - kTick, Duration(hours(1))}) {
    DetectorDriver driver;
    driver.Burst(minutes(0), 10, seconds(0));
    driver.AdvanceTo(minutes(30));
    driver.Burst(gap, 12, seconds(0));
    driver.Finish();
    if (gap < hours(1)) {
      EXPECT_EQ(driver.Reasons(), "opened resolved reopened resolved");
      const Ticket& last = driver.revisions().back();
      EXPECT_EQ(last.reopened, 1u);
      EXPECT_EQ(last.event_count, 12u);
      EXPECT_EQ(last.total_event_count, 22u);
      EXPECT_EQ(last.first_event_time, kStart + gap);
    } else {
      EXPECT_EQ(driver.Tickets().size(), 2u);
      EXPECT_EQ(driver.revisions().back().reopened, 0u);
    }
  }
}

TEST(DetectorTicketTest, BridgedBurstsBecomeOneTicketAndTheYoungerIsMerged) {
  DetectorDriver driver;
  driver.Burst(minutes(90), 10, seconds(0));
  driver.Burst(minutes(0), 10, seconds(0));
  ASSERT_EQ(driver.Reasons(), "opened opened");
  const std::string older = driver.revisions()[0].ticket_id;
  const std::string younger = driver.revisions()[1].ticket_id;
  // A third burst that is less than an hour from both.
  driver.Burst(minutes(45), 10, seconds(0));
  driver.Finish();
  const std::vector<Ticket> tickets = driver.Tickets();
  ASSERT_EQ(tickets.size(), 2u);
  EXPECT_EQ(tickets[0].ticket_id, older);
  EXPECT_EQ(tickets[0].state, TicketState::kResolved);
  EXPECT_EQ(tickets[0].reopened, 2u);
  EXPECT_EQ(tickets[0].total_event_count, 30u);
  EXPECT_EQ(tickets[1].ticket_id, younger);
  EXPECT_EQ(tickets[1].state, TicketState::kMerged);
  EXPECT_EQ(tickets[1].reason, RevisionReason::kMerged);
  EXPECT_EQ(tickets[1].merged_into, older);
}

TEST(DetectorTicketTest, SessionsThatJoinMergeTheirTickets) {
  DetectorDriver driver;
  driver.Burst(minutes(18), 10, seconds(0));
  driver.Burst(minutes(0), 10, seconds(0));
  driver.Apply(SignIn{.at = minutes(9)});
  driver.Finish();
  const std::vector<Ticket> tickets = driver.Tickets();
  ASSERT_GE(tickets.size(), 1u);
  EXPECT_EQ(tickets[0].state, TicketState::kResolved);
  EXPECT_EQ(tickets[0].event_count, 21u);
  EXPECT_EQ(tickets[0].reopened, 0u);
  for (size_t i = 1; i < tickets.size(); ++i) {
    EXPECT_EQ(tickets[i].state, TicketState::kMerged);
    EXPECT_EQ(tickets[i].merged_into, tickets[0].ticket_id);
  }
}

TEST(DetectorTicketTest, SessionAtMaxDurationIsContinuedByANewTicket) {
  DetectorDriver driver;
  const Duration apart = seconds(60) - kTick;
  driver.Burst(minutes(0), 25 * 60, apart);
  driver.Finish();
  const std::vector<Ticket> tickets = driver.Tickets();
  ASSERT_EQ(tickets.size(), 2u);
  EXPECT_EQ(tickets[0].continues, "");
  EXPECT_EQ(tickets[1].continues, tickets[0].ticket_id);
  EXPECT_LT(tickets[0].last_event_time, kStart + kDay);
  EXPECT_GE(tickets[1].first_event_time, kStart + kDay);
  EXPECT_EQ(tickets[0].event_count + tickets[1].event_count, 25u * 60);
}

TEST(DetectorTicketTest, TenantBurstIsParentOfWhatItOverlapsAlsoWhenThatIsResolved) {
  DetectorDriver driver;
  // Nine minutes of failures of one user, then quiet enough to close, then the tenant's burst,
  // which takes in the user's failures since the sessions of a tenant have a quiet of half an hour.
  driver.Burst(minutes(0), 10, minutes(1) - kTick);
  driver.AdvanceTo(minutes(20));
  ASSERT_EQ(driver.Reasons(), "opened resolved");
  EXPECT_EQ(driver.revisions()[1].parent_ticket_id, "");
  TenantBurst(&driver, minutes(21));
  driver.Finish();
  std::map<GroupBy, Ticket> tickets;
  for (const Ticket& ticket : driver.Tickets()) tickets[ticket.scope] = ticket;
  ASSERT_EQ(tickets.size(), 2u);
  const Ticket& user = tickets[GroupBy::kUser];
  EXPECT_EQ(user.parent_ticket_id, tickets[GroupBy::kTenant].ticket_id);
  EXPECT_EQ(user.state, TicketState::kResolved);
  EXPECT_EQ(user.reason, RevisionReason::kParentChanged);
  EXPECT_EQ(tickets[GroupBy::kTenant].distinct_users, 16u);
}

TEST(DetectorTicketTest, ReturnOfTheUserResolvesAsReauthenticated) {
  struct Return {
    const char* name;
    Duration at;  // after the burst's end
    bool interactive;
    bool back;
  };
  for (const Return& example :
       {Return{"at the end", Duration(0), true, true}, Return{"before it", -kTick, true, false},
        Return{"just before quiet", minutes(10) - kTick, true, true},
        Return{"at quiet", minutes(10), true, false},
        Return{"a silent sign-in", minutes(1), false, false}}) {
    SCOPED_TRACE(example.name);
    constexpr Duration kEnd = seconds(90);
    DetectorDriver driver;
    driver.Burst(minutes(0));
    driver.Apply(SignIn{.at = kEnd + example.at, .code = 0, .interactive = example.interactive});
    driver.Finish();
    const Ticket& last = driver.revisions().back();
    EXPECT_EQ(last.resolution, example.back ? Resolution::kReauthenticated : Resolution::kQuiet);
    EXPECT_EQ(last.reauthenticated_at.has_value(), example.back);
    if (example.back) {
      EXPECT_EQ(last.reauthenticated_at, kStart + kEnd + example.at);
    }
  }
}

TEST(DetectorTicketTest, HeldTicketsCanBeLookedAt) {
  DetectorDriver driver;
  driver.Burst(minutes(0));
  std::vector<std::string> ids;
  driver.detector().ForEachTicket([&](const Ticket& ticket) { ids.push_back(ticket.ticket_id); });
  EXPECT_THAT(ids, testing::ElementsAre(driver.revisions()[0].ticket_id));
  EXPECT_EQ(driver.detector().sizes().open_tickets, 1u);
}

TEST(DetectorTicketTest, PrefetchChangesNothing) {
  DetectorDriver plain;
  DetectorDriver hinted;
  Signal signal;
  signal.tenant = MakeId<TenantId>("tenant1");
  signal.code = 50132;
  for (int i = 0; i < 30; ++i) {
    signal.user = MakeId<UserId>(UserNumber(i % 3));
    hinted.detector().Prefetch(signal);
    plain.Apply(SignIn{.at = seconds(i), .user = UserNumber(i % 3)});
    hinted.Apply(SignIn{.at = seconds(i), .user = UserNumber(i % 3)});
  }
  plain.Finish();
  hinted.Finish();
  ASSERT_EQ(plain.revisions().size(), hinted.revisions().size());
  for (size_t i = 0; i < plain.revisions().size(); ++i) {
    EXPECT_EQ(plain.revisions()[i], hinted.revisions()[i]);
  }
}

}  // namespace detector_test
}  // namespace signinwatch
