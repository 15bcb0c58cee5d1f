#include "detectors/risk_log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace risk_log_test {

using std::chrono::hours;

class RiskLogTest : public testing::Test {
 protected:
  RiskEntry Entry(Duration at, std::string_view id, Duration updated, std::string_view state) {
    return {.time = kMorning + at,
            .last_updated = kMorning + updated,
            .id = pool_.Intern(id),
            .type = pool_.Intern("anomalousToken"),
            .level = 0,
            .state = pool_.Intern(state)};
  }
  TextPool pool_;
  RiskLog log_{&pool_, 3};
  const UserKey user_{1, MakeId<UserId>("user1")};
};

TEST_F(RiskLogTest, TheLatestVersionOfAnIdCountsInWhateverOrder) {
  std::vector<RiskEntry> versions{
      Entry(hours(1), "a", hours(2), "atRisk"), Entry(hours(1), "a", hours(3), "dismissed"),
      Entry(hours(1), "a", hours(3), "remediated"), Entry(hours(2), "a", hours(1), "zz")};
  const auto before = [](const RiskEntry& a, const RiskEntry& b) {
    return std::pair(a.last_updated, a.state) < std::pair(b.last_updated, b.state);
  };
  std::sort(versions.begin(), versions.end(), before);
  do {
    RiskLog log(&pool_, 3);
    for (const RiskEntry& entry : versions) (void)log.Add(user_, entry);
    ASSERT_EQ(log.Find(user_)->size(), 1u);
    EXPECT_EQ(pool_.Get(log.Find(user_)->front().state), "remediated");
  } while (std::next_permutation(versions.begin(), versions.end(), before));
}

TEST_F(RiskLogTest, ACopyChangesNothing) {
  EXPECT_TRUE(log_.Add(user_, Entry(hours(1), "a", hours(2), "atRisk")));
  EXPECT_FALSE(log_.Add(user_, Entry(hours(1), "a", hours(2), "atRisk")));
  EXPECT_TRUE(log_.Add(user_, Entry(hours(1), "", hours(2), "atRisk")));
  EXPECT_FALSE(log_.Add(user_, Entry(hours(1), "", hours(2), "atRisk")));
  EXPECT_TRUE(log_.Add(user_, Entry(hours(1), "", hours(2), "dismissed"))) << "no id, another one";
  EXPECT_EQ(log_.size(), 3u);
}

TEST_F(RiskLogTest, AtTheBoundOfAUserTheOldestGoes) {
  for (int i = 4; i >= 1; --i) {
    EXPECT_TRUE(log_.Add(user_, Entry(hours(i), std::to_string(i), hours(i), "atRisk")));
  }
  EXPECT_EQ(log_.size(), 3u);
  EXPECT_EQ(log_.evicted(), 1u);
  EXPECT_EQ(log_.Find(user_)->front().time, kMorning + hours(2));
}

TEST_F(RiskLogTest, ForgetsByItsTimer) {
  (void)log_.Add(user_, Entry(hours(1), "a", hours(1), "atRisk"));
  log_.Arm(user_, kMorning, hours(10));
  EXPECT_EQ(log_.next_due(), kMorning + hours(11) + Duration{1});
  EXPECT_EQ(log_.TakeDue(), user_);
  log_.PruneUser(user_, kMorning + hours(1));
  EXPECT_EQ(log_.size(), 1u);
  log_.PruneUser(user_, kMorning + hours(1) + Duration{1});
  EXPECT_EQ(log_.Find(user_), nullptr);
  EXPECT_FALSE(log_.HasTenant(1));
}

TEST_F(RiskLogTest, BytesAreAsTheHeaderSays) {
  (void)log_.Add(user_, Entry(hours(1), "a", hours(1), "atRisk"));
  EXPECT_EQ(log_.bytes(), 32 + RiskLog::kPlaceBytes);
}

}  // namespace risk_log_test
}  // namespace signinwatch
