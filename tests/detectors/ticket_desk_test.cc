#include "detectors/ticket_desk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace ticket_desk_test {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNull;

TicketEntry Entry(std::string id) {
  TicketEntry entry;
  entry.last.ticket_id = std::move(id);
  return entry;
}

void Send(TicketDesk* desk, TicketNumber number, TicketState state,
          RevisionReason reason = RevisionReason::kResolved, EventTime moment = kMorning) {
  Ticket ticket = desk->Find(number)->last;
  ticket.state = state;
  desk->Send(number, std::move(ticket), reason, moment);
}

TEST(TicketDeskTest, ReviewsWhatIsTouchedAtTheTicketsPace) {
  TicketDesk desk(10, SIZE_MAX);
  const TicketNumber number = desk.Open(Entry("a"));
  EXPECT_EQ(desk.next_due(), kEndOfTime);
  desk.Touch(number, kMorning);
  EXPECT_EQ(desk.next_due(), kMorning) << "the first is at once";
  EXPECT_EQ(desk.NextDue(kMorning - kTick), 0u);
  EXPECT_EQ(desk.NextDue(kMorning), number);
  Send(&desk, number, TicketState::kOpen, RevisionReason::kOpened);
  EXPECT_EQ(desk.NextDue(kMorning + hours(1)), 0u) << "once for each touch";

  desk.Touch(number, kMorning + minutes(1) - kTick);
  EXPECT_EQ(desk.NextDue(kMorning + minutes(1) - kTick), 0u);
  EXPECT_EQ(desk.next_due(), kMorning + minutes(1));
  EXPECT_EQ(desk.NextDue(kMorning + minutes(1)), number);
  // Nothing was sent: the next may be at once.
  desk.Touch(number, kMorning + minutes(1) + kTick);
  EXPECT_EQ(desk.NextDue(kMorning + minutes(1) + kTick), number);
}

TEST(TicketDeskTest, ReviewThatWasQueuedBeforeTheResolutionWaitsForItsMinute) {
  TicketDesk desk(10, SIZE_MAX);
  const TicketNumber number = desk.Open(Entry("a"));
  Send(&desk, number, TicketState::kOpen, RevisionReason::kOpened);
  desk.Touch(number, kMorning);
  Send(&desk, number, TicketState::kResolved, RevisionReason::kResolved, kMorning + minutes(1));
  EXPECT_EQ(desk.NextDue(kMorning + minutes(1)), 0u);
  EXPECT_EQ(desk.next_due(), kMorning + minutes(2));
  EXPECT_EQ(desk.NextDue(kMorning + minutes(2)), number);
}

TEST(TicketDeskTest, CostlyLookIsEarnedByTouchesOrWaitsForAWhile) {
  using Weight = TicketDesk::Weight;
  constexpr uint64_t kCost = TicketDesk::kCheapLook + 1'000;
  const EventTime later = kMorning + minutes(10);
  const auto due_after = [&](int touches, Weight weight) {
    TicketDesk desk(10, SIZE_MAX);
    const TicketNumber number = desk.Open(Entry("a"));
    Send(&desk, number, TicketState::kOpen, RevisionReason::kOpened);
    TicketDesk::Looked(desk.Edit(number), later, kCost);
    for (int i = 0; i < touches; ++i) desk.Touch(number, later, weight);
    return desk.next_due() - later;
  };
  const Duration rest = static_cast<int64_t>(kCost) * TicketDesk::kPerStep;
  EXPECT_EQ(due_after(1, Weight::kFull), rest);
  EXPECT_EQ(due_after(20, Weight::kFull), Duration{});
  EXPECT_EQ(due_after(1, Weight::kSlight), rest + minutes(1));
  EXPECT_EQ(due_after(300, Weight::kSlight), Duration{});
}

TEST(TicketDeskTest, ManyTouchesAreOneReview) {
  TicketDesk desk(10, SIZE_MAX);
  const TicketNumber number = desk.Open(Entry("a"));
  for (int i = 0; i < 100; ++i) desk.Touch(number, kMorning + minutes(i));
  EXPECT_EQ(desk.NextDue(kMorning + hours(2)), number);
  EXPECT_EQ(desk.NextDue(kMorning + hours(2)), 0u);
}

TEST(TicketDeskTest, ReviewsInTheOrderInWhichTheyAreDue) {
  TicketDesk desk(10, SIZE_MAX);
  std::vector<TicketNumber> numbers;
  for (int i = 0; i < 3; ++i) numbers.push_back(desk.Open(Entry("t")));
  desk.Touch(numbers[0], kMorning + minutes(2));
  desk.Touch(numbers[1], kMorning + minutes(1));
  desk.Touch(numbers[2], kMorning + minutes(1));
  EXPECT_EQ(desk.NextDue(kMorning + hours(1)), numbers[1]);
  EXPECT_EQ(desk.NextDue(kMorning + hours(1)), numbers[2]);
  EXPECT_EQ(desk.NextDue(kMorning + hours(1)), numbers[0]);
}

TEST(TicketDeskTest, DroppedTicketIsNeitherReviewedNorFound) {
  TicketDesk desk(10, SIZE_MAX);
  const TicketNumber number = desk.Open(Entry("a"));
  desk.Touch(number, kMorning);
  desk.Drop(number);
  desk.Touch(number, kMorning);
  EXPECT_EQ(desk.NextDue(kMorning), 0u);
  EXPECT_THAT(desk.Find(number), IsNull());
  EXPECT_THAT(desk.Edit(number), IsNull());
  EXPECT_EQ(desk.size(), 0u);
}

