#include "detectors/small_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>

namespace signinwatch {
namespace small_map_test {

using TextMap = SmallMap<uint64_t, std::string, 2>;

TEST(SmallMapTest, FindsWhatWasAddedShortAndLong) {
  for (const size_t size : {size_t{1}, TextMap::kListMax, TextMap::kListMax + 1, size_t{1'000}}) {
    TextMap map;
    EXPECT_TRUE(map.empty());
    for (uint64_t key = 0; key < size; ++key) {
      EXPECT_EQ(map.Find(key * 7), nullptr);
      EXPECT_EQ(map.Add(key * 7, std::to_string(key)), std::to_string(key));
    }
    EXPECT_EQ(map.size(), size);
    for (uint64_t key = 0; key < size; ++key) {
      ASSERT_NE(map.Find(key * 7), nullptr);
      EXPECT_EQ(*map.Find(key * 7), std::to_string(key));
      EXPECT_EQ(map.Find(key * 7 + 1), nullptr);
    }
  }
}

TEST(SmallMapTest, EntriesStandInTheirOrder) {
  SmallMap<int, int, 4> map;
  for (const int key : {9, 2, 7}) map.Add(key, -key);
  using testing::Pair;
  EXPECT_THAT(map, testing::ElementsAre(Pair(9, -9), Pair(2, -2), Pair(7, -7)));
}

TEST(SmallMapTest, EmplaceKeepsWhatIsThere) {
  TextMap map;
  map.emplace(1, "one");
  map.emplace(1, "another");
  EXPECT_THAT(map, testing::ElementsAre(testing::Pair(1, "one")));
}

TEST(SmallMapTest, CopiesAndMovedOnesAreWhole) {
  for (const uint64_t size : {3, 100}) {
    TextMap map;
    for (uint64_t key = 0; key < size; ++key) map.Add(key, std::to_string(key));
    TextMap copy = map;
    copy.Add(size, "new");
    EXPECT_EQ(map.Find(size), nullptr);
    const TextMap moved = std::move(copy);
    EXPECT_EQ(moved.size(), size + 1);
    EXPECT_EQ(*moved.Find(size), "new");
    EXPECT_EQ(*moved.Find(2), "2");
  }
}

TEST(SmallMapTest, CountsAsAMapDoes) {
  std::minstd_rand random(3);
  for (int round = 0; round < 200; ++round) {
    SmallMap<uint32_t, uint64_t, 4> map;
    std::map<uint32_t, uint64_t> expected;
    const uint32_t keys = 1 + random() % 30;
    for (int i = 0; i < 200; ++i) {
      const auto key = static_cast<uint32_t>(random() % keys);
      ++expected[key];
      ++map.Get(key);
    }
    EXPECT_EQ((std::map<uint32_t, uint64_t>(map.begin(), map.end())), expected);
  }
}

TEST(SmallMapTest, TellsItsMemory) {
  SmallMap<uint64_t, uint64_t, 4> map;
  for (uint64_t key = 0; key < 4; ++key) map.Add(key);
  EXPECT_EQ(map.bytes(), 0u);
  map.Add(4);
  EXPECT_GE(map.bytes(), 5 * 16u);
  const size_t list = map.bytes();
  for (uint64_t key = 5; key < 100; ++key) map.Add(key);
  EXPECT_GT(map.bytes(), list + 95 * (16 + 12));
}

}  // namespace small_map_test
}  // namespace signinwatch
