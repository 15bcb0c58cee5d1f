#include "daemon/http/words.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace signinwatch::http {
namespace words_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Words, Thousands) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(1'000), "1,000");
  EXPECT_EQ(Thousands(123'456'789), "123,456,789");
  EXPECT_EQ(Thousands(std::numeric_limits<uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(Words, Counts) {
  EXPECT_EQ(CountWords(1, "ticket", "tickets"), "1 ticket");
  EXPECT_EQ(CountWords(0, "ticket", "tickets"), "0 tickets");
  EXPECT_EQ(CountWords(1'200, "ticket", "tickets"), "1,200 tickets");
}

TEST(Words, Spans) {
  EXPECT_EQ(ShortSpan(seconds(-5)), "0 s");
  EXPECT_EQ(ShortSpan(std::chrono::milliseconds(1'999)), "1 s");
  EXPECT_EQ(ShortSpan(seconds(59)), "59 s");
  EXPECT_EQ(ShortSpan(seconds(119)), "1 min");
  EXPECT_EQ(ShortSpan(hours(2)), "2 h");
  EXPECT_EQ(ShortSpan(hours(2) + minutes(5) + seconds(59)), "2 h 5 min");
  EXPECT_EQ(ShortSpan(hours(24) - seconds(1)), "23 h 59 min");
  EXPECT_EQ(ShortSpan(hours(76) + minutes(59)), "3 d 4 h");
}

TEST(Words, Bytes) {
  EXPECT_EQ(BytesWords(0), "0 B");
  EXPECT_EQ(BytesWords(999), "999 B");
  EXPECT_EQ(BytesWords(1'000), "1.0 kB");
  EXPECT_EQ(BytesWords(999'960), "1.0 MB");
  EXPECT_EQ(BytesWords(12'345'678), "12.3 MB");
  EXPECT_EQ(BytesWords(3'000'000'000'000'000), "3000.0 TB");
}

TEST(Words, Percent) {
  EXPECT_EQ(PercentWords(0.374), "37 %");
  EXPECT_EQ(PercentWords(-1), "0 %");
  EXPECT_EQ(PercentWords(7), "100 %");
  EXPECT_EQ(PercentWords(std::numeric_limits<double>::quiet_NaN()), "0 %");
}

TEST(Words, Moments) {
  const EventTime time = *ParseEventTime("2026-11-24T09:00:05.9Z");
  EXPECT_EQ(MinuteWords(time), "2026-11-24 09:00 UTC");
  EXPECT_EQ(SecondWords(time), "2026-11-24 09:00:05 UTC");
}

}  // namespace words_test
}  // namespace signinwatch::http
