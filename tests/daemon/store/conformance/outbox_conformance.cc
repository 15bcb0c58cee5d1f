// What waits for each sink, and what becomes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "tests/daemon/store/conformance/store_kinds.h"

namespace signinwatch::store {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using OutboxConformance = StoreConformance<Store>;

INSTANTIATE_TEST_SUITE_P(Each, OutboxConformance, testing::ValuesIn(Stores()), NameOf());

TEST_P(OutboxConformance, DeliveriesComeInOrderToEachSinkAlone) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc", "mail"}), RevisionOf("t2", 1, {"soc"})});
  CommitRevisions(Minute(21), {RevisionOf("t1", 2, {"soc"}), RevisionOf("t3", 1, {})});
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t1#1", "t2#1", "t1#2"));
  // Told of t1, mail is told of it to its end.
  EXPECT_THAT(WaitingOf(*store_, "mail"), ElementsAre("t1#1", "t1#2"));
  EXPECT_THAT(WaitingOf(*store_, "nobody"), IsEmpty());
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 3), Pair("mail", 2)));

  const Delivery first = Deliveries("soc").front();
  EXPECT_EQ(first.ticket_id, "t1");
  EXPECT_EQ(first.revision, 1u);
  EXPECT_EQ(first.severity, "high");
  EXPECT_EQ(first.state, "open");
  EXPECT_EQ(first.committed_at, Minute(20));
  EXPECT_EQ(first.broker_time, Minute(11));
  ASSERT_THAT(Deliveries("soc", first.sequence, 1), SizeIs(1));
  EXPECT_EQ(Deliveries("soc", first.sequence, 1).front().json, "t2#1");
}

TEST_P(OutboxConformance, ADeliveryHasWhatAllSinksDecideBy) {
  TicketRevision revision = RevisionOf("t1", 4, {"soc"});
  revision.ticket.reason = RevisionReason::kMerged;
  revision.ticket.state = TicketState::kMerged;
  revision.ticket.reopened = 2;
  revision.ticket.tenant_id = "Tenant-A";
  revision.ticket.parent_ticket_id = "p1";
  revision.ticket.continues = "c1";
  revision.ticket.merged_into = "m1";
  TicketRevision tenant = RevisionOf("t2", 1, {"soc"});
  tenant.ticket.scope = GroupBy::kTenant;
  CommitRevisions(Minute(20), {revision, tenant});
  const std::vector<Delivery> deliveries = Deliveries("soc");
  ASSERT_THAT(deliveries, SizeIs(2));
  EXPECT_EQ(deliveries[0].reason, "merged");
  EXPECT_EQ(deliveries[0].state, "merged");
  EXPECT_EQ(deliveries[0].reopened, 2u);
  EXPECT_EQ(deliveries[0].tenant_id, "Tenant-A");
  EXPECT_EQ(deliveries[0].scope, "user");
  EXPECT_EQ(deliveries[0].parent_ticket_id, "p1");
  EXPECT_EQ(deliveries[0].continues, "c1");
  EXPECT_EQ(deliveries[0].merged_into, "m1");
  EXPECT_EQ(deliveries[1].reason, "opened");
  EXPECT_EQ(deliveries[1].reopened, 0u);
  EXPECT_EQ(deliveries[1].scope, "tenant");
  EXPECT_EQ(deliveries[1].parent_ticket_id, "");
}

TEST_P(OutboxConformance, WhatIsAcknowledgedIsNotDeliveredAgain) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc", "mail"}), RevisionOf("t2", 1, {"soc"}),
                               RevisionOf("t3", 1, {"soc"})});
  const std::vector<Delivery> all = Deliveries("soc");
  const DeliveryOutcome outcomes[] = {
      {all[0].sequence}, {all[2].sequence}, {all[2].sequence}, {4'711}};
  ASSERT_TRUE(store_->Acknowledge("soc", outcomes, Minute(60)).ok());
  ASSERT_TRUE(store_->Acknowledge("soc", {}, Minute(60)).ok());
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t2#1"));
    EXPECT_THAT(WaitingOf(*store_, "mail"), ElementsAre("t1#1"));
    EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 1), Pair("mail", 1)));
    Reopen();
  }
  std::vector<FailedDelivery> failed;
  ASSERT_TRUE(store_->FailedDeliveries(10, &failed).ok());
  EXPECT_THAT(failed, IsEmpty());
}

