#include "daemon/clock/clock.h"

#include <gtest/gtest.h>

#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/noon.h"

namespace signinwatch::clock {
namespace clock_test {

TEST(SystemClockTest, Runs) {
  const Instant before = SystemClock().Now();
  Instant after = before;
  while (after.wall <= before.wall || after.steady <= before.steady) after = SystemClock().Now();
  EXPECT_GT(after.wall, kNoon) << "it is later than when this was written";
}

TEST(ManualClockTest, GoesWhereItIsTold) {
  ManualClock clock(kNoon);
  const Instant before = clock.Now();
  EXPECT_EQ(before.wall, kNoon);
  clock.Advance(std::chrono::seconds(1));
  EXPECT_EQ(clock.Wall(), kNoon + std::chrono::seconds(1));
  EXPECT_EQ(clock.Steady(), before.steady + std::chrono::seconds(1));
  clock.AdvanceTo(before.steady);
  EXPECT_EQ(clock.Steady(), before.steady + std::chrono::seconds(1)) << "never back";
  clock.SetWall(kNoon);
  EXPECT_EQ(clock.Wall(), kNoon);
  EXPECT_EQ(clock.Steady(), before.steady + std::chrono::seconds(1));
}

}  // namespace clock_test
}  // namespace signinwatch::clock
