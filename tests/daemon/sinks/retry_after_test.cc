#include "daemon/sinks/retry_after.h"

#include <gtest/gtest.h>

namespace signinwatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::chrono::system_clock::time_point kNow{seconds(784111777)};

TEST(ParseRetryAfter, ReadsSecondsAndDatesWithinBounds) {
  const struct {
    const char* text;
    milliseconds expected;
  } cases[] = {
      {"0", seconds(0)},
      {"120", seconds(120)},
      {"3600", seconds(3600)},
      {"3601", seconds(3600)},
      {"99999999999", seconds(3600)},
      {"99999999999999999999999", seconds(0)},
      {"-5", seconds(0)},
      {"", seconds(0)},
      {"soon", seconds(0)},
      {"Sun, 06 Nov 1994 08:50:37 GMT", seconds(60)},
      {"Sun, 06 Nov 1994 08:49:37 GMT", seconds(0)},
      {"Sun, 06 Nov 1994 08:00:00 GMT", seconds(0)},
      {"Sun, 06 Nov 2094 08:50:37 GMT", seconds(3600)},
  };
  for (const auto& c : cases) EXPECT_EQ(ParseRetryAfter(c.text, kNow), c.expected) << c.text;
}

}  // namespace
}  // namespace signinwatch
