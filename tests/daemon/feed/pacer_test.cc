#include "daemon/feed/pacer.h"

#include <chrono>

#include "gtest/gtest.h"

namespace signinwatch::feed {
namespace pacer_test {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr EventTime kPacerBegan = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);
constexpr EventTime kFirstRecord = kPacerBegan - hours(24);

TEST(PacerTest, WithoutAPaceEverythingIsDueAtOnce) {
  Pacer pacer({}, kFirstRecord, kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord), kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord + hours(48)), kPacerBegan);
}

TEST(PacerTest, RateSpacesMessagesWhateverTheirTime) {
  Pacer pacer({.rate = 4}, kFirstRecord, kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord), kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord), kPacerBegan + microseconds(250'000));
  EXPECT_EQ(pacer.NextDue(kFirstRecord + hours(9)), kPacerBegan + microseconds(500'000));
  EXPECT_EQ(pacer.NextDue(kFirstRecord), kPacerBegan + microseconds(750'000));
  EXPECT_EQ(pacer.NextDue(kFirstRecord), kPacerBegan + seconds(1));
}

TEST(PacerTest, SpeedCompressesTheExportsTime) {
  Pacer pacer({.speed = 180}, kFirstRecord, kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord), kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord + minutes(3)), kPacerBegan + seconds(1));
  EXPECT_EQ(pacer.NextDue(kFirstRecord + minutes(3)), kPacerBegan + seconds(1));
  EXPECT_EQ(pacer.NextDue(kFirstRecord + hours(24)), kPacerBegan + minutes(8));
}

TEST(PacerTest, TheHeadStartIsSentAtOnce) {
  Pacer pacer({.speed = 60, .head_start = hours(4)}, kFirstRecord, kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord), kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord + hours(4)), kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kFirstRecord + hours(4) + minutes(1)), kPacerBegan + seconds(1));
}

TEST(PacerTest, NothingIsSentBeforeItWasExported) {
  // A day at 24 times the speed ends an hour after it was begun; from there on it is the clock that
  // counts, as the exports of that hour are still to come.
  Pacer pacer({.speed = 24}, kFirstRecord, kPacerBegan);
  EXPECT_EQ(pacer.NextDue(kPacerBegan), kPacerBegan + hours(1));
  EXPECT_EQ(pacer.NextDue(kPacerBegan + hours(2)), kPacerBegan + hours(2));
  EXPECT_EQ(pacer.NextDue(kPacerBegan + hours(9)), kPacerBegan + hours(9));
}

}  // namespace pacer_test
}  // namespace signinwatch::feed
