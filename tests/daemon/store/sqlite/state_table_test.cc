// The detector's rows; the rest is in tests/daemon/store/conformance.
#include "daemon/store/sqlite/state_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/daemon/store/store_fixture.h"

namespace signinwatch::store {
namespace state_table_test {

using StateTableTest = StoreTest;

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

}  // namespace state_table_test
}  // namespace signinwatch::store
