// How far the input is read, and the plot of failures.
#include "daemon/store/sqlite/progress_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/store/store_fixture.h"

namespace signinwatch {
namespace {

using testing::SizeIs;

using ProgressTablesTest = StoreTest;

TEST_F(ProgressTablesTest, PositionsAndFailuresAreReplaced) {
  Commit({.positions = {{"in", 0, 17, Minute(1)}, {"in", 1, 5, kBeginningOfTime}},
          .failures = {{Minute(0), 50132, 3}, {Minute(10), 50132, 1}}});
  Commit({.positions = {{"in", 0, 20, Minute(2), ~uint64_t{6}},
                        {"other", 0, int64_t{1} << 60, kEndOfTime, 1}},
          .failures = {{Minute(10), 50132, 9}, {Minute(10), 50173, 2}}});
  Reopen();
  std::vector<PartitionPosition> positions;
  ASSERT_TRUE(store_->LoadPositions(&positions).ok());
  ASSERT_THAT(positions, SizeIs(3));
  EXPECT_EQ(positions[0].next_offset, 20);
  EXPECT_EQ(positions[0].watermark, Minute(2));
  EXPECT_EQ(positions[1].next_offset, 5);
  EXPECT_EQ(positions[1].watermark, kBeginningOfTime);
  EXPECT_EQ(positions[0].mark, ~uint64_t{6});
  EXPECT_EQ(positions[1].mark, 0u);
  EXPECT_EQ(positions[2].mark, 1u);
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

}  // namespace
}  // namespace signinwatch
