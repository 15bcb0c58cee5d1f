#include "detectors/watermark.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace signinwatch {
namespace watermark_test {

constexpr Duration kLateness = std::chrono::minutes(30);

// Minutes after an arbitrary start.
EventTime At(int minutes) {
  return EventTime(std::chrono::hours(24 * 365 * 56)) + std::chrono::minutes(minutes);
}
// What a record at that minute makes the watermark.
EventTime Mark(int minutes) { return At(minutes) - kLateness; }

// One call, and what holds after it. `minute` absent: the partition goes idle. `stream` absent: no
// watermark yet.
struct Step {
  size_t partition;
  std::optional<int> minute;
  std::optional<int> stream;
  size_t furthest_behind;
};
struct Story {
  const char* name;
  size_t partitions;
  std::vector<Step> steps;
};

const Story kStories[] = {
    {"one partition: each record moves it, an older one does not move it back",
     1,
     {{0, 10, 10, 0}, {0, 20, 20, 0}, {0, 5, 20, 0}, {0, 20, 20, 0}, {0, 21, 21, 0}}},
    {"none before every partition has had a record",
     3,
     {{0, 10, {}, 1}, {2, 5, {}, 1}, {1, 7, 5, 2}}},
    {"the least partition decides",
     2,
     {{0, 10, {}, 1}, {1, 40, 10, 0}, {0, 30, 30, 0}, {0, 60, 40, 1}}},
    {"of equal partitions the first is furthest behind",
     3,
     {{2, 10, {}, 0}, {1, 10, {}, 0}, {0, 10, 10, 0}, {0, 11, 10, 1}, {1, 11, 10, 2}}},
    {"an idle partition holds nobody back", 2, {{0, 10, {}, 1}, {1, {}, 10, 0}, {0, 50, 50, 0}}},
    {"a partition that wakes up behind does not take the watermark back",
     2,
     {{0, 50, {}, 1}, {1, {}, 50, 0}, {1, 20, 50, 1}, {0, 70, 50, 1}, {1, 60, 60, 1}}},
    {"a partition that wakes up keeps its own watermark",
     2,
     {{0, 10, {}, 1}, {1, 40, 10, 0}, {1, {}, 10, 0}, {1, 15, 10, 0}, {0, 60, 40, 1}}},
    {"going idle twice is going idle once", 2, {{0, 10, {}, 1}, {1, {}, 10, 0}, {1, {}, 10, 0}}},
    {"when all are idle the watermark stays, and none is furthest behind",
     2,
     {{0, 10, {}, 1}, {1, 20, 10, 0}, {0, {}, 20, 1}, {1, {}, 20, 2}, {0, 15, 20, 0}}},
    {"all idle before any record", 2, {{0, {}, {}, 1}, {1, {}, {}, 2}, {1, 10, 10, 1}}},
};

TEST(WatermarkTrackerTest, FollowsItsStories) {
  for (const Story& story : kStories) {
    WatermarkTracker tracker(story.partitions, kLateness);
    int number = 0;
    for (const Step& step : story.steps) {
      SCOPED_TRACE(std::string(story.name) + ", step " + std::to_string(++number));
      if (step.minute) {
        tracker.Observe(step.partition, At(*step.minute));
      } else {
        tracker.SetIdle(step.partition);
      }
      EXPECT_EQ(tracker.stream_watermark(), step.stream ? Mark(*step.stream) : kBeginningOfTime);
      EXPECT_EQ(tracker.furthest_behind(), step.furthest_behind);
      EXPECT_EQ(tracker.idle(step.partition), !step.minute.has_value());
    }
  }
}

TEST(WatermarkTrackerTest, BeginsWithNothing) {
  const WatermarkTracker tracker(2, kLateness);
  EXPECT_EQ(tracker.size(), 2u);
  EXPECT_EQ(tracker.stream_watermark(), kBeginningOfTime);
  EXPECT_EQ(tracker.greatest_event_time(), kBeginningOfTime);
  EXPECT_EQ(tracker.partition_watermark(0), kBeginningOfTime);
  EXPECT_EQ(tracker.furthest_behind(), 0u);
  EXPECT_FALSE(tracker.idle(1));
}

TEST(WatermarkTrackerTest, WithoutPartitionsNoneIsFurthestBehind) {
  const WatermarkTracker tracker(0, kLateness);
  EXPECT_EQ(tracker.furthest_behind(), tracker.size());
  EXPECT_EQ(tracker.stream_watermark(), kBeginningOfTime);
}

TEST(WatermarkTrackerTest, PartitionsKeepTheirOwnWatermarks) {
  WatermarkTracker tracker(2, kLateness);
  tracker.Observe(0, At(10));
  tracker.Observe(1, At(99));
  tracker.Observe(1, At(50));
  EXPECT_EQ(tracker.partition_watermark(0), Mark(10));
  EXPECT_EQ(tracker.partition_watermark(1), Mark(99));
  EXPECT_EQ(tracker.greatest_event_time(), At(99));
}

TEST(WatermarkTrackerTest, NoLatenessMakesTheWatermarkTheEventTime) {
  WatermarkTracker tracker(1, Duration(0));
  tracker.Observe(0, At(3));
  EXPECT_EQ(tracker.stream_watermark(), At(3));
}

// Whatever comes in whatever order, the stream's watermark only grows, and is never ahead of a
// partition that is not idle unless it had been there before.
TEST(WatermarkTrackerTest, NeverGoesBack) {
  constexpr size_t kPartitions = 4;
  WatermarkTracker tracker(kPartitions, kLateness);
  EventTime last = tracker.stream_watermark();
  uint64_t random = 1;
  for (int i = 0; i < 20'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const size_t partition = (random >> 33) % kPartitions;
    if ((random >> 40) % 10 == 0) {
      tracker.SetIdle(partition);
    } else {
      tracker.Observe(partition, At(static_cast<int>((random >> 45) % 500) + i / 10));
    }
    const EventTime now = tracker.stream_watermark();
    ASSERT_GE(now, last);
    if (now > last) {
      for (size_t p = 0; p < kPartitions; ++p) {
        if (tracker.idle(p)) continue;
        ASSERT_LE(now, tracker.partition_watermark(p));
      }
    }
    last = now;
  }
}

}  // namespace watermark_test
}  // namespace signinwatch
