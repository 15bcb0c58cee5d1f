// The write-ahead log is kept short, whoever reads meanwhile.
#include "daemon/store/sqlite/write_ahead_log.h"

#include <gtest/gtest.h>

#include "daemon/store/sqlite/file_access.h"
#include "daemon/store/sqlite/schema.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::store {
namespace write_ahead_log_test {

class WriteAheadLogTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(CreateStoreFile(path_).ok());
    auto writer = Connection::Open(path_, Connection::Access::kReadWrite, 1 << 20);
    ASSERT_TRUE(writer.ok()) << writer.status();
    writer_ = *std::move(writer);
    ASSERT_TRUE(PrepareSchema(*writer_).ok());
    auto log = WriteAheadLog::Watch(*writer_, limits_);
    ASSERT_TRUE(log.ok()) << log.status();
    log_ = *std::move(log);
  }

  // Some 50 pages, again and again the same.
  void Write() {
    const absl::Status s =
        writer_->Execute("INSERT OR REPLACE INTO state VALUES ('k', randomblob(100000))");
    ASSERT_TRUE(s.ok()) << s;
  }
  uint64_t LogBytes() const { return FileBytes(path_ + "-wal"); }

  TemporaryFolder folder_;
  const std::string path_ = folder_.Path("store.db");
  const LogLimits limits_{.copied_pages = 100, .max_pages = 400, .kept_bytes = 256 << 10};
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<WriteAheadLog> log_;
};

TEST_F(WriteAheadLogTest, StaysShortWhenItIsCopied) {
  for (int i = 0; i < 50; ++i) {
    Write();
    ASSERT_TRUE(log_->Copy().ok());
    EXPECT_FALSE(log_->TooLong()) << i;
  }
  EXPECT_LT(LogBytes(), uint64_t{2'200} * limits_.max_pages);
}

TEST_F(WriteAheadLogTest, IsEmptiedAtLast) {
  int writes = 0;
  for (; writes < 50 && !log_->TooLong(); ++writes) Write();
  EXPECT_GT(writes, 5);
  EXPECT_LT(writes, 12);
  EXPECT_GT(LogBytes(), uint64_t{2'048} * limits_.max_pages);
  ASSERT_TRUE(log_->Empty().ok());
  EXPECT_EQ(LogBytes(), 0u);
  EXPECT_FALSE(log_->TooLong());
  EXPECT_EQ(*writer_->QueryInteger("SELECT LENGTH(value) FROM state"), 100'000);
}

// Somebody who reads for long costs room, holds up nothing, and still sees what he saw.
TEST_F(WriteAheadLogTest, WaitsForALongReaderWithoutHarm) {
  Write();
  auto reader = Connection::Open(path_, Connection::Access::kReadOnly, 1 << 20);
  ASSERT_TRUE(reader.ok());
  const std::string sum = "SELECT hex(substr(value, 1, 20)) FROM state";
  std::string seen;
  {
    Transaction snapshot(**reader);
    ASSERT_TRUE(snapshot.Begin(Transaction::Kind::kRead).ok());
    seen = *(*reader)->QueryText(sum);
    for (int i = 0; i < 20; ++i) {
      Write();
      ASSERT_TRUE(log_->Copy().ok());
      if (!log_->TooLong()) continue;
      ASSERT_TRUE(log_->Empty().ok());
    }
    EXPECT_GT(LogBytes(), uint64_t{2'048} * limits_.max_pages * 2);
    EXPECT_EQ(*(*reader)->QueryText(sum), seen);
  }
  EXPECT_NE(*(*reader)->QueryText(sum), seen);
  Write();
  ASSERT_TRUE(log_->Empty().ok());
  EXPECT_EQ(LogBytes(), 0u);
}

}  // namespace write_ahead_log_test
}  // namespace signinwatch::store
