// The store as its users see it, by several at once.
#include "daemon/store/sqlite/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/sqlite/store_counts.h"
#include "tests/daemon/store/store_fixture.h"

namespace signinwatch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

using SqliteStoreTest = StoreTest;

TEST_F(SqliteStoreTest, IsEmptyAtFirst) {
  EXPECT_THAT(StateOf(*store_), IsEmpty());
  std::vector<PartitionPosition> positions;
  ASSERT_TRUE(store_->LoadPositions(&positions).ok());
  EXPECT_THAT(positions, IsEmpty());
  EXPECT_THAT(TicketsOf(*store_), IsEmpty());
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 0), Pair("mail", 0)));
  EXPECT_GT(SizeOf(*store_).file_bytes, 0u);
}

// A ticket that falls below a sink's severity, or comes under a tenant's, would stay open there for
// ever.
TEST_F(SqliteStoreTest, ASinkThatWasToldOfATicketIsToldToItsEnd) {
  CommitRevisions(Minute(0), {RevisionOf("t1", 1, {"soc"}), RevisionOf("t2", 1, {})});
  CommitRevisions(Minute(1), {RevisionOf("t1", 2, {}), RevisionOf("t2", 2, {})});
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 2), Pair("mail", 0)));
  // Named again it is told once, and who joins later is told from then on.
  CommitRevisions(Minute(2), {RevisionOf("t1", 3, {"soc", "mail"})});
  CommitRevisions(Minute(3), {RevisionOf("t1", 4, {})});
  EXPECT_THAT(DepthsOf(*store_), UnorderedElementsAre(Pair("soc", 4), Pair("mail", 2)));
}

TEST_F(SqliteStoreTest, IsItsOwnersAlone) {
  CommitState({{"k", "v"}});
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat status {};
    ASSERT_EQ(::stat((options_.path + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600u) << suffix;
  }
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
  EXPECT_EQ(reader->Acknowledge("soc", {}, Minute(60)).code(), absl::StatusCode::kPermissionDenied);
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
