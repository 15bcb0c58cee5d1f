#include "detectors/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace signinwatch {
namespace config_test {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

// The table of SPEC 6.1, as it is written there.
const std::vector<std::pair<std::string, ChangeKind>> kOperations = {
    {"Change password (self-service)", ChangeKind::kChange},
    {"Change user password", ChangeKind::kChange},
    {"Reset password (self-service)", ChangeKind::kSelfReset},
    {"Reset password (by admin)", ChangeKind::kAdminReset},
    {"Reset password", ChangeKind::kAdminReset},
    {"Reset user password", ChangeKind::kAdminReset},
    {"Update PasswordProfile", ChangeKind::kAdminReset},
    {"User Password Reset", ChangeKind::kAdminReset},
    {"Update StsRefreshTokenValidFrom Timestamp", ChangeKind::kRevoke},
    {"Revoke sign in sessions", ChangeKind::kRevoke},
    {"Disable account", ChangeKind::kRevoke},
    {"Set force change user password", ChangeKind::kForceChange},
    {"Self-service password reset flow activity progress", ChangeKind::kIgnore},
    {"User started password change", ChangeKind::kIgnore},
    {"User started password reset", ChangeKind::kIgnore},
    {"Admin started password reset", ChangeKind::kIgnore},
    {"Blocked from self-service password reset", ChangeKind::kIgnore},
    {"Security info saved for self-service password reset", ChangeKind::kIgnore},
    {"Unlock user account (self-service)", ChangeKind::kIgnore},
    {"Create application password for user", ChangeKind::kIgnore},
    {"Delete application password for user", ChangeKind::kIgnore},
    {"Recover device local administrator password", ChangeKind::kIgnore},
    {"Update local administrator password", ChangeKind::kIgnore},
    {"Enable password writeback for directory", ChangeKind::kIgnore},
    {"Disable password writeback for directory", ChangeKind::kIgnore},
};

TEST(DetectionConfigTest, DefaultOperationsAreTheContractsTable) {
  std::vector<std::pair<const std::string, ChangeKind>> expected;
  for (const auto& [name, kind] : kOperations)
    expected.emplace_back(NormalizeOperation(name), kind);
  EXPECT_THAT(CorrelationConfig::DefaultOperations(), UnorderedElementsAreArray(expected));
  EXPECT_EQ(CorrelationConfig().operations, CorrelationConfig::DefaultOperations());
}

TEST(DetectionConfigTest, NormalizesOperations) {
  const struct {
    const char* written;
    const char* normalized;
  } kCases[] = {
      {"Reset user password", "reset user password"},
      {"Reset user password.", "reset user password"},
      {"  Reset user password . . ", "reset user password"},
      {"\tUpdate StsRefreshTokenValidFrom Timestamp.\r\n",
       "update stsrefreshtokenvalidfrom timestamp"},
      {"RESET PASSWORD (BY ADMIN)", "reset password (by admin)"},
      {".Reset  password", ".reset  password"},  // leading dots and inner blanks stay
      {"P\xc3\x84SSE", "p\xc3\x84sse"},          // ASCII letters only
      {" . ", ""},
      {"", ""},
  };
  for (const auto& c : kCases) EXPECT_EQ(NormalizeOperation(c.written), c.normalized) << c.written;
}

TEST(DetectionConfigTest, NamesOfKindsAreThoseOfTheContract) {
  std::vector<std::string> names;
  for (int i = 0; i < kChangeKindCount; ++i) {
    names.emplace_back(ChangeKindName(static_cast<ChangeKind>(i)));
  }
  EXPECT_THAT(names,
              ElementsAre("admin_reset", "self_reset", "change", "sync", "revoke", "force_change"));
  EXPECT_STREQ(ChangeKindName(ChangeKind::kIgnore), "ignore");
}

TEST(DetectionConfigTest, DefaultRulesAreThoseOfTheContract) {
  const std::vector<BurstRule> rules = DetectionConfig::DefaultRules();
  ASSERT_EQ(rules.size(), 2u);

  const BurstRule& user = rules[0];
  EXPECT_EQ(user.name, "user-session-invalid");
  EXPECT_THAT(user.codes, ElementsAre(50132, 50133, 50173));
  EXPECT_EQ(user.group_by, GroupBy::kUser);
  EXPECT_EQ(user.window, std::chrono::minutes(10));
  EXPECT_EQ(user.threshold, 10u);
  EXPECT_EQ(user.min_users, 1u);
  EXPECT_EQ(user.quiet, std::chrono::minutes(10));
  EXPECT_EQ(user.max_duration, std::chrono::hours(24));

  const BurstRule& tenant = rules[1];
  EXPECT_EQ(tenant.name, "tenant-session-invalid");
  EXPECT_THAT(tenant.codes, ElementsAre(50132, 50133, 50173));
  EXPECT_EQ(tenant.group_by, GroupBy::kTenant);
  EXPECT_EQ(tenant.window, std::chrono::minutes(30));
  EXPECT_EQ(tenant.threshold, 50u);
  EXPECT_EQ(tenant.min_users, 15u);
  EXPECT_EQ(tenant.quiet, std::chrono::minutes(30));  // default W
  EXPECT_EQ(tenant.max_duration, std::chrono::hours(24));

  EXPECT_EQ(DetectionConfig().rules.size(), 2u);
}

TEST(DetectionConfigTest, CountedCodesAreThoseOfAllRulesEachOnce) {
  DetectionConfig config;
  EXPECT_THAT(config.CountedCodes(), testing::ElementsAre(50132, 50133, 50173));
  config.rules[0].codes = {50173, 50126};
  config.rules.push_back(config.rules[0]);
  EXPECT_THAT(config.CountedCodes(), testing::ElementsAre(50126, 50132, 50133, 50173));
  config.rules.clear();
  EXPECT_THAT(config.CountedCodes(), testing::IsEmpty());
}

TEST(DetectionConfigTest, OtherDefaultsAreThoseOfTheContract) {
  const DetectionConfig config;
  EXPECT_EQ(config.time.allowed_lateness, std::chrono::minutes(30));
  EXPECT_EQ(config.time.max_clock_skew, std::chrono::minutes(5));
  EXPECT_EQ(config.time.idle_timeout, std::chrono::minutes(1));
  EXPECT_EQ(config.time.alignment, std::chrono::hours(1));
  EXPECT_EQ(config.time.dedup_horizon, std::chrono::hours(24));
  EXPECT_EQ(config.correlation.lookback, std::chrono::hours(24 * 30));
  EXPECT_EQ(config.correlation.correlation_grace, std::chrono::minutes(60));
  EXPECT_EQ(config.correlation.familiar_days, 14);
  EXPECT_THAT(config.correlation.sync_actors, ElementsAre("Sync_", "ADToAADSyncServiceAccount@"));
  EXPECT_THAT(config.correlation.sync_apps, ElementsAre("ConnectSyncProvisioning_"));
  EXPECT_EQ(config.tickets.reopen_within, std::chrono::hours(1));
  EXPECT_EQ(config.tickets.persistent_after, std::chrono::hours(4));
  EXPECT_EQ(config.tickets.revise_for, std::chrono::hours(24));
}

}  // namespace config_test
}  // namespace signinwatch
