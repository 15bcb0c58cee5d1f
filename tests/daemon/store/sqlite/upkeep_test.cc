// The store keeps within its bounds, a piece at a time; what goes first is in
// tests/daemon/store/conformance.
#include "daemon/store/sqlite/upkeep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/store/sqlite/file_access.h"
#include "daemon/store/sqlite/write_ahead_log.h"
#include "tests/daemon/store/store_fixture.h"

namespace signinwatch::store {
namespace upkeep_test {

using testing::SizeIs;

class UpkeepTest : public StoreTest {
 protected:
  UpkeepTest() {
    options_.limits.keep_tickets = 10 * kDay;
    options_.limits.outbox_max = 5;
    Reopen();
  }
  // Takes all that waits for `sink`.
  void Deliver(const std::string& sink) {
    std::vector<DeliveryOutcome> outcomes;
    for (const Delivery& d : Deliveries(sink, 0, 1'000'000)) outcomes.push_back({d.sequence});
    ASSERT_TRUE(store_->Acknowledge(sink, outcomes, Minute(60)).ok());
  }
};

TicketRevision Resolved(const std::string& ticket_id, std::vector<std::string> sinks = {}) {
  TicketRevision r = RevisionOf(ticket_id, 1, std::move(sinks));
  r.ticket.state = TicketState::kResolved;
  return r;
}

// Many old tickets that wait for a sink that is down are not in the way of those behind them.
TEST_F(UpkeepTest, ForgetsAPieceAtATime) {
  options_.limits.outbox_max = 10'000;
  Reopen();
  std::vector<TicketRevision> revisions;
  constexpr int kWaiting = 2 * kTicketsPerUpkeep;
  for (int i = 0; i < kWaiting; ++i)
    revisions.push_back(Resolved("w" + std::to_string(i), {"soc"}));
  for (int i = 0; i < 2 * kTicketsPerUpkeep + 10; ++i) {
    revisions.push_back(Resolved("d" + std::to_string(i)));
  }
  CommitRevisions(Minute(0), revisions);
  uint64_t before = SizeOf(*store_).tickets;
  bool more = true;
  int calls = 0;
  while (more) {
    const absl::StatusOr<bool> result = store_->Maintain(Minute(1) + 10 * kDay);
    ASSERT_TRUE(result.ok());
    more = *result;
    ++calls;
    const uint64_t now = SizeOf(*store_).tickets;
    EXPECT_LE(before - now, static_cast<uint64_t>(kTicketsPerUpkeep));
    before = now;
  }
  EXPECT_EQ(before, static_cast<uint64_t>(kWaiting));
  EXPECT_EQ(calls, 5);
  Deliver("soc");
  MaintainAll(*store_, Minute(1) + 10 * kDay);
  EXPECT_EQ(SizeOf(*store_).tickets, 0u);
}

// The plot is by event time, which need not be near the wall clock.
TEST_F(UpkeepTest, ForgetsFailuresOlderThanTheNewest) {
  std::vector<FailureCount> failures;
  for (int64_t i = 0; i < 3 * kFailuresPerUpkeep; ++i)
    failures.push_back({Minute(10 * i), 50132, 1});
  const EventTime newest = failures.back().bucket;
  ASSERT_TRUE(CommitTo(*store_, {.failures = failures}).ok());
  MaintainAll(*store_, Minute(0) + 4'000 * kDay);
  const std::vector<FailureCount> kept = FailuresOf(*store_);
  ASSERT_THAT(kept, SizeIs(10 * 144 + 1));
  EXPECT_EQ(kept.front().bucket, newest - 10 * kDay);
  EXPECT_EQ(kept.back().bucket, newest);
}

// ------------------------------------------------------------------------------------ the outbox

TEST_F(UpkeepTest, TheOutboxIsTrimmedAPieceAtATime) {
  std::vector<TicketRevision> revisions;
  constexpr int kWaiting = 2 * kOutboxRowsPerUpkeep + 50;
  for (int i = 0; i < kWaiting; ++i) revisions.push_back(RevisionOf(std::to_string(i), 1, {"soc"}));
  CommitRevisions(Minute(0), revisions);
  ASSERT_TRUE(store_->Maintain(Minute(0)).value());
  EXPECT_EQ(DepthsOf(*store_)["soc"], static_cast<uint64_t>(kWaiting - kOutboxRowsPerUpkeep));
  MaintainAll(*store_, Minute(0));
  EXPECT_EQ(DepthsOf(*store_)["soc"], 5u);
  EXPECT_THAT(WaitingOf(*store_, "soc"), SizeIs(5));
  EXPECT_EQ(WaitingOf(*store_, "soc").back(), std::to_string(kWaiting - 1) + "#1");
}

// ------------------------------------------------------------------------------------------- size

TEST_F(UpkeepTest, TheFileShrinksWhenMuchIsForgotten) {
  constexpr int kTickets = 3'000;
  std::vector<TicketRevision> revisions;
  for (int i = 0; i < kTickets; ++i) {
    revisions.push_back(Resolved("t" + std::to_string(i)));
    revisions.back().json.resize(10'000, 'j');
  }
  CommitRevisions(Minute(0), revisions);
  MaintainAll(*store_, Minute(0));
  Reopen();
  const uint64_t full = SizeOf(*store_).file_bytes;
  EXPECT_GT(full, kTickets * 10'000u);
  MaintainAll(*store_, Minute(1) + 10 * kDay);
  Reopen();
  // The free pages that are kept, and little else.
  EXPECT_LT(SizeOf(*store_).file_bytes, 2 * kFreePagesKept * 2'048u);
}

// State that comes and goes uses the same pages again.
TEST_F(UpkeepTest, TheFileDoesNotGrowWithTime) {
  uint64_t after_ten = 0;
  for (int round = 0; round < 40; ++round) {
    std::vector<StateRow> rows;
    for (int i = 0; i < 500; ++i) {
      rows.push_back({"row" + std::to_string(round * 500 + i), std::string(200, 'v')});
      if (round >= 3) rows.push_back({"row" + std::to_string((round - 3) * 500 + i), ""});
    }
    ASSERT_TRUE(CommitTo(*store_, {.state = rows}).ok());
    ASSERT_TRUE(store_->Maintain(Minute(round)).ok());
    if (round == 10) {
      Reopen();
      after_ten = SizeOf(*store_).file_bytes;
    }
  }
  EXPECT_EQ(SizeOf(*store_).state_rows, 1'500u);
  Reopen();
  EXPECT_LT(SizeOf(*store_).file_bytes, 2 * after_ten);
}

// Also when nobody calls for upkeep.
TEST_F(UpkeepTest, ACommitEmptiesALogThatIsTooLong) {
  const uint64_t max_bytes = uint64_t{2'048} * LogLimits().max_pages;
  const std::string log = options_.path + "-wal";
  uint64_t longest = 0;
  uint64_t now = 0;
  for (int i = 0; i < 20 && now >= longest; ++i) {
    longest = std::max(longest, now);
    const std::string value(16 << 20, static_cast<char>('a' + i));
    ASSERT_TRUE(CommitTo(*store_, {.state = {{"k", value}}}).ok());
    now = FileBytes(log);
  }
  EXPECT_GT(longest, max_bytes / 2);
  EXPECT_EQ(now, 0u);
}

}  // namespace upkeep_test
}  // namespace signinwatch::store
