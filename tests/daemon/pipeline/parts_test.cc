// The small parts of the pipeline: queue, history, open bursts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>
#include <vector>

#include "daemon/pipeline/bounded_queue.h"
#include "daemon/pipeline/failure_history.h"
#include "daemon/pipeline/open_bursts.h"

namespace signinwatch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(BoundedQueueTest, GivesItemsInOrderAndEndsWhenClosedAndEmpty) {
  BoundedQueue<int> queue(3);
  EXPECT_TRUE(queue.Push(1));
  EXPECT_TRUE(queue.Push(2));
  queue.Close();
  EXPECT_FALSE(queue.Push(3));
  EXPECT_FALSE(queue.over());
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(milliseconds(0)), 2);
  EXPECT_EQ(queue.Pop(), std::nullopt);
  EXPECT_TRUE(queue.over());
}

TEST(BoundedQueueTest, PushWaitsForRoom) {
  BoundedQueue<int> queue(1);
  ASSERT_TRUE(queue.Push(1));
  std::thread pusher([&] { EXPECT_TRUE(queue.Push(2)); });
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(queue.Pop(), 1);
  EXPECT_EQ(queue.Pop(), 2);
  pusher.join();
}

TEST(BoundedQueueTest, CloseWakesThoseThatWait) {
  BoundedQueue<int> full(1);
  ASSERT_TRUE(full.Push(1));
  BoundedQueue<int> empty(1);
  std::thread pusher([&] { EXPECT_FALSE(full.Push(2)); });
  std::thread popper([&] { EXPECT_EQ(empty.Pop(), std::nullopt); });
  full.Close();
  empty.Close();
  pusher.join();
  popper.join();
}

constexpr EventTime kNoon = EventTime(Duration(1'764'158'400'000'000));

TEST(FailureHistoryTest, CountsByTenMinutesAndCode) {
  FailureHistory history({});
  history.Count(kNoon, 50132);
  history.Count(kNoon + minutes(9), 50132);
  history.Count(kNoon + minutes(9), 50173);
  history.Count(kNoon + minutes(10), 50132);
  EXPECT_THAT(history.All(),
              ElementsAre(FailureCount{kNoon, 50132, 2}, FailureCount{kNoon, 50173, 1},
                          FailureCount{kNoon + minutes(10), 50132, 1}));
}

TEST(FailureHistoryTest, ChangesAreAbsoluteAndTakenOnce) {
  FailureHistory history({{kNoon, 50132, 7}});
  EXPECT_THAT(history.TakeChanged(), IsEmpty());
  history.Count(kNoon + minutes(1), 50132);
  EXPECT_THAT(history.TakeChanged(), ElementsAre(FailureCount{kNoon, 50132, 8}));
  EXPECT_THAT(history.TakeChanged(), IsEmpty());
}

TEST(FailureHistoryTest, KeepsADay) {
  FailureHistory history({});
  history.Count(kNoon, 50132);
  history.Count(kNoon + hours(24), 50132);
  EXPECT_EQ(history.All().size(), 2u);
  history.Count(kNoon + hours(24) + minutes(10), 50132);
  EXPECT_EQ(history.All().size(), 2u);
  EXPECT_EQ(history.All()[0].bucket, kNoon + hours(24));
  // A late one does not bring the old day back.
  history.Count(kNoon, 50132);
  EXPECT_EQ(history.All().size(), 2u);
  EXPECT_EQ(history.TakeChanged().size(), 2u) << "what was pruned is not written";
}

Ticket MakeTicket(std::string id, TicketState state, Cause cause) {
  Ticket ticket;
  ticket.ticket_id = std::move(id);
  ticket.state = state;
  ticket.detector = "d";
  ticket.cause = cause;
  ticket.severity = Severity::kLow;
  return ticket;
}

TEST(OpenBurstsTest, FollowsEachTicket) {
  OpenBursts bursts;
  bursts.Note(MakeTicket("a", TicketState::kOpen, Cause::kPending));
  bursts.Note(MakeTicket("b", TicketState::kOpen, Cause::kPending));
  ASSERT_EQ(bursts.counts().size(), 1u);
  EXPECT_EQ(bursts.counts().begin()->second, 2u);
  bursts.Note(MakeTicket("a", TicketState::kOpen, Cause::kUnexplained));
  EXPECT_EQ(bursts.counts().size(), 2u);
  bursts.Note(MakeTicket("a", TicketState::kResolved, Cause::kUnexplained));
  bursts.Note(MakeTicket("b", TicketState::kMerged, Cause::kPending));
  bursts.Note(MakeTicket("c", TicketState::kResolved, Cause::kPending));
  EXPECT_THAT(bursts.counts(), IsEmpty());
  EXPECT_EQ(bursts.size(), 0u);
}

}  // namespace
}  // namespace signinwatch
