#include "daemon/sinks/retry_after.h"

#include <gtest/gtest.h>

namespace signinwatch::sinks {
namespace retry_after_test {

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

TEST(WaitAskedFor, ByTheResetOfTheBudgetWhereThereIsNoRetryAfter) {
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const std::chrono::system_clock::time_point now{seconds(1'764'158'400)};  // 2025-11-26T12:00:00Z
  const struct {
    const char* header;
    const char* value;
    seconds wait;
  } cases[] = {{"x-ratelimit-reset", "1764158442", seconds(42)},
               {"x-ratelimit-reset", "1764158000", seconds(0)},
               {"x-ratelimit-reset", "2025-11-26T12:00:30Z", seconds(30)},
               {"x-ratelimit-reset", "2030-01-01T00:00:00Z", seconds(3'600)},
               {"x-ratelimit-reset", "soon", seconds(0)},
               {"ratelimit-reset", "17", seconds(17)}};
  for (const auto& c : cases) {
    http_client::HttpResponse response{429, "", ""};
    response.headers[c.header] = c.value;
    EXPECT_EQ(WaitAskedFor(response, now), c.wait) << c.header << ": " << c.value;
    response.retry_after = "5";
    EXPECT_EQ(WaitAskedFor(response, now), seconds(5)) << "Retry-After goes before";
  }
  EXPECT_EQ(WaitAskedFor(http_client::HttpResponse{429, "", ""}, now), milliseconds(0));
}

}  // namespace retry_after_test
}  // namespace signinwatch::sinks
