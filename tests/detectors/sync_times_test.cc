#include "detectors/sync_times.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace sync_times_test {

using std::chrono::hours;
using std::chrono::minutes;

TEST(SyncTimesTest, CountsAClosedSpanOfOneTenant) {
  SyncTimes times;
  for (const Duration at : {Duration(0), Duration(minutes(14)), Duration(minutes(15)),
                            Duration(hours(5)), Duration(hours(5))}) {
    times.Add(1, kMorning + at);
  }
  times.Add(2, kMorning + minutes(20));
  EXPECT_EQ(times.In(1, kMorning, kMorning + hours(5)), (SyncContext{kMorning + hours(5), 5}));
  EXPECT_EQ(times.In(1, kMorning + kTick, kMorning + hours(5) - kTick),
            (SyncContext{kMorning + minutes(15), 2}));
  EXPECT_EQ(times.In(1, kMorning + minutes(16), kMorning + hours(4)), SyncContext{});
  EXPECT_EQ(times.In(3, kMorning, kMorning + hours(9)), SyncContext{});
  times.Remove(1, kMorning + hours(5));
  EXPECT_EQ(times.In(1, kMorning + minutes(15), kMorning + hours(9)),
            (SyncContext{kMorning + hours(5), 2}));
}

}  // namespace sync_times_test
}  // namespace signinwatch
