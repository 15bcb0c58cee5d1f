// Causes as a Detector tells them: guests, directory synchronisation, operations that complete
// nothing, AD FS.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "tests/detectors/detector_driver.h"
#include "tests/detectors/moments.h"

namespace signinwatch {
namespace detector_causes_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kSyncAccount = "ADToAADSyncServiceAccount@contoso.example";
constexpr const char* kStamp = "Update StsRefreshTokenValidFrom Timestamp";

// A burst from `at` on; the first failure is of a guest, the others say nothing of it.
void GuestBurst(DetectorDriver* driver, Duration at = {}, Duration apart = seconds(10)) {
  for (int i = 0; i < 10; ++i) driver->Apply(SignIn{.at = at + i * apart, .guest = i == 0});
}

TEST(GuestTest, WaitsForTheGraceLikeTheUnexplained) {
  DetectorDriver driver;
  for (int i = 0; i < 80; ++i)
    driver.Apply(SignIn{.at = i * minutes(1) - i * kTick, .guest = true});
  driver.SetMoment(minutes(90));
  driver.AdvanceTo(minutes(60));
  EXPECT_EQ(driver.revisions().back().cause, Cause::kPending);
  driver.AdvanceTo(minutes(60) + kTick);
  EXPECT_EQ(driver.revisions().back().cause, Cause::kHomeTenant);
  EXPECT_EQ(driver.revisions().back().severity, Severity::kMedium);
  EXPECT_EQ(driver.revisions().back().reason, RevisionReason::kCauseChanged);
}

TEST(GuestTest, FirstFailureSaysSoWhateverTheOrderOfArrival) {
  const auto cause = [](const std::vector<SignIn>& sign_ins) {
    DetectorDriver driver;
    for (const SignIn& sign_in : sign_ins) driver.Apply(sign_in);
    driver.Burst(minutes(1));
    driver.Finish();
    return std::string(CauseName(driver.revisions().back().cause));
  };
  const SignIn guest{.id = "b", .guest = true};
  const SignIn later{.at = kTick, .id = "a"};
  SignIn same = later;
  same.at = {};
  EXPECT_EQ(cause({guest, later}), "home_tenant");
  EXPECT_EQ(cause({later, guest}), "home_tenant");
  EXPECT_EQ(cause({later}), "unexplained");
  // At one time the least id, of equal ids the one that is none.
  EXPECT_EQ(cause({guest, same}), "unexplained");
  EXPECT_EQ(cause({same, guest}), "unexplained");
  same.id = "c";
  EXPECT_EQ(cause({same, guest}), "home_tenant");
  same.id = "b";
  same.category = Category::kNonInteractiveSignIn;
  EXPECT_EQ(cause({same, guest}), "unexplained");
  EXPECT_EQ(cause({guest, same}), "unexplained");
}

// SPEC 4: what came late corrects a ticket of a guest as any other, also after a restart.
TEST(GuestTest, LateChangesReviseAsAnyOther) {
  DetectorDriver driver;
  GuestBurst(&driver);
  driver.AdvanceTo(hours(2));
  ASSERT_EQ(driver.revisions().back().cause, Cause::kHomeTenant);
  ASSERT_TRUE(driver.SaveAndReload(true));
  // Behind the clock's skew: decides nothing.
  driver.Apply(Audit{.at = minutes(6), .operation = "Disable account"});
  driver.SetMoment(hours(2) + minutes(2));
  driver.AdvanceTo(hours(2));
  EXPECT_EQ(driver.Reasons(), "opened resolved");
  driver.Apply(Audit{.at = -minutes(20), .operation = "Disable account"});
  driver.SetMoment(hours(2) + minutes(4));
  driver.AdvanceTo(hours(2));
  EXPECT_EQ(driver.Reasons(), "opened resolved cause_changed");
  EXPECT_EQ(driver.revisions().back().cause, Cause::kSessionsRevoked);
}

TEST(GuestTest, FoldedFailuresStillTell) {
  DetectionConfig config;
  config.limits.session_events = 10;
  DetectorDriver driver(config);
  GuestBurst(&driver);
  for (int i = 1; i < 60; ++i) driver.Apply(SignIn{.at = i * minutes(2)});
  driver.AdvanceTo(minutes(100));
  for (int i = 60; i < 100; ++i) driver.Apply(SignIn{.at = i * minutes(2)});
  ASSERT_TRUE(driver.SaveAndReload(true));
  driver.Finish();
  EXPECT_EQ(driver.revisions().back().cause, Cause::kHomeTenant);
}

// SPEC 6.3: a tenant's ticket names each user's own cause, also of users known by name only.
TEST(TenantCauseTest, UsersCarryTheirOwn) {
  DetectorDriver driver;
  driver.Apply(Audit{.at = -minutes(5), .user = "user100", .id = "reset"});
  for (int i = 0; i < 15 * 4; ++i) {
    const int user = 100 + i % 15;
    driver.Apply(SignIn{
        .at = seconds(i), .user = "user" + std::to_string(user), .name = "", .guest = user == 101});
  }
  driver.Finish();
  const Ticket& ticket = driver.revisions().back();
  ASSERT_EQ(ticket.scope, GroupBy::kTenant);
  std::map<std::string, std::string> causes;
  for (const Counted& user : ticket.users.shown) causes[user.id] = CauseName(user.cause);
  ASSERT_EQ(causes.size(), 15u);
  EXPECT_EQ(causes["user100"], "password_reset_by_admin");
  EXPECT_EQ(causes["user101"], "home_tenant");
  EXPECT_EQ(causes["user102"], "unexplained");
  EXPECT_EQ(ticket.cause, Cause::kUnexplained);
}

std::string CauseAfter(const std::vector<Audit>& audits) {
  DetectorDriver driver;
  for (const Audit& audit : audits) driver.Apply(audit);
  driver.Burst(minutes(0));
  driver.Finish();
  return CauseName(driver.revisions().back().cause);
}

// A federated tenant shows a password change by this stamp alone.
TEST(SynchronisationTest, StampIsAPasswordChangeUnlessTheAccountWasDisabled) {
  const Audit stamp{.at = -minutes(10), .operation = kStamp, .actor = kSyncAccount};
  const Audit disabled{.at = -minutes(8), .operation = "Disable account"};
  const Audit later{.at = -minutes(5) + kTick, .operation = "Disable account"};
  EXPECT_EQ(CauseAfter({stamp}), "password_synced");
  EXPECT_EQ(CauseAfter({stamp, disabled}), "sessions_revoked");
  EXPECT_EQ(CauseAfter({disabled, stamp}), "sessions_revoked");
  EXPECT_EQ(CauseAfter({stamp, later}), "password_synced");
  EXPECT_EQ(CauseAfter({Audit{.at = -minutes(10), .operation = kStamp}}), "sessions_revoked");
}

TEST(OperationsTest, WhatCompletesNothingIsNeitherAChangeNorNews) {
  DetectionConfig config;
  config.correlation.operations["change user password"] = ChangeKind::kIgnore;
  DetectorDriver driver(config);
  const std::vector<std::string> operations = {
      "Self-service password reset flow activity progress",
      "User started password change",
      "user started password reset",
      "ADMIN started password reset.",
      "Blocked from self-service password reset",
      "Security info saved for self-service password reset",
      "Unlock user account (self-service)",
      "Create application password for user",
      "Delete application password for user",
      "Recover device local administrator password",
      "Update local administrator password",
      "Enable password writeback for directory",
      "Disable password writeback for directory",
      "Change user password",
  };
  for (const std::string& operation : operations) {
    // No duplicates either: they count for nothing.
    EXPECT_FALSE(
        driver.Apply(Audit{.at = -minutes(1), .operation = operation, .id = "a"}).duplicate);
  }
  driver.Burst(minutes(0));
  driver.Finish();
  EXPECT_EQ(driver.revisions().back().cause, Cause::kUnexplained);
  EXPECT_TRUE(driver.revisions().back().changes.empty());
  EXPECT_TRUE(driver.detector().counters().unknown_password_operations.empty());
}

// The notice goes away once the name is configured.
TEST(OperationsTest, NamesThatWereLearntSinceAreForgotten) {
  DetectorDriver driver;
  driver.Apply(Audit{.operation = "Set password v2"});
  driver.Apply(Audit{.operation = "Set password v3"});
  DetectionConfig config;
  config.correlation.operations["set password v2"] = ChangeKind::kIgnore;
  Detector next(config);
  ASSERT_TRUE(next.Load(RowsIn(driver.Rows())));
  EXPECT_EQ(next.counters().unknown_password_operations,
            (std::map<std::string, uint64_t>{{"set password v3", 1}}));
}

// Who holds an AD FS server can forge its sign-ins; the user is back by them all the same.
TEST(AdfsTest, SuccessesMakeNothingFamiliar) {
  for (const Category category :
       {Category::kSignIn, Category::kNonInteractiveSignIn, Category::kAdfsSignIn}) {
    DetectorDriver driver;
    driver.Apply(SignIn{
        .at = -kDay, .code = 0, .address = "203.0.113.1", .country = "FR", .device = "device2"});
    driver.Apply(SignIn{.at = -kDay, .code = 0, .category = category});
    driver.Burst(minutes(0));
    driver.Apply(SignIn{.at = minutes(5), .code = 0, .interactive = true, .category = category});
    driver.Finish();
    const Ticket& ticket = driver.revisions().back();
    EXPECT_EQ(ticket.findings.unfamiliar_source, category == Category::kAdfsSignIn);
    EXPECT_EQ(ticket.resolution, Resolution::kReauthenticated);
  }
}

}  // namespace detector_causes_test
}  // namespace signinwatch
