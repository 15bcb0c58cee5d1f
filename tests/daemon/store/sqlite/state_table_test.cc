// The detector's rows: replaced, deleted, kept.
#include "daemon/store/sqlite/state_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/daemon/store/store_fixture.h"

namespace signinwatch {
namespace {

using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

using StateTableTest = StoreTest;

TEST_F(StateTableTest, StateIsReplacedDeletedAndKept) {
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

TEST_F(StateTableTest, OfRowsWithOneKeyTheLastCounts) {
  CommitState({{"a", "1"}, {"b", "1"}, {"a", ""}, {"b", ""}, {"b", "2"}, {"a", "3"}, {"a", ""}});
  EXPECT_THAT(StateOf(*store_), UnorderedElementsAre(Pair("b", "2")));
  EXPECT_EQ(SizeOf(*store_).state_rows, 1u);
}

TEST_F(StateTableTest, TheHeadComesFirstAndEachRowOnce) {
  CommitState({{"a", "1"}, {"m", "head"}, {"z", "2"}});
  const auto load = [&](const std::string& head, size_t wanted) {
    std::vector<std::string> keys;
    const absl::Status s = store_->LoadState(head, [&](const StateRow& row) {
      keys.push_back(row.key);
      return keys.size() < wanted;
    });
    EXPECT_TRUE(s.ok()) << s;
    return keys;
  };
  EXPECT_THAT(load("m", 9), ElementsAre("m", "a", "z"));
  EXPECT_THAT(load("m", 1), ElementsAre("m"));
  EXPECT_THAT(load("m", 2), ElementsAre("m", "a"));
  EXPECT_THAT(load("none", 9), UnorderedElementsAre("a", "m", "z"));
}

// Rows are written in batches; none is lost at their edges.
TEST_F(StateTableTest, ManyRowsOfAllSizes) {
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

}  // namespace
}  // namespace signinwatch