TEST_P(OutboxConformance, FailedDeliveriesAreRememberedUpToABound) {
  using Kind = DeliveryOutcome::Kind;
  std::vector<TicketRevision> revisions;
  for (int i = 0; i < static_cast<int>(kFailedDeliveriesMax) + 10; ++i) {
    revisions.push_back(RevisionOf("t" + std::to_string(i), 3, {"soc"}));
  }
  CommitRevisions(Minute(20), revisions);
  std::vector<DeliveryOutcome> outcomes;
  for (const Delivery& d : Deliveries("soc", 0, 2'000)) {
    outcomes.push_back({d.sequence, Kind::kFailed, "refused: " + d.ticket_id, "too_large"});
  }
  outcomes.back().error = std::string(5'000, 'e');
  outcomes.back().reason = std::string(5'000, 'r');
  ASSERT_TRUE(store_->Acknowledge("soc", outcomes, Minute(60)).ok());
  EXPECT_THAT(WaitingOf(*store_, "soc"), IsEmpty());

  std::vector<FailedDelivery> failed;
  ASSERT_TRUE(store_->FailedDeliveries(2'000, &failed).ok());
  ASSERT_THAT(failed, SizeIs(kFailedDeliveriesMax));
  EXPECT_EQ(failed[0].error, std::string(kDeliveryErrorBytesMax, 'e'));
  EXPECT_EQ(failed[0].reason, std::string(kDeliveryReasonBytesMax, 'r'));
  EXPECT_EQ(failed[1].error, "refused: t1008");
  EXPECT_EQ(failed[1].reason, "too_large");
  EXPECT_EQ(failed[1].ticket_id, "t1008");
  EXPECT_EQ(failed[1].revision, 3u);
  EXPECT_EQ(failed[1].sink, "soc");
  EXPECT_EQ(failed[1].failed_at, Minute(60));
  EXPECT_EQ(failed.back().ticket_id, "t10");
}

TEST_P(OutboxConformance, TheOldestThatWaitsIsShown) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc"})});
  CommitRevisions(Minute(30), {RevisionOf("t2", 1, {"soc"})});
  const auto oldest = [&](const std::string& sink) {
    std::vector<OutboxSize> sizes;
    EXPECT_TRUE(store_->OutboxSizes(&sizes).ok());
    for (const OutboxSize& size : sizes) {
      if (size.sink == sink) return size.oldest;
    }
    return kEndOfTime;
  };
  EXPECT_EQ(oldest("soc"), Minute(20));
  EXPECT_EQ(oldest("mail"), kBeginningOfTime);
  const DeliveryOutcome outcome{Deliveries("soc").front().sequence};
  ASSERT_TRUE(store_->Acknowledge("soc", {&outcome, 1}, Minute(60)).ok());
  EXPECT_EQ(oldest("soc"), Minute(30));
}

TEST_P(OutboxConformance, WhatWaitsForASinkThatIsGoneIsDropped) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc", "mail"})});
  limits_.sinks = {"soc", "new"};
  Reopen();
  EXPECT_THAT(DepthsOf(*store_), Contains(Pair("mail", 1))) << "the start may still be refused";
  ASSERT_TRUE(store_->Maintain(Minute(21)).ok());
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 1), Pair("new", 0)));
  EXPECT_THAT(WaitingOf(*store_, "mail"), IsEmpty());
  EXPECT_THAT(TicketsOf(*store_), ElementsAre("t1#1"));
  EXPECT_THAT(store_->dropped_deliveries(), IsEmpty());
}

TEST_P(OutboxConformance, SinksMayComeAndGoWhileItIsOpen) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc", "mail"})});
  ASSERT_TRUE(store_->Maintain(Minute(21)).ok());
  store_->SetLimits({.outbox_max = 1, .sinks = {"soc", "new"}});
  EXPECT_THAT(DepthsOf(*store_), Contains(Pair("new", 0)));
  ASSERT_TRUE(store_->Maintain(Minute(22)).ok());
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 1), Pair("new", 0)));
  CommitRevisions(Minute(23), {RevisionOf("t2", 1, {"soc"})});
  ASSERT_TRUE(store_->Maintain(Minute(24)).ok());
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t2#1")) << "the new bound";
}

// A ticket that falls below a sink's severity, or comes under a tenant's, would stay open there for
// ever.
TEST_P(OutboxConformance, ASinkThatWasToldOfATicketIsToldToItsEnd) {
  CommitRevisions(Minute(0), {RevisionOf("t1", 1, {"soc"}), RevisionOf("t2", 1, {})});
  CommitRevisions(Minute(1), {RevisionOf("t1", 2, {}), RevisionOf("t2", 2, {})});
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 2), Pair("mail", 0)));
  // Named again it is told once, and who joins later is told from then on.
  CommitRevisions(Minute(2), {RevisionOf("t1", 3, {"soc", "mail"})});
  CommitRevisions(Minute(3), {RevisionOf("t1", 4, {})});
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 4), Pair("mail", 2)));
}

// For the thread sanitizer, and for numbers that must add up in the end.
TEST_P(OutboxConformance, IsUsedByManyThreadsAtOnce) {
  constexpr int kCommits = 60;
  std::atomic<bool> done = false;
  const auto deliver = [&](const std::string& sink) {
    int delivered = 0;
    int64_t after = 0;
    while (delivered < kCommits) {
      std::vector<Delivery> deliveries;
      ASSERT_TRUE(store_->NextDeliveries(sink, after, 7, &deliveries).ok());
      std::vector<DeliveryOutcome> outcomes;
      for (const Delivery& d : deliveries) outcomes.push_back({after = d.sequence});
      ASSERT_TRUE(store_->Acknowledge(sink, outcomes, Minute(60)).ok());
      delivered += static_cast<int>(outcomes.size());
      if (outcomes.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  std::vector<std::thread> threads;
  threads.emplace_back(deliver, "soc");
  threads.emplace_back(deliver, "mail");
  threads.emplace_back([&] {
    while (!done) {
      ASSERT_TRUE(store_->Maintain(Minute(0)).ok());
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  threads.emplace_back([&] {
    while (!done) {
      const auto tickets = TicketsOf(*store_);
      EXPECT_LE(tickets.size(), static_cast<size_t>(kCommits));
      (void)DepthsOf(*store_);
      (void)SizeOf(*store_);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (int i = 0; i < kCommits; ++i) {
    const std::string id = "t" + std::to_string(i);
    Commit({.moment = Minute(i),
            .state = {{"n", std::to_string(i)}, {id, id}},
            .revisions = {RevisionOf(id, 1, {"soc", "mail"})}});
  }
  threads[0].join();
  threads[1].join();
  done = true;
  threads[2].join();
  threads[3].join();
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 0), Pair("mail", 0)));
  EXPECT_EQ(SizeOf(*store_).state_rows, kCommits + 1u);
  EXPECT_THAT(TicketsOf(*store_), SizeIs(kCommits));
}

}  // namespace
}  // namespace signinwatch::store
