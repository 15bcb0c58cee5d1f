#include "daemon/replay/near_miss_table.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace signinwatch {
namespace near_miss_table_test {

using std::chrono::seconds;

constexpr EventTime kNine{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24} +
                          std::chrono::hours(9)};

NearMiss Of(std::string user, uint64_t events) {
  return {.detector = "user-session-invalid",
          .tenant_id = "tenant",
          .user = std::move(user),
          .events = events,
          .users = 1,
          .threshold_events = 10,
          .threshold_users = 1,
          .first_event_time = kNine,
          .last_event_time = kNine + seconds(521)};
}

TEST(NearMissTableTest, ShowsTheNearestFirst) {
  const std::vector<NearMiss> misses{Of("a@contoso.example", 8), Of("b@contoso.example", 9)};
  EXPECT_EQ(replay::NearMissTable(misses, 20),
            "Nearly bursts: 2 (within a fifth of a threshold; docs/tuning.md)\n"
            "2026-11-24 09:00  9 of 10 failures in 08:41     user-session-invalid    "
            "b@contoso.example\n"
            "2026-11-24 09:00  8 of 10 failures in 08:41     user-session-invalid    "
            "a@contoso.example\n");
}

TEST(NearMissTableTest, TenantsHaveTwoThresholds) {
  NearMiss miss = Of("", 45);
  miss.scope = GroupBy::kTenant;
  miss.users = 12;
  miss.threshold_events = 50;
  miss.threshold_users = 15;
  EXPECT_NE(replay::NearMissTable(std::vector{miss}, 20)
                .find("45 of 50 failures, 12 of 15 users in 08:41  user-session-invalid    tenant"),
            std::string::npos);
}

TEST(NearMissTableTest, IsBounded) {
  const std::vector<NearMiss> misses(5, Of("a", 9));
  EXPECT_NE(replay::NearMissTable(misses, 2).find("\nand 3 more\n"), std::string::npos);
  EXPECT_EQ(replay::NearMissTable({}, 2), "");
}

TEST(NearMissTableTest, NamesCantDoHarm) {
  EXPECT_EQ(replay::NearMissTable(std::vector{Of("a\x1b[2Jb", 9)}, 2).find('\x1b'),
            std::string::npos);
}

}  // namespace near_miss_table_test
}  // namespace signinwatch
