// What is in a ticket is held by tests/stories and tests/oracle; here is that it follows from the
// tables, and how.
#include "detectors/ticket_facts.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/detectors/ticket_parts.h"

namespace signinwatch {
namespace ticket_facts_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class TicketFactsTest : public testing::Test, protected TicketParts {
 protected:
  // Of the track's session `index`, for a ticket with the number.
  BurstFacts Facts(const TrackRef& ref, Track* track, size_t index, bool closed,
                   TicketNumber number = 1) {
    TicketEntry entry;
    entry.rule = ref.rule;
    entry.key = ref.key;
    entry.last.ticket_id = "id";
    entry.last.scope = rules[ref.rule].group_by;
    entry.earlier_bursts = 1;
    entry.earlier_count = 100;
    BurstFacts of_burst = facts.Judge(number, entry, track->sessions[index].get(), BurstsOf(track),
                                      closed, now.watermark);
    facts.Complete(entry, &of_burst);
    return of_burst;
  }
};

TEST_F(TicketFactsTest, CountsTheBurstsOfTheTicket) {
  const TrackRef ref = Of(User("user1"));
  Track* track = nullptr;
  for (int i = 0; i < 4; ++i) track = Fail(ref, "user1", seconds(i));
  const Ticket ticket = Facts(ref, track, 0, false, track->sessions[0]->ticket).ticket;
  EXPECT_EQ(ticket.ticket_id, "id");
  EXPECT_EQ(ticket.event_count, 4u);
  EXPECT_EQ(ticket.total_event_count, 104u);
  EXPECT_EQ(ticket.reopened, 1u);
  EXPECT_EQ(ticket.first_event_time, kMorning);
  EXPECT_EQ(ticket.last_event_time, kMorning + seconds(3));
  EXPECT_EQ(ticket.cause, Cause::kPending);
  EXPECT_EQ(ticket.resolution, Resolution::kNone);
}

TEST_F(TicketFactsTest, AClosedBurstIsResolvedByTheUsersReturn) {
  const UserKey user = User("user1");
  const TrackRef ref = Of(user);
  Track* track = nullptr;
  for (int i = 0; i < 3; ++i) track = Fail(ref, "user1", seconds(i));
  const TicketNumber number = track->sessions[0]->ticket;
  BurstFacts closed = Facts(ref, track, 0, true, number);
  EXPECT_EQ(closed.ticket.resolution, Resolution::kQuiet);
  EXPECT_EQ(closed.ticket.cause, Cause::kUnexplained);
  ASSERT_EQ(closed.user().names_borne.size(), 1u);
  EXPECT_EQ(pool.Get(closed.user().names_borne[0]), "user@contoso.example");
  const auto nobody = [](const UserKey&) { FAIL(); };
  (void)users.Get(user, nobody).NoteReturn(kMorning + minutes(1), kMorning);
  closed = Facts(ref, track, 0, true, number);
  EXPECT_EQ(closed.ticket.resolution, Resolution::kReauthenticated);
  EXPECT_EQ(closed.ticket.reauthenticated_at, kMorning + minutes(1));
}

TEST_F(TicketFactsTest, TwoBurstsOfTheDayBeforeMakeItPersistent) {
  const TrackRef ref = Of(User("user1"));
  Track* track = nullptr;
  for (int burst = 0; burst < 3; ++burst) {
    for (int i = 0; i < 3; ++i) track = Fail(ref, "user1", hours(2 * burst) + seconds(i));
  }
  ASSERT_EQ(track->sessions.size(), 3u);
  const auto persistent = [&](size_t index) {
    return Facts(ref, track, index, false, track->sessions[index]->ticket)
        .ticket.findings.persistent;
  };
  EXPECT_FALSE(persistent(1));
  EXPECT_TRUE(persistent(2));
}

TEST_F(TicketFactsTest, ATenantsCauseIsThatOfHalfOfItsUsers) {
  const TrackRef ref = Of(UserKey(tenant, UserId()));
  Track* track = nullptr;
  for (int i = 0; i < 100; ++i) {
    track = Fail(ref, "user" + std::to_string(i % 20), seconds(i));
  }
  ASSERT_TRUE(track->sessions[0]->hot());
  Ticket ticket = Facts(ref, track, 0, true, track->sessions[0]->ticket).ticket;
  EXPECT_EQ(ticket.distinct_users, 20u);
  EXPECT_EQ(ticket.cause, Cause::kUnexplained);
  const auto reset = [&](int first) {
    for (int i = first; i < first + 10; ++i) {
      credentials.Add(User("user" + std::to_string(i)),
                      {.time = kMorning - hours(1), .kind = ChangeKind::kAdminReset});
    }
  };
  reset(0);
  ticket = Facts(ref, track, 0, true, track->sessions[0]->ticket).ticket;
  EXPECT_EQ(ticket.cause, Cause::kMixed) << "two causes have half each";
  EXPECT_EQ(ticket.users_by_cause[Cause::kPasswordResetByAdmin], 10u);
  EXPECT_EQ(ticket.changes_by_kind[ChangeKind::kAdminReset], 10u);
  reset(10);
  ticket = Facts(ref, track, 0, true, track->sessions[0]->ticket).ticket;
  EXPECT_EQ(ticket.cause, Cause::kPasswordResetByAdmin);
}

}  // namespace ticket_facts_test
}  // namespace signinwatch
