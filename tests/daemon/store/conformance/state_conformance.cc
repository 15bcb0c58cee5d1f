// State, positions and the plot of failures: the port of the pipeline.
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

using StateConformance = StoreConformance<StateStore>;

INSTANTIATE_TEST_SUITE_P(Each, StateConformance, testing::ValuesIn(StateStores()), NameOf());

TEST_P(StateConformance, IsEmptyAtFirst) {
  EXPECT_THAT(StateOf(*store_), IsEmpty());
  EXPECT_THAT(PositionsOf(*store_), IsEmpty());
  EXPECT_THAT(FailuresOf(*store_), IsEmpty());
  EXPECT_EQ(SizeOf(*store_).state_rows, 0u);
}

TEST_P(StateConformance, StateIsReplacedDeletedAndKept) {
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

TEST_P(StateConformance, OfRowsWithOneKeyTheLastCounts) {
  CommitState({{"a", "1"}, {"b", "1"}, {"a", ""}, {"b", ""}, {"b", "2"}, {"a", "3"}, {"a", ""}});
  EXPECT_THAT(StateOf(*store_), UnorderedElementsAre(Pair("b", "2")));
  EXPECT_EQ(SizeOf(*store_).state_rows, 1u);
}

TEST_P(StateConformance, TheHeadComesFirstAndEachRowOnce) {
  CommitState({{"a", "1"}, {"m", "head"}, {"z", "2"}});
  const auto load = [&](const std::string& head, size_t wanted) {
    std::vector<std::string> keys;
    const absl::Status s = store_->LoadState(ClaimOf(*store_), head, [&](const StateRow& row) {
      keys.push_back(row.key);
      return keys.size() < wanted;
    });
    EXPECT_TRUE(s.ok()) << s;
    return keys;
  };
  EXPECT_THAT(load("m", 9), UnorderedElementsAre("m", "a", "z"));
  EXPECT_EQ(load("m", 9).front(), "m");
  EXPECT_THAT(load("m", 1), ElementsAre("m"));
  EXPECT_THAT(load("m", 2), SizeIs(2));
  EXPECT_THAT(load("none", 9), UnorderedElementsAre("a", "m", "z"));
}

TEST_P(StateConformance, PositionsAndFailuresAreReplaced) {
  Commit({.positions = {{"in", 0, 17, Minute(1)}, {"in", 1, 5, kBeginningOfTime}},
          .failures = {{Minute(0), 50132, 3}, {Minute(10), 50132, 1}}});
  Commit({.positions = {{"in", 0, 20, Minute(2), ~uint64_t{6}},
                        {"other", 0, int64_t{1} << 60, kEndOfTime, 1}},
          .failures = {{Minute(10), 50132, 9}, {Minute(10), 50173, 2}}});
  Reopen();
  const std::vector<position::PartitionPosition> positions = PositionsOf(*store_);
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

  const std::vector<FailureCount> failures = FailuresOf(*store_, Minute(5));
  ASSERT_THAT(failures, SizeIs(2));
  EXPECT_EQ(failures[0].bucket, Minute(10));
  EXPECT_EQ(failures[0].count, 9u);
  EXPECT_EQ(failures[1].code, 50173);
}

}  // namespace
}  // namespace signinwatch::store
