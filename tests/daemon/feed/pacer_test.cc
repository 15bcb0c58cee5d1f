#include "daemon/feed/pacer.h"

#include <chrono>

#include "gtest/gtest.h"

namespace signinwatch {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr EventTime kBegan = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);
constexpr EventTime kStart = kBegan - hours(24);

TEST(PacerTest, WithoutAPaceEverythingIsDueAtOnce) {
  Pacer pacer({}, kStart, kBegan);
  EXPECT_EQ(pacer.NextDue(kStart), kBegan);
  EXPECT_EQ(pacer.NextDue(kStart + hours(48)), kBegan);
}

TEST(PacerTest, RateSpacesMessagesWhateverTheirTime) {
  Pacer pacer({.rate = 4}, kStart, kBegan);
  EXPECT_EQ(pacer.NextDue(kStart), kBegan);
  EXPECT_EQ(pacer.NextDue(kStart), kBegan + microseconds(250'000));
  EXPECT_EQ(pacer.NextDue(kStart + hours(9)), kBegan + microseconds(500'000));
  EXPECT_EQ(pacer.NextDue(kStart), kBegan + microseconds(750'000));
  EXPECT_EQ(pacer.NextDue(kStart), kBegan + seconds(1));
}

TEST(PacerTest, SpeedCompressesTheExportsTime) {
  Pacer pacer({.speed = 180}, kStart, kBegan);
  EXPECT_EQ(pacer.NextDue(kStart), kBegan);
  EXPECT_EQ(pacer.NextDue(kStart + minutes(3)), kBegan + seconds(1));
  EXPECT_EQ(pacer.NextDue(kStart + minutes(3)), kBegan + seconds(1));
  EXPECT_EQ(pacer.NextDue(kStart + hours(24)), kBegan + minutes(8));
}

TEST(PacerTest, TheHeadStartIsSentAtOnce) {
  Pacer pacer({.speed = 60, .head_start = hours(4)}, kStart, kBegan);
  EXPECT_EQ(pacer.NextDue(kStart), kBegan);
  EXPECT_EQ(pacer.NextDue(kStart + hours(4)), kBegan);
  EXPECT_EQ(pacer.NextDue(kStart + hours(4) + minutes(1)), kBegan + seconds(1));
}

TEST(PacerTest, NothingIsSentBeforeItWasExported) {
  // A day at 24 times the speed ends an hour after it was begun; from there on it is the clock that
  // counts, as the exports of that hour are still to come.
  Pacer pacer({.speed = 24}, kStart, kBegan);
  EXPECT_EQ(pacer.NextDue(kBegan), kBegan + hours(1));
  EXPECT_EQ(pacer.NextDue(kBegan + hours(2)), kBegan + hours(2));
  EXPECT_EQ(pacer.NextDue(kBegan + hours(9)), kBegan + hours(9));
}

}  // namespace
}  // namespace signinwatch
