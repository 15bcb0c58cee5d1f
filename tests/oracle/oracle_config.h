// What the oracle is told: SPEC 12 in plain numbers, with the contract's defaults written out a
// second time. It shares no type with detectors/config.h on purpose.
#ifndef SIGNINWATCH_TESTS_ORACLE_ORACLE_CONFIG_H_
#define SIGNINWATCH_TESTS_ORACLE_ORACLE_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace signinwatch::oracle {

// All spans and times of the oracle are microseconds.
inline constexpr int64_t kSecondUs = 1'000'000;
inline constexpr int64_t kMinuteUs = 60 * kSecondUs;
inline constexpr int64_t kHourUs = 60 * kMinuteUs;
inline constexpr int64_t kDayUs = 24 * kHourUs;

// SPEC 5. min_users is 1 for user rules.
struct OracleRule {
  std::string name;
  std::set<int64_t> codes{50132, 50133, 50173};
  bool by_tenant = false;
  int64_t window = 10 * kMinuteUs;
  int64_t quiet = 10 * kMinuteUs;
  int64_t max_duration = kDayUs;
  size_t threshold = 10;
  size_t min_users = 1;
};

struct OracleConfig {
  std::vector<OracleRule> rules = {
      {.name = "user-session-invalid"},
      {.name = "tenant-session-invalid",
       .by_tenant = true,
       .window = 30 * kMinuteUs,
       .quiet = 30 * kMinuteUs,
       .threshold = 50,
       .min_users = 15},
  };
  int64_t allowed_lateness = 30 * kMinuteUs;
  int64_t dedup_horizon = kDayUs;
  int64_t max_clock_skew = 5 * kMinuteUs;
  int64_t lookback = 30 * kDayUs;
  int64_t correlation_grace = 60 * kMinuteUs;
  int familiar_days = 14;
  bool unfamiliar_address = true;
  bool unfamiliar_country = true;
  bool unfamiliar_device = true;
  // The table of SPEC 6.1: operation name in lower case -> kind, `ignore` for what completes
  // nothing.
  std::map<std::string, std::string> operations = {
      {"change password (self-service)", "change"},
      {"change user password", "change"},
      {"reset password (self-service)", "self_reset"},
      {"reset password (by admin)", "admin_reset"},
      {"reset password", "admin_reset"},
      {"reset user password", "admin_reset"},
      {"update passwordprofile", "admin_reset"},
      {"user password reset", "admin_reset"},
      {"update stsrefreshtokenvalidfrom timestamp", "revoke"},
      {"revoke sign in sessions", "revoke"},
      {"disable account", "revoke"},
      {"set force change user password", "force_change"},
  };
  std::vector<std::string> sync_actors = {"Sync_", "ADToAADSyncServiceAccount@"};
  std::vector<std::string> sync_apps = {"ConnectSyncProvisioning_"};
  int64_t risk_before = kDayUs;
  std::vector<std::string> theft_risks = {"anomalousToken",        "attackerinTheMiddle",
                                          "attemptedPrtAccess",    "tokenIssuerAnomaly",
                                          "anomalousUserActivity", "leakedCredentials"};
  std::vector<std::string> security_info_operations = {
      "User registered security info",      "User deleted security info",
      "User changed default security info", "User registered all required security info",
      "Admin registered security info",     "Admin updated security info",
      "Admin deleted security info",        "Disable Strong Authentication"};
  int64_t revise_risks_for = 3 * kDayUs;
  int64_t reopen_within = kHourUs;
  int64_t persistent_after = 4 * kHourUs;
};

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_ORACLE_CONFIG_H_
