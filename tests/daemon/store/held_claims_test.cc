#include "daemon/store/held_claims.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace signinwatch::store {
namespace held_claims_test {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HeldClaims, AClaimEndsTheOneBefore) {
  HeldClaims claims;
  const ShardClaim first{.shard = 3, .epoch = 1}, second{.shard = 3, .epoch = 2};
  EXPECT_EQ(claims.Check(first).code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(claims.Hold(first));
  EXPECT_FALSE(claims.Hold(first)) << "it is the same";
  EXPECT_TRUE(claims.Check(first).ok());
  EXPECT_TRUE(claims.Hold(second));
  EXPECT_EQ(claims.Check(first).code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(claims.Drop(first)) << "what is held stays";
  EXPECT_EQ(claims.Of(3), second);
  EXPECT_TRUE(claims.Drop(second));
  EXPECT_EQ(claims.Of(3), std::nullopt);
}

TEST(HeldClaims, TheVersionTellsChanges) {
  HeldClaims claims;
  const uint64_t none = claims.version();
  claims.Hold({.shard = 1, .epoch = 1});
  const uint64_t one = claims.version();
  EXPECT_GT(one, none);
  claims.Hold({.shard = 1, .epoch = 1});
  EXPECT_EQ(claims.version(), one);
  claims.Hold({.shard = 0, .epoch = 7});
  EXPECT_THAT(claims.All(),
              ElementsAre(ShardClaim{.shard = 0, .epoch = 7}, ShardClaim{.shard = 1, .epoch = 1}));
  claims.Drop({.shard = 1, .epoch = 1});
  claims.Drop({.shard = 0, .epoch = 7});
  EXPECT_THAT(claims.All(), IsEmpty());
  EXPECT_GT(claims.version(), one + 1);
}

}  // namespace held_claims_test
}  // namespace signinwatch::store
