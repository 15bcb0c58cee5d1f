// What is kept, and what goes first at a bound.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/conformance/store_kinds.h"

namespace signinwatch::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class UpkeepConformance : public StoreConformance<Store> {
 protected:
  UpkeepConformance() {
    limits_.keep_tickets = 10 * kDay;
    limits_.outbox_max = 5;
    Reopen();
  }
  // Takes all that waits for `sink`.
  void Deliver(const std::string& sink) {
    std::vector<DeliveryOutcome> outcomes;
    for (const Delivery& d : Deliveries(sink, 0, 1'000'000)) outcomes.push_back({d.sequence});
    ASSERT_TRUE(store_->Acknowledge(sink, outcomes, Minute(60)).ok());
  }
};

INSTANTIATE_TEST_SUITE_P(Each, UpkeepConformance, testing::ValuesIn(Stores()), NameOf());

TicketRevision Resolved(const std::string& ticket_id, std::vector<std::string> sinks = {}) {
  TicketRevision r = RevisionOf(ticket_id, 1, std::move(sinks));
  r.ticket.state = TicketState::kResolved;
  return r;
}

TEST_P(UpkeepConformance, ForgetsTicketsThatAreOldAndDelivered) {
  TicketRevision merged = RevisionOf("merged", 1, {});
  merged.ticket.state = TicketState::kMerged;
  CommitRevisions(Minute(0), {Resolved("old"), Resolved("waits", {"mail"}), Resolved("revised"),
                              merged, RevisionOf("open", 1, {})});
  CommitRevisions(Minute(1), {Resolved("young")});
  CommitRevisions(Minute(2), {Resolved("revised")});

  MaintainAll(*store_, Minute(0) + 10 * kDay);
  EXPECT_THAT(TicketsOf(*store_), SizeIs(6));
  MaintainAll(*store_, Minute(1) + 10 * kDay);
  EXPECT_THAT(TicketsOf(*store_),
              UnorderedElementsAre("waits#1", "revised#1", "open#1", "young#1"));
  EXPECT_EQ(SizeOf(*store_).tickets, 4u);
  EXPECT_EQ(SizeOf(*store_).revisions, 5u);
  std::vector<std::string> revisions;
  EXPECT_EQ(store_->TicketRevisions("old", &revisions).code(), absl::StatusCode::kNotFound);

  Deliver("mail");
  MaintainAll(*store_, Minute(5) + 10 * kDay);
  EXPECT_THAT(TicketsOf(*store_), ElementsAre("open#1"));
  MaintainAll(*store_, Minute(5) + 10 * kDay + kOpenTicketsKeptLonger);
  EXPECT_THAT(TicketsOf(*store_), IsEmpty());
  Reopen();
  EXPECT_EQ(SizeOf(*store_).tickets, 0u);
  EXPECT_EQ(SizeOf(*store_).revisions, 0u);
}

TEST_P(UpkeepConformance, BeyondTheBoundSupersededRevisionsGoFirst) {
  CommitRevisions(Minute(0), {RevisionOf("a", 1, {"soc", "mail"}), RevisionOf("b", 1, {"soc"}),
                              RevisionOf("a", 2, {"mail"}), RevisionOf("c", 1, {"soc"}),
                              RevisionOf("b", 2, {"soc"}), RevisionOf("a", 3, {"soc"})});
  CommitRevisions(Minute(1), {RevisionOf("b", 3, {"soc"}), RevisionOf("d", 1, {"soc"})});
  // Who was told of a ticket is told to its end: of soc 8 wait, 3 too many. a#1, a#2 and b#1 are
  // the oldest of those that a later one supersedes.
  MaintainAll(*store_, Minute(2));
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("c#1", "b#2", "a#3", "b#3", "d#1"));
  EXPECT_THAT(WaitingOf(*store_, "mail"), ElementsAre("a#1", "a#2", "a#3"));
  EXPECT_THAT(store_->dropped_deliveries(), ElementsAre(Pair("soc", 3)));

  // b#2 is the only one superseded; then the oldest go.
  CommitRevisions(Minute(3), {RevisionOf("e", 1, {"soc"}), RevisionOf("f", 1, {"soc"})});
  MaintainAll(*store_, Minute(3));
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("a#3", "b#3", "d#1", "e#1", "f#1"));
  EXPECT_THAT(store_->dropped_deliveries(), ElementsAre(Pair("soc", 5)));
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 5), Pair("mail", 3)));
  // The tickets themselves stay, with all their revisions.
  EXPECT_EQ(SizeOf(*store_).revisions, 10u);
}

// A revision that was delivered supersedes nothing that comes after it.
TEST_P(UpkeepConformance, OnlyWhatWaitsSupersedes) {
  CommitRevisions(Minute(0), {RevisionOf("a", 1, {"soc"})});
  Deliver("soc");
  CommitRevisions(Minute(1), {RevisionOf("a", 2, {"soc"}), RevisionOf("b", 1, {"soc"}),
                              RevisionOf("c", 1, {"soc"}), RevisionOf("d", 1, {"soc"}),
                              RevisionOf("e", 1, {"soc"}), RevisionOf("f", 1, {"soc"}),
                              RevisionOf("f", 2, {"soc"})});
  MaintainAll(*store_, Minute(1));
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("b#1", "c#1", "d#1", "e#1", "f#2"));
}

// What another sink alone is told of supersedes nothing here: the oldest goes, not b#1.
TEST_P(UpkeepConformance, ARevisionSupersedesForItsOwnSinksOnly) {
  CommitRevisions(Minute(0), {RevisionOf("a", 1, {"soc"}), RevisionOf("m", 1, {"mail"}),
                              RevisionOf("m", 2, {"mail"}), RevisionOf("b", 1, {"soc"}),
                              RevisionOf("c", 1, {"soc"}), RevisionOf("d", 1, {"soc"}),
                              RevisionOf("e", 1, {"soc"}), RevisionOf("m", 3, {"soc"})});
  MaintainAll(*store_, Minute(1));
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("b#1", "c#1", "d#1", "e#1", "m#3"));
  EXPECT_THAT(WaitingOf(*store_, "mail"), ElementsAre("m#1", "m#2", "m#3"));
}

}  // namespace
}  // namespace signinwatch::store
