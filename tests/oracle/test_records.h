// Records for the oracle's own tables: one user of one tenant, with plain defaults.
#ifndef SIGNINWATCH_TESTS_ORACLE_TEST_RECORDS_H_
#define SIGNINWATCH_TESTS_ORACLE_TEST_RECORDS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/oracle/oracle_config.h"
#include "tests/oracle/plain_record.h"

namespace signinwatch::oracle {

inline constexpr int64_t kNoon = 1'773'144'000 * kSecondUs;  // 2026-03-10T12:00:00Z
inline constexpr int64_t kMidnight = kNoon - 12 * kHourUs;

[[nodiscard]] inline PlainRecord Signin(int64_t time_us, int64_t code, std::string id = "",
                                        const std::string& user = "u1") {
  PlainRecord r;
  r.category = "SignInLogs";
  r.time_us = time_us;
  r.tenant = "t1";
  r.id = std::move(id);
  r.user_id = user;
  if (!user.empty()) r.user_principal_name = user + "@contoso.test";
  r.code = code;
  r.interactive = true;
  return r;
}

[[nodiscard]] inline PlainRecord Audit(int64_t time_us, std::string operation, std::string id = "",
                                       const std::string& user = "u1") {
  PlainRecord r;
  r.category = "AuditLogs";
  r.time_us = time_us;
  r.tenant = "t1";
  r.id = std::move(id);
  r.user_id = user;
  r.user_principal_name = user + "@contoso.test";
  r.operation = std::move(operation);
  r.success = true;
  return r;
}

[[nodiscard]] inline PlainRecord NameOnly(PlainRecord r) {
  r.user_id.clear();
  return r;
}

[[nodiscard]] inline PlainRecord From(PlainRecord r, std::string address, std::string network,
                                      std::string country, std::string device) {
  r.address = std::move(address);
  r.network = std::move(network);
  r.country = std::move(country);
  r.device_id = std::move(device);
  return r;
}

[[nodiscard]] inline std::vector<PlainRecord> Join(std::vector<PlainRecord> a,
                                                   const std::vector<PlainRecord>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Three failures of a user at t, t + 1 min and t + 2 min: a burst by SmallConfig.
[[nodiscard]] inline std::vector<PlainRecord> SmallBurst(int64_t t,
                                                         const std::string& user = "u1") {
  return {Signin(t, 50132, "", user), Signin(t + kMinuteUs, 50132, "", user),
          Signin(t + 2 * kMinuteUs, 50132, "", user)};
}

// One user rule: three failures in 10 min; Q is 10 min.
[[nodiscard]] inline OracleConfig SmallConfig() {
  OracleConfig config;
  config.rules = {{.name = "user-rule", .threshold = 3}};
  return config;
}

// SmallConfig and a tenant rule: four failures of two users in 30 min.
[[nodiscard]] inline OracleConfig TenantConfig() {
  OracleConfig config = SmallConfig();
  config.rules.push_back({.name = "tenant-rule",
                          .by_tenant = true,
                          .window = 30 * kMinuteUs,
                          .quiet = 30 * kMinuteUs,
                          .threshold = 4,
                          .min_users = 2});
  return config;
}

}  // namespace signinwatch::oracle

#endif  // SIGNINWATCH_TESTS_ORACLE_TEST_RECORDS_H_
