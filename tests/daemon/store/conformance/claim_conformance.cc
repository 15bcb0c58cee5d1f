// Who may write a shard.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/conformance/store_kinds.h"

namespace signinwatch::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr auto kAborted = absl::StatusCode::kAborted;

using ClaimConformance = StoreConformance<StateStore>;
using ClaimedOutboxConformance = StoreConformance<Store>;

INSTANTIATE_TEST_SUITE_P(Each, ClaimConformance, testing::ValuesIn(StateStores()), NameOf());
INSTANTIATE_TEST_SUITE_P(Each, ClaimedOutboxConformance, testing::ValuesIn(Stores()), NameOf());

TEST_P(ClaimConformance, AClaimHoldsUntilItIsReleased) {
  const ShardClaim claim = ClaimOf(*store_);
  EXPECT_EQ(ClaimOf(*store_), claim) << "nobody took it meanwhile";
  ASSERT_TRUE(store_->Commit(claim, {.state = {{"a", "1"}}}).ok());
  ASSERT_TRUE(store_->Release(claim).ok());
  EXPECT_EQ(store_->Commit(claim, {.state = {{"a", "2"}}}).code(), kAborted);
  EXPECT_EQ(store_->Release(claim).code(), kAborted);
  const auto none = [](const StateRow&) { return true; };
  EXPECT_EQ(store_->LoadState(claim, kStateHead, none).code(), kAborted);
  std::vector<position::PartitionPosition> positions;
  EXPECT_EQ(store_->LoadPositions(claim, &positions).code(), kAborted);
  std::vector<FailureCount> failures;
  EXPECT_EQ(store_->LoadFailures(claim, kBeginningOfTime, &failures).code(), kAborted);

  const ShardClaim next = ClaimOf(*store_);
  EXPECT_GT(next.epoch, claim.epoch);
  EXPECT_THAT(StateOf(*store_), ElementsAre(Pair("a", "1")));
  EXPECT_EQ(store_->Commit(claim, {.state = {{"a", "3"}}}).code(), kAborted);
  EXPECT_TRUE(store_->Commit(next, {.state = {{"a", "4"}}}).ok());
  EXPECT_THAT(StateOf(*store_), ElementsAre(Pair("a", "4")));
}

TEST_P(ClaimedOutboxConformance, WithoutAClaimNothingIsDelivered) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc"})});
  const clock::SteadyTime now{};
  const DeliveryOutcome outcome{Deliveries("soc").front().sequence};
  ASSERT_TRUE(store_->NoteRemote({.sink = "soc", .ticket_id = "t1", .revision = 1}).ok());
  const auto version = store_->ClaimsVersion(now);
  ASSERT_TRUE(version.ok());
  EXPECT_EQ(*store_->ClaimsVersion(now), *version);

  ASSERT_TRUE(store_->Release(ClaimOf(*store_)).ok());
  EXPECT_NE(*store_->ClaimsVersion(now), *version);
  EXPECT_THAT(Deliveries("soc"), IsEmpty());
  std::vector<ToldTicket> told;
  EXPECT_TRUE(store_->ToldTickets("soc", &told).ok());
  EXPECT_TRUE(told.empty());
  EXPECT_TRUE(store_->Acknowledge("soc", {&outcome, 1}, Minute(60)).ok());
  EXPECT_EQ(store_->NoteRemote({.sink = "soc", .ticket_id = "t1", .revision = 2}).code(), kAborted);

  ClaimOf(*store_);
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t1#1"));
  ASSERT_TRUE(store_->ToldTickets("soc", &told).ok());
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].remote.revision, 1u);
}

}  // namespace
}  // namespace signinwatch::store
