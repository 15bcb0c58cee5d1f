#include "detectors/dedup_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace dedup_index_test {

using std::chrono::hours;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Hash128 Key(int n) { return HashText128(std::to_string(n)); }

TEST(DedupIndexTest, RemembersUntilTheWatermarkHasPassed) {
  DedupIndex index(100);
  EXPECT_FALSE(index.SeenBefore(Key(1), kMorning + hours(24), kMorning));
  EXPECT_TRUE(index.SeenBefore(Key(1), kMorning + hours(24), kMorning));
  EXPECT_TRUE(index.SeenBefore(Key(1), kMorning + hours(24), kMorning + hours(24))) << "reached";
  EXPECT_FALSE(index.SeenBefore(Key(2), kMorning + hours(24), kMorning)) << "another";
  EXPECT_FALSE(index.SeenBefore(Key(1), kMorning + hours(24), kMorning + hours(24) + kTick))
      << "passed";
}

TEST(DedupIndexTest, FirstCopyDecidesHowLong) {
  DedupIndex index(100);
  EXPECT_FALSE(index.SeenBefore(Key(1), kMorning + hours(1), kMorning));
  EXPECT_TRUE(index.SeenBefore(Key(1), kMorning + hours(9), kMorning));
  EXPECT_FALSE(index.SeenBefore(Key(1), kMorning + hours(9), kMorning + hours(2)));
  EXPECT_TRUE(index.SeenBefore(Key(1), kMorning + hours(9), kMorning + hours(2)))
      << "what counts again is remembered again";
}

TEST(DedupIndexTest, WhatIsOverAlreadyIsNotRemembered) {
  DedupIndex index(100);
  EXPECT_FALSE(index.SeenBefore(Key(1), kMorning, kMorning + kTick));
  EXPECT_EQ(index.size(), 0u);
}

TEST(DedupIndexTest, SweepsThePassedAndNothingElse) {
  DedupIndex index(10'000);
  for (int i = 0; i < 2000; ++i) {
    (void)index.SeenBefore(Key(i), kMorning + hours(i < 1000 ? 1 : 9), kMorning);
  }
  index.Sweep(kMorning);
  EXPECT_EQ(index.size(), 2000u);
  index.Sweep(kMorning + hours(8));
  EXPECT_EQ(index.size(), 1000u);
  for (int i = 1000; i < 2000; ++i) {
    EXPECT_TRUE(index.SeenBefore(Key(i), kMorning + hours(9), kMorning + hours(3)));
  }
  EXPECT_EQ(index.evicted(), 0u);
  EXPECT_GT(index.bytes(), 1000 * sizeof(Hash128));
}

TEST(DedupIndexTest, ForgetsThoseNearestToTheirExpiryWhenFull) {
  constexpr size_t kIds = 4096;
  DedupIndex index(kIds);
  constexpr int kCount = 20'000;
  for (int i = 0; i < kCount; ++i) {
    EXPECT_FALSE(index.SeenBefore(Key(i), kMorning + std::chrono::seconds(i), kMorning));
    ASSERT_LE(index.size(), kIds + 256);
  }
  EXPECT_GT(index.evicted(), 0u);
  EXPECT_EQ(index.size() + index.evicted(), size_t{kCount});
  for (int i = kCount - 500; i < kCount; ++i) {
    EXPECT_TRUE(index.SeenBefore(Key(i), kMorning + hours(9), kMorning)) << i;
  }
}

TEST(DedupIndexTest, JournalHasWhatWasRememberedAndForgotten) {
  DedupIndex index(100);
  (void)index.SeenBefore(Key(1), kMorning + hours(1), kMorning);
  EXPECT_THAT(index.TakeJournal(), IsEmpty()) << "kept from the first call on";
  (void)index.SeenBefore(Key(2), kMorning + hours(9), kMorning);
  (void)index.SeenBefore(Key(2), kMorning + hours(9), kMorning);
  EXPECT_THAT(index.TakeJournal(), UnorderedElementsAre(Key(2)));
  index.Sweep(kMorning);
  index.Sweep(kMorning + hours(8));
  EXPECT_THAT(index.TakeJournal(), UnorderedElementsAre(Key(1)));
  EXPECT_EQ(index.RememberedUntil(Key(1)), kBeginningOfTime);
  EXPECT_EQ(index.RememberedUntil(Key(2)), kMorning + hours(9));
  EXPECT_THAT(index.TakeJournal(), IsEmpty());
}

TEST(DedupIndexTest, RestoresWhatWasSaved) {
  DedupIndex saved(100);
  for (int i = 0; i < 50; ++i) (void)saved.SeenBefore(Key(i), kMorning + hours(i), kMorning);
  DedupIndex restored(100);
  saved.ForEach([&](const Hash128& key, EventTime until) { restored.Restore(key, until); });
  EXPECT_EQ(restored.size(), 50u);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(restored.RememberedUntil(Key(i)), kMorning + hours(i));
  }
}

}  // namespace dedup_index_test
}  // namespace signinwatch
