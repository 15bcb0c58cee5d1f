#include "daemon/sinks/busy_ratio.h"

#include <gtest/gtest.h>

namespace signinwatch {
namespace {

BusyRatio::Time At(int ms) { return BusyRatio::Time(std::chrono::milliseconds(1'000'000 + ms)); }

TEST(BusyRatio, CountsWhatRunsAndForgetsWhatIsLongAgo) {
  BusyRatio ratio(At(0));
  EXPECT_DOUBLE_EQ(ratio.At(At(0)), 0);
  ratio.SetBusy(true, At(1'000));
  EXPECT_DOUBLE_EQ(ratio.At(At(2'000)), 0.5);
  ratio.SetBusy(false, At(3'000));
  EXPECT_DOUBLE_EQ(ratio.At(At(4'000)), 0.5);
  EXPECT_DOUBLE_EQ(ratio.At(At(8'000)), 0.25);
  // The span that began at 8 s, and that before it.
  EXPECT_DOUBLE_EQ(ratio.At(At(12'000)), 2.0 / 12);
  EXPECT_DOUBLE_EQ(ratio.At(At(13'000)), 0);
}

TEST(BusyRatio, IsOneForWhoeverNeverEnds) {
  BusyRatio ratio(At(0));
  ratio.SetBusy(true, At(0));
  EXPECT_DOUBLE_EQ(ratio.At(At(100'000)), 1);
  EXPECT_DOUBLE_EQ(ratio.At(At(100'001)), 1);
}

}  // namespace
}  // namespace signinwatch
