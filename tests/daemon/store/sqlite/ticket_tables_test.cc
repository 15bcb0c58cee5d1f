// Tickets and their revisions.
#include "daemon/store/sqlite/ticket_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/store_fixture.h"

namespace signinwatch {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

using TicketTablesTest = StoreTest;

TEST_F(TicketTablesTest, ATicketIsShownAsItsLastRevisionAndKeepsAll) {
  TicketRevision merged = RevisionOf("t1", 3, {});
  merged.ticket.state = TicketState::kMerged;
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {}), RevisionOf("t2", 1, {})});
  CommitRevisions(Minute(21), {RevisionOf("t1", 2, {}), merged});
  EXPECT_THAT(TicketsOf(*store_), UnorderedElementsAre("t1#3", "t2#1"));
  EXPECT_THAT(TicketsOf(*store_, {.state = "merged"}), ElementsAre("t1#3"));
  std::vector<std::string> revisions;
  ASSERT_TRUE(store_->TicketRevisions("t1", &revisions).ok());
  EXPECT_THAT(revisions, ElementsAre("t1#1", "t1#2", "t1#3"));
  EXPECT_EQ(store_->TicketRevisions("t9", &revisions).code(), absl::StatusCode::kNotFound);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(SizeOf(*store_).tickets, 2u);
    EXPECT_EQ(SizeOf(*store_).revisions, 4u);
    Reopen();
  }
}

// A sequence is a sink's place in the outbox: what comes later is always greater.
TEST_F(TicketTablesTest, SequencesAreNotUsedAgain) {
  CommitRevisions(Minute(0), {RevisionOf("t1", 1, {"soc"})});
  const int64_t first = Deliveries("soc").front().sequence;
  const DeliveryOutcome outcome{first};
  ASSERT_TRUE(store_->Acknowledge("soc", {&outcome, 1}, Minute(60)).ok());
  MaintainAll(*store_, Minute(0) + 400 * kDay);
  ASSERT_EQ(SizeOf(*store_).revisions, 0u);
  Reopen();
  CommitRevisions(Minute(1), {RevisionOf("t2", 1, {"soc"})});
  EXPECT_GT(Deliveries("soc").front().sequence, first);
}

}  // namespace
}  // namespace signinwatch
