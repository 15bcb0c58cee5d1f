// Sessions that were nearly bursts: what a look at thresholds is made by.
#include "detectors/near_miss.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/detectors/detector_driver.h"

namespace signinwatch {
namespace near_miss_test {

using std::chrono::minutes;
using std::chrono::seconds;

std::vector<NearMiss> Finished(DetectorDriver& driver) {
  driver.Finish();
  return driver.detector().TakeNearMisses();
}

TEST(NearMissTest, IsWithinAFifthOfTheThreshold) {
  for (const int failures : {7, 8, 9, 10}) {
    DetectorDriver driver;
    driver.Burst(minutes(0), failures);
    const std::vector<NearMiss> misses = Finished(driver);
    const bool near = failures == 8 || failures == 9;
    ASSERT_EQ(misses.size(), near ? 1U : 0U) << failures;
    if (!near) continue;
    EXPECT_EQ(misses[0].events, static_cast<uint64_t>(failures));
    EXPECT_EQ(misses[0].threshold_events, 10U);
    EXPECT_EQ(misses[0].detector, "user-session-invalid");
    EXPECT_EQ(misses[0].scope, GroupBy::kUser);
    EXPECT_FALSE(misses[0].user.empty());
    EXPECT_EQ(misses[0].last_event_time - misses[0].first_event_time, seconds(10 * (failures - 1)));
  }
}

// Twelve failures, of which never more than eight are in ten minutes.
TEST(NearMissTest, IsTheFullestWindowAndNotTheWholeSession) {
  DetectorDriver driver;
  driver.Burst(minutes(0), 4);
  driver.Burst(minutes(9), 4);
  driver.Burst(minutes(18), 4);
  const std::vector<NearMiss> misses = Finished(driver);
  ASSERT_EQ(misses.size(), 1U);
  EXPECT_EQ(misses[0].events, 8U);
}

TEST(NearMissTest, TenantsAreNearByBothThresholds) {
  DetectionConfig config;
  config.rules = {{.name = "tenants",
                   .codes = {50132},
                   .group_by = GroupBy::kTenant,
                   .window = minutes(30),
                   .threshold = 10,
                   .min_users = 5,
                   .quiet = minutes(30)}};
  for (const int users : {3, 4}) {
    DetectorDriver driver(config);
    for (int i = 0; i < 12; ++i) {
      driver.Apply(SignIn{.at = seconds(i), .user = "user" + std::to_string(i % users)});
    }
    const std::vector<NearMiss> misses = Finished(driver);
    ASSERT_EQ(misses.size(), users == 4 ? 1U : 0U) << users;
    if (users != 4) continue;
    EXPECT_EQ(misses[0].events, 12U);
    EXPECT_EQ(misses[0].users, 4U);
    EXPECT_EQ(misses[0].user, "");
  }
}

TEST(NearMissTest, IsTakenOnce) {
  DetectorDriver driver;
  driver.Burst(minutes(0), 9);
  EXPECT_EQ(Finished(driver).size(), 1U);
  EXPECT_TRUE(driver.detector().TakeNearMisses().empty());
}

}  // namespace near_miss_test
}  // namespace signinwatch
