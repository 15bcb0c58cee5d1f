// The small parts of the pipeline: history, open bursts, what moves left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "daemon/pipeline/failure_history.h"
#include "daemon/pipeline/open_bursts.h"
#include "daemon/pipeline/source_commands.h"
#include "tests/daemon/noon.h"
#include "tests/daemon/pipeline/fake_source.h"

namespace signinwatch::pipeline {
namespace parts_test {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(FailureHistoryTest, CountsByTenMinutesAndCode) {
  FailureHistory history({});
  history.Count(kNoon, 50132);
  history.Count(kNoon + minutes(9), 50132);
  history.Count(kNoon + minutes(9), 50173);
  history.Count(kNoon + minutes(10), 50132);
  EXPECT_THAT(history.All(), ElementsAre(store::FailureCount{kNoon, 50132, 2},
                                         store::FailureCount{kNoon, 50173, 1},
                                         store::FailureCount{kNoon + minutes(10), 50132, 1}));
}

TEST(FailureHistoryTest, ChangesAreAbsoluteAndTakenOnce) {
  FailureHistory history({{kNoon, 50132, 7}});
  EXPECT_THAT(history.TakeChanged(), IsEmpty());
  history.Count(kNoon + minutes(1), 50132);
  EXPECT_THAT(history.TakeChanged(), ElementsAre(store::FailureCount{kNoon, 50132, 8}));
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

TEST(SourceCommandsTest, AreToldOnceAndTheLastWordCounts) {
  const std::vector<std::vector<std::string>> partitions(4);
  FakeSource source(partitions, {}, {});
  SourceCommands commands;
  commands.Apply(source);
  EXPECT_EQ(source.pauses(), 0U);
  commands.Align({.pause = {0, 1, 2}, .resume = {}});
  commands.Align({.pause = {}, .resume = {0, 1}});
  commands.Align({.pause = {1}, .resume = {}});
  commands.Commit({{.topic = FakeSource::kTopic, .partition = 3, .next_offset = 7}});
  commands.Apply(source);
  EXPECT_EQ(source.pauses(), 2U) << "of 1 and 2";
  ASSERT_EQ(source.committed().size(), 1U);
  EXPECT_EQ(source.committed()[0].partition, 3);
  EXPECT_EQ(source.committed()[0].next_offset, 7);
  commands.Apply(source);
  EXPECT_EQ(source.pauses(), 2U);
  EXPECT_EQ(source.committed().size(), 1U);
}

}  // namespace parts_test
}  // namespace signinwatch::pipeline
