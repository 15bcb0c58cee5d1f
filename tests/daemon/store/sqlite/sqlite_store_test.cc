// The store on SQLite; the rest is in tests/daemon/store/conformance.
#include "daemon/store/sqlite/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/store_counts.h"
#include "tests/daemon/store/store_fixture.h"

namespace signinwatch::store {
namespace sqlite_store_test {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

using SqliteStoreTest = StoreTest;

TEST_F(SqliteStoreTest, IsEmptyAtFirst) {
  EXPECT_THAT(StateOf(*store_), IsEmpty());
  EXPECT_THAT(PositionsOf(*store_), IsEmpty());
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

TEST_F(SqliteStoreTest, ASecondReaderSeesEachCommitAndChangesNothing) {
  StoreOptions reading = options_;
  reading.read_only = true;
  const std::unique_ptr<Store> reader = MustOpen(reading);
  ASSERT_NE(reader, nullptr);
  CommitRevisions(Minute(20), {RevisionOf("t1", 1, {"soc"})});
  EXPECT_THAT(TicketsOf(*reader), ElementsAre("t1#1"));
  EXPECT_THAT(DepthsOf(*reader), UnorderedElementsAre(Pair("soc", 1), Pair("mail", 0)));
  EXPECT_EQ(SizeOf(*reader).tickets, 1u);

  EXPECT_EQ(reader->Claim(0).status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(reader->Commit({}, {}).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(reader->Acknowledge("soc", {}, Minute(60)).code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(reader->Maintain(Minute(0)).status().code(), absl::StatusCode::kPermissionDenied);

  store_.reset();
  const std::unique_ptr<Store> alone = MustOpen(reading);
  ASSERT_NE(alone, nullptr);
  EXPECT_THAT(TicketsOf(*alone), ElementsAre("t1#1"));
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
  EXPECT_EQ(CommitTo(*store_, {.state = {{"k", "v"}}}).code(), absl::StatusCode::kUnavailable);
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

}  // namespace sqlite_store_test
}  // namespace signinwatch::store