TEST(TicketDeskTest, SendingCountsRevisions) {
  TicketDesk desk(10, SIZE_MAX);
  const TicketNumber number = desk.Open(Entry("a"));
  Send(&desk, number, TicketState::kOpen, RevisionReason::kOpened);
  Send(&desk, number, TicketState::kResolved);
  const std::vector<Ticket> sent = desk.TakeRevisions();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(sent[0].revision, 1u);
  EXPECT_EQ(sent[0].reason, RevisionReason::kOpened);
  EXPECT_EQ(sent[1].revision, 2u);
  EXPECT_EQ(sent[1].reason, RevisionReason::kResolved);
  EXPECT_EQ(desk.Find(number)->last.revision, 2u);
  EXPECT_THAT(desk.TakeRevisions(), IsEmpty());
}

TEST(TicketDeskTest, OverTheBoundTheOneResolvedLongestAgoGoes) {
  TicketDesk desk(2, SIZE_MAX);
  std::vector<TicketNumber> numbers;
  for (int i = 0; i < 4; ++i) numbers.push_back(desk.Open(Entry("t")));
  // Four are open: none can go.
  Send(&desk, numbers[2], TicketState::kResolved);
  desk.NoteResolved(numbers[2]);
  EXPECT_TRUE(desk.over_limit());
  EXPECT_EQ(desk.EvictOldest(), 0u) << "not the one that was just resolved";
  Send(&desk, numbers[0], TicketState::kResolved);
  desk.NoteResolved(numbers[0]);
  EXPECT_EQ(desk.EvictOldest(), numbers[2]);
  desk.Drop(numbers[2]);
  // Reopened since: the next one goes instead.
  Send(&desk, numbers[0], TicketState::kOpen, RevisionReason::kReopened);
  Send(&desk, numbers[1], TicketState::kResolved);
  desk.NoteResolved(numbers[1]);
  EXPECT_EQ(desk.EvictOldest(), 0u);
  Send(&desk, numbers[3], TicketState::kResolved);
  desk.NoteResolved(numbers[3]);
  EXPECT_EQ(desk.EvictOldest(), numbers[1]);
  EXPECT_EQ(desk.evicted(), 2u);
  desk.Drop(numbers[1]);
  EXPECT_FALSE(desk.over_limit());
}

TEST(TicketDeskTest, BytesFollowWhatTicketsSay) {
  TicketDesk desk(10, 20'000);
  const TicketNumber number = desk.Open(Entry("t"));
  const size_t small = desk.bytes();
  Ticket ticket = desk.Find(number)->last;
  ticket.evidence.assign(20, std::string(1'000, 'x'));
  desk.Send(number, ticket, RevisionReason::kOpened, kMorning);
  EXPECT_GT(desk.bytes(), small + 20'000);
  EXPECT_TRUE(desk.over_limit());
  ticket.evidence.clear();
  desk.Send(number, Ticket(ticket), RevisionReason::kResolved, kMorning);
  EXPECT_LT(desk.bytes(), small + 2'000);
  // So does a last revision that waits for its minute.
  ticket.evidence.assign(20, std::string(1'000, 'x'));
  desk.Part(number, std::make_unique<Ticket>(ticket));
  EXPECT_GT(desk.bytes(), small + 20'000);
  EXPECT_EQ(desk.TakeParting(number)->evidence.size(), 20u);
  EXPECT_LT(desk.bytes(), small + 2'000);
  desk.Part(number, std::make_unique<Ticket>(ticket));
  desk.Drop(number);
  EXPECT_EQ(desk.bytes(), 0u);
}

TEST(TicketDeskTest, JournalHasWhatChanged) {
  TicketDesk desk(10, SIZE_MAX);
  const TicketNumber a = desk.Open(Entry("a"));
  EXPECT_THAT(desk.TakeJournal(), IsEmpty()) << "kept from the first call on";
  const TicketNumber b = desk.Open(Entry("b"));
  const TicketNumber c = desk.Open(Entry("c"));
  EXPECT_THAT(desk.TakeJournal(), ElementsAre(b, c));
  desk.Touch(a, kMorning);
  EXPECT_THAT(desk.TakeJournal(), ElementsAre(a));
  Send(&desk, b, TicketState::kResolved);
  desk.Drop(c);
  EXPECT_THAT(desk.TakeJournal(), ElementsAre(b, c));
  (void)desk.Find(a);
  EXPECT_THAT(desk.TakeJournal(), IsEmpty());
}

TEST(TicketDeskTest, RestoredTicketIsReviewedWhenItWasDue) {
  TicketDesk desk(10, SIZE_MAX);
  TicketEntry entry = Entry("a");
  entry.review_at = kMorning + minutes(3);
  desk.Restore(7, std::move(entry));
  desk.RestoreNextNumber(8);
  EXPECT_EQ(desk.NextDue(kMorning + minutes(2)), 0u);
  EXPECT_EQ(desk.NextDue(kMorning + minutes(3)), 7u);
  EXPECT_EQ(desk.Open(Entry("b")), 8u);
}

}  // namespace ticket_desk_test
}  // namespace signinwatch
