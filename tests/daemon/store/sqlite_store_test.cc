// The store as its users see it: what is committed is there, after a restart too.
#include "daemon/store/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "daemon/store/store_counts.h"
#include "tests/daemon/store/store_samples.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class SqliteStoreTest : public testing::Test {
 protected:
  SqliteStoreTest() { Reopen(); }

  void Reopen() {
    store_.reset();
    store_ = MustOpen(options_);
  }
  void Commit(const StoreCommit& commit) {
    const absl::Status s = store_->Commit(commit);
    ASSERT_TRUE(s.ok()) << s;
  }
  void CommitState(std::vector<StateRow> rows) { Commit({.state = std::move(rows)}); }
  void CommitRevisions(EventTime moment, std::vector<TicketRevision> revisions) {
    Commit({.moment = moment, .revisions = std::move(revisions)});
  }
  std::vector<Delivery> Deliveries(const std::string& sink, int64_t after = 0, size_t limit = 100) {
    std::vector<Delivery> deliveries;
    EXPECT_TRUE(store_->NextDeliveries(sink, after, limit, &deliveries).ok());
    return deliveries;
  }

  TemporaryFolder folder_;
  StoreOptions options_{.path = folder_.Path("store.db"), .sinks = {"soc", "mail"}};
  std::unique_ptr<Store> store_;
};

TEST_F(SqliteStoreTest, IsEmptyAtFirst) {
  EXPECT_THAT(StateOf(*store_), IsEmpty());
  std::vector<PartitionPosition> positions;
  ASSERT_TRUE(store_->LoadPositions(&positions).ok());
  EXPECT_THAT(positions, IsEmpty());
  EXPECT_THAT(TicketsOf(*store_), IsEmpty());
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 0), Pair("mail", 0)));
  EXPECT_GT(SizeOf(*store_).file_bytes, 0u);
}

