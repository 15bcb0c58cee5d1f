#include "daemon/http/token_bucket.h"

#include <gtest/gtest.h>

namespace signinwatch::http {
namespace token_bucket_test {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(TokenBucketTest, HoldsABurstAndIsFilledAgain) {
  const TokenBucket bucket({.interval = seconds(1), .burst = 2});
  const clock::SteadyTime start{seconds(1'000)};
  EXPECT_TRUE(bucket.Take(start));
  EXPECT_TRUE(bucket.Take(start));
  EXPECT_FALSE(bucket.Take(start));
  EXPECT_FALSE(bucket.Take(start + milliseconds(900)));
  EXPECT_TRUE(bucket.Take(start + milliseconds(1'000)));
  EXPECT_FALSE(bucket.Take(start + milliseconds(1'500)));
  // Never more than the burst.
  for (const bool taken : {true, true, false}) {
    EXPECT_EQ(bucket.Take(start + seconds(100)), taken);
  }
  EXPECT_FALSE(bucket.Take(start)) << "the clock of another thread may be behind";
}

TEST(TokenBucketTest, WithoutAnIntervalThereIsNoLimit) {
  const TokenBucket bucket({.interval = {}, .burst = 0});
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(bucket.Take(clock::SteadyTime{seconds(1)}));
}

TEST(TokenBucketTest, WithoutABurstNothingIsTaken) {
  const TokenBucket bucket({.interval = milliseconds(1), .burst = 0});
  EXPECT_FALSE(bucket.Take(clock::SteadyTime{seconds(1)}));
  EXPECT_FALSE(bucket.Take(clock::SteadyTime{seconds(9)}));
}

}  // namespace token_bucket_test
}  // namespace signinwatch::http
