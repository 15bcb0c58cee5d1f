// Which ticket a burst has and when it is sent; more of it is held by detector_test and
// tests/oracle.
#include "detectors/burst_tickets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/row_archive.h"
#include "tests/detectors/ticket_parts.h"

namespace signinwatch {
namespace burst_tickets_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

class BurstTicketsTest : public testing::Test, protected TicketParts {
 protected:
  Track* Burst(Duration after = {}) {
    Track* track = nullptr;
    for (int i = 0; i < 3; ++i) track = Fail(ref_, "user1", after + seconds(i));
    return track;
  }
  std::vector<Ticket> Sent() {
    tickets.RunReviews(now);
    return tickets.TakeRevisions();
  }

  const TrackRef ref_ = Of(User("user1"));
};

TEST_F(BurstTicketsTest, ABurstOpensATicket) {
  EXPECT_THAT(Sent(), IsEmpty());
  (void)Burst();
  EXPECT_EQ(tickets.next_due(), now.moment);
  const std::vector<Ticket> sent = Sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].reason, RevisionReason::kOpened);
  EXPECT_EQ(sent[0].tenant_id, "tenant1");
  EXPECT_EQ(sent[0].user_id, "user1");
  EXPECT_EQ(tickets.bursts_opened(), 1u);
  EXPECT_TRUE(tickets.HasTenant(tenant));
}

TEST_F(BurstTicketsTest, BurstsNearEachOtherShareTheOldestTicket) {
  Track* track = Burst();
  (void)Burst(minutes(30));
  (void)Burst(hours(2));
  ASSERT_THAT(track->sessions, SizeIs(3));
  EXPECT_EQ(track->sessions[1]->ticket, track->sessions[0]->ticket);
  EXPECT_NE(track->sessions[2]->ticket, track->sessions[0]->ticket);
}

TEST_F(BurstTicketsTest, JoiningTwoBurstsMergesTheirTickets) {
  config.tickets.reopen_within = minutes(10);
  (void)Burst();
  (void)Burst(minutes(18));
  ASSERT_THAT(Sent(), SizeIs(2));
  Track* track = Fail(ref_, "user1", minutes(9));
  ASSERT_THAT(track->sessions, SizeIs(1));
  now.moment += minutes(2);
  const std::vector<Ticket> sent = Sent();
  ASSERT_THAT(sent, SizeIs(2));
  const auto merged = std::find_if(sent.begin(), sent.end(), [](const Ticket& ticket) {
    return ticket.state == TicketState::kMerged;
  });
  ASSERT_NE(merged, sent.end());
  const Ticket& kept = sent[merged == sent.begin() ? 1 : 0];
  EXPECT_EQ(merged->merged_into, kept.ticket_id);
  EXPECT_EQ(kept.event_count, 7u);
  EXPECT_EQ(tickets.size(), 1u);
}

TEST_F(BurstTicketsTest, ClosingSendsTheResolutionAndKeepsWhatIsLeftOfTheBurst) {
  Track* track = Burst();
  (void)Fail(ref_, "user1", hours(2));
  now.watermark = now.moment = kMorning + hours(1);
  EXPECT_FALSE(tickets.Close(ref_, track, 1, now)) << "no burst";
  ASSERT_TRUE(tickets.Close(ref_, track, 0, now));
  const std::vector<Ticket> sent = tickets.TakeRevisions();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].reason, RevisionReason::kOpened) << "though no review was run before";
  EXPECT_EQ(sent[1].reason, RevisionReason::kResolved);
  EXPECT_EQ(sent[1].resolved_at, now.moment);
  ASSERT_THAT(track->past, SizeIs(1));
  EXPECT_EQ(track->past[0].count, 3u);
  EXPECT_THAT(track->sessions, SizeIs(1));
}

TEST_F(BurstTicketsTest, TheTicketIsForgottenWithItsLastBurst) {
  Track* track = Burst();
  now.watermark = now.moment = kMorning + hours(1);
  ASSERT_TRUE(tickets.Close(ref_, track, 0, now));
  tickets.ForgetPast(GroupBy::kUser, track, now);
  EXPECT_EQ(tickets.size(), 1u);
  now.watermark += rules.PastSpan(GroupBy::kUser);
  tickets.ForgetPast(GroupBy::kUser, track, now);
  EXPECT_EQ(tickets.size(), 0u);
  EXPECT_THAT(track->past, IsEmpty());
  EXPECT_FALSE(tickets.HasTenant(tenant));
  bool asked = false;
  tenants.ReleaseIdle([&](TenantIndex) { return (asked = true, false); }, [](TenantIndex) {});
  EXPECT_TRUE(asked) << "it says that the tenant may be idle";
}

TEST_F(BurstTicketsTest, ALateChangeIsReasonToLookAtAResolvedTicket) {
  Track* track = Burst();
  now.watermark = now.moment = kMorning + hours(1);
  ASSERT_TRUE(tickets.Close(ref_, track, 0, now));
  (void)tickets.TakeRevisions();
  credentials.Add(ref_.key, {.time = kMorning - hours(1), .kind = ChangeKind::kAdminReset});
  now.moment += minutes(2);
  tickets.TouchForChange(ref_.key, 0, now, false);
  EXPECT_THAT(Sent(), IsEmpty());
  tickets.TouchForChange(ref_.key, 0, now, true);
  const std::vector<Ticket> sent = Sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].reason, RevisionReason::kCauseChanged);
  EXPECT_EQ(sent[0].cause, Cause::kPasswordResetByAdmin);
}

TEST_F(BurstTicketsTest, RowsAreReadAsTheyWereWritten) {
  (void)Burst();
  ASSERT_THAT(Sent(), SizeIs(1));
  std::vector<StateRow> rows;
  tickets.Save([&](StateRow row) { rows.push_back(std::move(row)); });
  tickets.StartJournal();
  ASSERT_THAT(rows, SizeIs(2)) << "the ticket and its id";
  TicketParts other;
  for (const StateRow& row : rows) {
    const auto value = CheckedValue(row);
    ASSERT_TRUE(value);
    RowReader reader(*value, &other.pool);
    EXPECT_TRUE(row.key[0] == 'i'
                    ? other.tickets.ReadId(row.key, *value)
                    : other.tickets.ReadTicket(row.key, other.rules.all(), &reader,
                                               [&](const TenantId&) { return other.tenant; }));
  }
  EXPECT_EQ(other.tickets.size(), 1u);
  EXPECT_TRUE(other.tickets.HasTenant(other.tenant));
  std::vector<bool> used(rules.size());
  other.tickets.NoteRules(&used);
  EXPECT_TRUE(used[ref_.rule]);
  std::vector<std::string> changed;
  tickets.SaveChanges([&](const StateRow& row) { changed.push_back(row.key); });
  EXPECT_THAT(changed, IsEmpty()) << "saving is no change";
  tickets.TouchUser(ref_.key, now);
  tickets.SaveChanges([&](const StateRow& row) { changed.push_back(row.key); });
  EXPECT_THAT(changed, SizeIs(1));
}

}  // namespace burst_tickets_test
}  // namespace signinwatch