TEST_F(SqliteStoreTest, IsItsOwnersAlone) {
  CommitState({{"k", "v"}});
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat status {};
    ASSERT_EQ(::stat((options_.path + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
}

TEST_F(SqliteStoreTest, StateIsReplacedDeletedAndKept) {
  const std::string bytes("\0\xff\x80", 3);
  CommitState({{"a", "1"}, {"b", "2"}, {bytes, bytes}});
  CommitState({{"a", "changed"}, {"b", ""}, {"never there", ""}, {"c", "3"}});
  const auto expected =
      UnorderedElementsAre(Pair("a", "changed"), Pair("c", "3"), Pair(bytes, bytes));
  EXPECT_THAT(StateOf(*store_), expected);
  EXPECT_EQ(SizeOf(*store_).state_rows, 3u);
  Reopen();
  EXPECT_THAT(StateOf(*store_), expected);
  EXPECT_EQ(SizeOf(*store_).state_rows, 3u);
}

TEST_F(SqliteStoreTest, OfRowsWithOneKeyTheLastCounts) {
  CommitState({{"a", "1"}, {"b", "1"}, {"a", ""}, {"b", ""}, {"b", "2"}, {"a", "3"}, {"a", ""}});
  EXPECT_THAT(StateOf(*store_), UnorderedElementsAre(Pair("b", "2")));
  EXPECT_EQ(SizeOf(*store_).state_rows, 1u);
}

// Rows are written in batches; none is lost at their edges.
TEST_F(SqliteStoreTest, ManyRowsOfAllSizes) {
  std::map<std::string, std::string> expected;
  for (const size_t count : {1, 63, 64, 65, 128, 1'000}) {
    std::vector<StateRow> rows;
    for (size_t i = 0; i < count; ++i) {
      const std::string key = std::to_string(count) + "/" + std::to_string(i * 7'919 % count);
      rows.push_back({key, std::string(1 + i * i % 5'000, 'v')});
    }
    CommitState(rows);
    for (StateRow& row : rows) expected[row.key] = row.value;
  }
  CommitState({{"large", std::string(1 << 20, 'x')}});
  expected["large"] = std::string(1 << 20, 'x');
  EXPECT_TRUE(StateOf(*store_) == expected);
  EXPECT_EQ(SizeOf(*store_).state_rows, expected.size());

  std::vector<StateRow> deletions;
  for (size_t i = 0; i < 1'000; i += 2) deletions.push_back({"1000/" + std::to_string(i), ""});
  CommitState(deletions);
  for (const StateRow& row : deletions) expected.erase(row.key);
  EXPECT_TRUE(StateOf(*store_) == expected);
  EXPECT_EQ(SizeOf(*store_).state_rows, expected.size());
}

TEST_F(SqliteStoreTest, PositionsAndFailuresAreReplaced) {
  Commit({.positions = {{"in", 0, 17, Minute(1)}, {"in", 1, 5, kBeginningOfTime}},
          .failures = {{Minute(0), 50132, 3}, {Minute(10), 50132, 1}}});
  Commit({.positions = {{"in", 0, 20, Minute(2)}, {"other", 0, int64_t{1} << 60, kEndOfTime}},
          .failures = {{Minute(10), 50132, 9}, {Minute(10), 50173, 2}}});
  Reopen();
  std::vector<PartitionPosition> positions;
  ASSERT_TRUE(store_->LoadPositions(&positions).ok());
  ASSERT_THAT(positions, SizeIs(3));
  EXPECT_EQ(positions[0].next_offset, 20);
  EXPECT_EQ(positions[0].watermark, Minute(2));
  EXPECT_EQ(positions[1].next_offset, 5);
  EXPECT_EQ(positions[1].watermark, kBeginningOfTime);
  EXPECT_EQ(positions[2].topic, "other");
  EXPECT_EQ(positions[2].next_offset, int64_t{1} << 60);
  EXPECT_EQ(positions[2].watermark, kEndOfTime);

  std::vector<FailureCount> failures;
  ASSERT_TRUE(store_->LoadFailures(Minute(5), &failures).ok());
  ASSERT_THAT(failures, SizeIs(2));
  EXPECT_EQ(failures[0].bucket, Minute(10));
  EXPECT_EQ(failures[0].count, 9u);
  EXPECT_EQ(failures[1].code, 50173);
}

TEST_F(SqliteStoreTest, DeliveriesComeInOrderToEachSinkAlone) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc", "mail"}), RevisionOf("t2", 1, {"soc"})});
  CommitRevisions(Minute(21), {RevisionOf("t1", 2, {"soc"}), RevisionOf("t3", 1, {})});
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t1#1", "t2#1", "t1#2"));
  EXPECT_THAT(WaitingOf(*store_, "mail"), ElementsAre("t1#1"));
  EXPECT_THAT(WaitingOf(*store_, "nobody"), IsEmpty());
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 3), Pair("mail", 1)));

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

TEST_F(SqliteStoreTest, WhatIsAcknowledgedIsNotDeliveredAgain) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc", "mail"}), RevisionOf("t2", 1, {"soc"}),
                               RevisionOf("t3", 1, {"soc"})});
  const std::vector<Delivery> all = Deliveries("soc");
  const DeliveryOutcome outcomes[] = {
      {all[0].sequence}, {all[2].sequence}, {all[2].sequence}, {4'711}};
  ASSERT_TRUE(store_->Acknowledge("soc", outcomes).ok());
  ASSERT_TRUE(store_->Acknowledge("soc", {}).ok());
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

TEST_F(SqliteStoreTest, FailedDeliveriesAreRememberedUpToABound) {
  using Kind = DeliveryOutcome::Kind;
  std::vector<TicketRevision> revisions;
  for (int i = 0; i < kFailedDeliveriesMax + 10; ++i) {
    revisions.push_back(RevisionOf("t" + std::to_string(i), 3, {"soc"}));
  }
  CommitRevisions(Minute(20), revisions);
  std::vector<DeliveryOutcome> outcomes;
  for (const Delivery& d : Deliveries("soc", 0, 2'000)) {
    outcomes.push_back({d.sequence, Kind::kFailed, "refused: " + d.ticket_id});
  }
  outcomes.back().error = std::string(5'000, 'e');
  ASSERT_TRUE(store_->Acknowledge("soc", outcomes).ok());
  EXPECT_THAT(WaitingOf(*store_, "soc"), IsEmpty());

  std::vector<FailedDelivery> failed;
  ASSERT_TRUE(store_->FailedDeliveries(2'000, &failed).ok());
  ASSERT_THAT(failed, SizeIs(kFailedDeliveriesMax));
  EXPECT_EQ(failed[0].error, std::string(kDeliveryErrorBytesMax, 'e'));
  EXPECT_EQ(failed[1].error, "refused: t1008");
  EXPECT_EQ(failed[1].ticket_id, "t1008");
  EXPECT_EQ(failed[1].revision, 3u);
  EXPECT_EQ(failed[1].sink, "soc");
  EXPECT_GT(failed[1].failed_at, kBeginningOfTime);
  EXPECT_EQ(failed.back().ticket_id, "t10");
}

TEST_F(SqliteStoreTest, TheOldestThatWaitsIsShown) {
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
  ASSERT_TRUE(store_->Acknowledge("soc", {&outcome, 1}).ok());
  EXPECT_EQ(oldest("soc"), Minute(30));
}

TEST_F(SqliteStoreTest, WhatWaitsForASinkThatIsGoneIsDropped) {
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc", "mail"})});
  options_.sinks = {"soc", "new"};
  Reopen();
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 1), Pair("new", 0)));
  EXPECT_THAT(WaitingOf(*store_, "mail"), IsEmpty());
  EXPECT_THAT(TicketsOf(*store_), ElementsAre("t1#1"));
  EXPECT_THAT(store_->dropped_deliveries(), IsEmpty());
}

TEST_F(SqliteStoreTest, ATicketIsShownAsItsLastRevisionAndKeepsAll) {
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
TEST_F(SqliteStoreTest, SequencesAreNotUsedAgain) {
  CommitRevisions(Minute(0), {RevisionOf("t1", 1, {"soc"})});
  const int64_t first = Deliveries("soc").front().sequence;
  const DeliveryOutcome outcome{first};
  ASSERT_TRUE(store_->Acknowledge("soc", {&outcome, 1}).ok());
  MaintainAll(*store_, Minute(0) + 400 * kDay);
  ASSERT_EQ(SizeOf(*store_).revisions, 0u);
  Reopen();
  CommitRevisions(Minute(1), {RevisionOf("t2", 1, {"soc"})});
  EXPECT_GT(Deliveries("soc").front().sequence, first);
}

TEST_F(SqliteStoreTest, ASecondReaderSeesEachCommitAndChangesNothing) {
  StoreOptions reading = options_;
  reading.read_only = true;
  const std::unique_ptr<Store> reader = MustOpen(reading);
  ASSERT_NE(reader, nullptr);
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc"})});
  EXPECT_THAT(TicketsOf(*reader), ElementsAre("t1#1"));
  EXPECT_THAT(DepthsOf(*reader), UnorderedElementsAre(Pair("soc", 1), Pair("mail", 0)));
  EXPECT_EQ(SizeOf(*reader).tickets, 1u);
  EXPECT_THAT(StateOf(*reader), IsEmpty());

  EXPECT_EQ(reader->Commit({}).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(reader->Acknowledge("soc", {}).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(reader->Maintain(Minute(0)).status().code(), absl::StatusCode::kPermissionDenied);

  store_.reset();
  const std::unique_ptr<Store> alone = MustOpen(reading);
  ASSERT_NE(alone, nullptr);
  EXPECT_THAT(TicketsOf(*alone), ElementsAre("t1#1"));
}

// For the thread sanitizer, and for numbers that must add up in the end.
TEST_F(SqliteStoreTest, IsUsedByManyThreadsAtOnce) {
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
      ASSERT_TRUE(store_->Acknowledge(sink, outcomes).ok());
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

// Readers are not kept waiting by a commit, nor do they see half of it.
TEST_F(SqliteStoreTest, ReadersSeeTheLastCommitWhileAnotherIsWritten) {
  CommitRevisions(Minute(0), {RevisionOf("t1", 1, {"soc"})});
  auto writer = Connection::Open(options_.path, Connection::Access::kReadWrite, 1 << 20);
  ASSERT_TRUE(writer.ok());
  Transaction transaction(**writer);
  ASSERT_TRUE(transaction.Begin(Transaction::Kind::kDurable).ok());
  ASSERT_TRUE((*writer)->Execute("DELETE FROM tickets; DELETE FROM outbox").ok());
  EXPECT_THAT(TicketsOf(*store_), ElementsAre("t1#1"));
  EXPECT_THAT(WaitingOf(*store_, "soc"), ElementsAre("t1#1"));
  // Somebody else writes for longer than is waited for.
  EXPECT_EQ(store_->Commit({.state = {{"k", "v"}}}).code(), absl::StatusCode::kUnavailable);
}

TEST(StoreCounts, ChangesAddUp) {
  SharedCounts shared;
  shared.Set({.state_rows = 5, .waiting = {{"soc", 2}}});
  shared.Add({.state_rows = -2,
              .tickets = 1,
              .waiting = {{"soc", -1}, {"mail", 4}},
              .dropped = {{"soc", 1}}});
  EXPECT_EQ(shared.Get().state_rows, 3);
  EXPECT_EQ(shared.Get().tickets, 1);
  EXPECT_THAT(shared.Get().waiting, UnorderedElementsAre(Pair("soc", 1), Pair("mail", 4)));
  shared.Set({});
  EXPECT_THAT(shared.Get().dropped, UnorderedElementsAre(Pair("soc", 1)));
}

}  // namespace
}  // namespace signinwatch
