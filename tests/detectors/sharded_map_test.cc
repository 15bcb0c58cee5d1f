#include "detectors/sharded_map.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>

namespace signinwatch {
namespace sharded_map_test {

struct CountedKey {
  uint64_t value = 0;
  friend bool operator==(const CountedKey&, const CountedKey&) = default;
  friend TableKey KeyOfTable(const CountedKey& key) {
    ++hashed;
    return {key.value, 0, 0};
  }
  static inline int hashed = 0;
};
using Map = ShardedMap<CountedKey, int, 16>;

void Put(Map* map, uint64_t key, int value) { *map->TryEmplace(map->Hash({key})).value = value; }

TEST(ShardedMapTest, HoldsWhatWasPutIn) {
  Map map;
  for (uint64_t i = 0; i < 1000; ++i) Put(&map, i, static_cast<int>(i));
  EXPECT_EQ(map.size(), 1000u);
  for (uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(*map.Find(CountedKey{i}), static_cast<int>(i));
  EXPECT_EQ(map.Find(CountedKey{1000}), nullptr);
  EXPECT_FALSE(map.TryEmplace(map.Hash({7})).created);
  map.Erase({7});
  map.Erase({7});
  EXPECT_EQ(map.Find(CountedKey{7}), nullptr);
  EXPECT_EQ(map.size(), 999u);
  int64_t sum = 0;
  map.ForEach([&](const CountedKey&, int value) { sum += value; });
  EXPECT_EQ(sum, 1000 * 999 / 2 - 7);
}

TEST(ShardedMapTest, ACallHashesItsKeyOnce) {
  Map map;
  const auto hashes_of = [](const auto& call) {
    const int before = CountedKey::hashed;
    call();
    return CountedKey::hashed - before;
  };
  Put(&map, 1, 1);
  EXPECT_EQ(hashes_of([&] { (void)map.TryEmplace(map.Hash({1})); }), 1);
  EXPECT_EQ(hashes_of([&] { (void)map.Find(CountedKey{1}); }), 1);
  EXPECT_EQ(hashes_of([&] { map.Prefetch(map.Hash({1})); }), 1);
  EXPECT_EQ(hashes_of([&] { map.Erase({1}); }), 1);
}

TEST(ShardedMapTest, KeysAreDealtToAllShards) {
  Map map;
  for (uint64_t i = 0; i < 1000; ++i) Put(&map, i, 0);
  for (size_t shard = 0; shard < Map::kShards; ++shard) {
    EXPECT_GT(map.shard(shard).size(), 20u);
    for (const auto& [key, value] : map.shard(shard)) {
      EXPECT_EQ(map.ShardOf(map.Hash(key)), shard);
    }
  }
}

TEST(ShardedMapTest, GivesMemoryBackWhenManyAreGone) {
  Map map;
  for (uint64_t i = 0; i < 1000; ++i) Put(&map, i, static_cast<int>(i));
  EXPECT_GE(map.bytes(), 1000 * Map::kEntryBytes);
  for (size_t shard = 0; shard < Map::kShards; ++shard) {
    map.EraseIf(shard, [](const CountedKey&, int value) { return value >= 10; });
  }
  EXPECT_EQ(map.size(), 10u);
  EXPECT_LT(map.bytes(), 200 * Map::kEntryBytes);
  for (uint64_t i = 0; i < 10; ++i) map.Erase({i});
  for (size_t shard = 0; shard < Map::kShards; ++shard) map.Shrink(shard);
  EXPECT_EQ(map.bytes(), 0u);
}

}  // namespace sharded_map_test
}  // namespace signinwatch
