#include "daemon/steps/busy_meter.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/daemon/clock/manual_clock.h"

namespace signinwatch::steps {
namespace busy_meter_test {

using std::chrono::milliseconds;
using std::chrono::seconds;

class BusyMeterTest : public testing::Test {
 protected:
  void Work(milliseconds from, milliseconds to) {
    meter_.Begin(start_ + from);
    meter_.End(start_ + to);
  }
  double RatioAt(milliseconds at) { return meter_.Ratio(start_ + at); }

  const clock::SteadyTime start_{};
  BusyMeter meter_{start_};
};

TEST_F(BusyMeterTest, IsTheShareOfWholeSeconds) {
  EXPECT_EQ(RatioAt(milliseconds(900)), 0) << "no second is over yet";
  Work(milliseconds(100), milliseconds(600));
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(1'000)), 0.5);
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(2'500)), 0.25);
}

TEST_F(BusyMeterTest, WorkAcrossSecondsCountsInEach) {
  Work(milliseconds(500), milliseconds(2'500));
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(1'000)), 0.5);
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(2'000)), 0.75);
  EXPECT_NEAR(RatioAt(milliseconds(3'000)), 2.0 / 3, 1e-9);
}

TEST_F(BusyMeterTest, ForgetsAfterTenSeconds) {
  Work(milliseconds(0), milliseconds(1'000));
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(10'000)), 0.1);
  EXPECT_EQ(RatioAt(milliseconds(11'000)), 0);
  // The slot is used again.
  Work(milliseconds(11'000), milliseconds(11'500));
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(12'000)), 0.05);
}

TEST_F(BusyMeterTest, AVeryLongSpanIsFullyBusy) {
  Work(milliseconds(0), milliseconds(100'000));
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(100'000)), 1);
}

TEST_F(BusyMeterTest, CountsWhatRunsAndForgetsWhatIsLongAgo) {
  EXPECT_DOUBLE_EQ(RatioAt(seconds(0)), 0);
  meter_.Begin(start_ + seconds(1));
  EXPECT_DOUBLE_EQ(RatioAt(seconds(2)), 0.5);
  meter_.End(start_ + seconds(3));
  EXPECT_DOUBLE_EQ(RatioAt(seconds(4)), 0.5);
  EXPECT_DOUBLE_EQ(RatioAt(seconds(8)), 0.25);
  EXPECT_DOUBLE_EQ(RatioAt(seconds(12)), 0.1) << "from 2 s on";
  EXPECT_DOUBLE_EQ(RatioAt(seconds(13)), 0);
}

TEST_F(BusyMeterTest, IsOneForWhoeverNeverEnds) {
  meter_.Begin(start_);
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(100'000)), 1);
  EXPECT_DOUBLE_EQ(RatioAt(milliseconds(100'001)), 1);
}

TEST(BusyMeterThreadsTest, SeveralThreadsShareTheTime) {
  const clock::SteadyTime start{};
  BusyMeter meter(start, 2);
  meter.Begin(start);
  meter.End(start + seconds(1));
  EXPECT_DOUBLE_EQ(meter.Ratio(start + seconds(1)), 0.5);
}

TEST(BusyMeterThreadsTest, TheirSpansMayOverlap) {
  const clock::SteadyTime start{};
  BusyMeter meter(start, 2);
  meter.Begin(start);
  meter.Begin(start + milliseconds(500));
  meter.End(start + milliseconds(1'000));
  // Has looked at the clock before the one above, and comes after it.
  meter.End(start + milliseconds(999));
  EXPECT_DOUBLE_EQ(meter.Ratio(start + seconds(1)), 0.75);
}

TEST(BusyMeterThreadsTest, ASpanCountsWhileItLives) {
  clock::ManualClock clock(kBeginningOfTime);
  const clock::SteadyTime start = clock.Steady();
  BusyMeter meter(start);
  {
    const BusyMeter::Span span(meter, clock);
    clock.Advance(seconds(1));
  }
  clock.Advance(seconds(1));
  EXPECT_DOUBLE_EQ(meter.Ratio(clock.Steady()), 0.5);
}

}  // namespace busy_meter_test
}  // namespace signinwatch::steps
