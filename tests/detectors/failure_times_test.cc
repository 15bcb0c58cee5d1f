#include "detectors/failure_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace failure_times_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

size_t NaiveCount(const std::vector<EventTime>& times, EventTime from, EventTime to) {
  return static_cast<size_t>(
      std::count_if(times.begin(), times.end(), [=](EventTime t) { return t >= from && t <= to; }));
}

TEST(FailureTimesTest, ThinningNeverChangesAnAnswer) {
  const struct {
    Duration bucket;
    size_t keep;
  } uses[] = {{minutes(30), 5}, {hours(1), 1}};  // as the detector uses it
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto& [bucket, keep] = uses[seed % 2];
    std::mt19937_64 random(seed);
    const auto below = [&random](uint64_t n) { return static_cast<int64_t>(random() % n); };
    const int64_t span = 1 + below(6 * 3600);
    FailureTimes times;
    std::vector<EventTime> all;
    const int64_t count = 1 + below(200);
    for (int64_t i = 0; i < count; ++i) {
      const EventTime t = kMorning + seconds(below(static_cast<uint64_t>(span)));
      all.push_back(t);
      (void)times.Add(t, bucket, keep);
      const EventTime from = kMorning + seconds(below(static_cast<uint64_t>(span)) - 3600);
      const EventTime to = from + bucket + Duration(1) + seconds(below(2 * 3600));
      ASSERT_EQ(std::min(times.CountIn(from, to), keep), std::min(NaiveCount(all, from, to), keep))
          << "after " << all.size() << " times";
    }
    const auto buckets = static_cast<size_t>(seconds(span) / bucket) + 2;
    EXPECT_LE(times.times().size(), buckets * 2 * keep);
  }
}

TEST(FailureTimesTest, SpansAreClosed) {
  FailureTimes times;
  (void)times.Add(kMorning, minutes(30), 5);
  EXPECT_EQ(times.CountIn(kMorning, kMorning + hours(1)), 1u);
  EXPECT_EQ(times.CountIn(kMorning - hours(1), kMorning), 1u);
  EXPECT_EQ(times.CountIn(kMorning + Duration(1), kMorning + hours(1)), 0u);
  EXPECT_EQ(times.CountIn(kMorning - hours(1), kMorning - Duration(1)), 0u);
}

TEST(FailureTimesTest, ForgetsWhatIsBeforeTheHorizon) {
  FailureTimes times;
  for (int i = 0; i < 3; ++i) (void)times.Add(kMorning + hours(i), minutes(30), 5);
  EXPECT_FALSE(times.Prune(kMorning));
  EXPECT_TRUE(times.Prune(kMorning + hours(1)));
  EXPECT_EQ(times.times(), (std::vector{kMorning + hours(1), kMorning + hours(2)}));
  EXPECT_TRUE(times.Prune(kEndOfTime));
  EXPECT_TRUE(times.empty());
}

}  // namespace failure_times_test
}  // namespace signinwatch
