#include "daemon/pipeline/recent_near_misses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace signinwatch::pipeline {
namespace recent_near_misses_test {

using testing::ElementsAre;
using testing::IsEmpty;

NearMiss MissOf(const std::string& user) {
  return {.detector = "user-session-invalid",
          .scope = GroupBy::kUser,
          .tenant_id = "tenant",
          .user = user,
          .events = 9,
          .users = 1,
          .threshold_events = 10,
          .threshold_users = 1,
          .first_event_time = EventTime(Duration(1'764'158'400'000'000)),
          .last_event_time = EventTime(Duration(1'764'158'500'000'001))};
}

std::vector<std::string> UsersOf(const RecentNearMisses& misses) {
  std::vector<std::string> users;
  for (const NearMiss& miss : misses.All()) users.push_back(miss.user);
  return users;
}

// Each is as it was, in the order of closing, whatever the order of the rows.
TEST(RecentNearMisses, SurviveARestart) {
  std::map<std::string, std::string> rows;
  RecentNearMisses misses;
  for (const char* user : {"ada", "bo", "cy"}) {
    const StateRow row = misses.Add(MissOf(user));
    rows[row.key] = row.value;
  }
  RecentNearMisses after;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    EXPECT_TRUE(after.Load({row->first, row->second}));
  }
  EXPECT_THAT(UsersOf(after), ElementsAre("ada", "bo", "cy"));
  const NearMiss miss = after.All().front();
  EXPECT_EQ(miss.detector, "user-session-invalid");
  EXPECT_EQ(miss.tenant_id, "tenant");
  EXPECT_EQ(miss.events, 9u);
  EXPECT_EQ(miss.threshold_events, 10u);
  EXPECT_EQ(miss.last_event_time - miss.first_event_time, Duration(100'000'001));
  static_cast<void>(after.Add(MissOf("di")));
  EXPECT_EQ(UsersOf(after).back(), "di");
}

// The ring has as many rows as it keeps, and a row more replaces the oldest.
TEST(RecentNearMisses, AreBoundedInMemoryAndInTheStore) {
  std::map<std::string, std::string> rows;
  RecentNearMisses misses;
  for (size_t i = 0; i < 3 * RecentNearMisses::kMax + 7; ++i) {
    const StateRow row = misses.Add(MissOf(std::to_string(i)));
    rows[row.key] = row.value;
  }
  EXPECT_EQ(rows.size(), RecentNearMisses::kMax);
  RecentNearMisses after;
  for (const auto& [key, value] : rows) after.Load({key, value});
  EXPECT_EQ(UsersOf(after), UsersOf(misses));
  EXPECT_EQ(UsersOf(after).back(), "156");
}

TEST(RecentNearMisses, LeaveTheDetectorsRowsAndDamageAlone) {
  RecentNearMisses misses;
  EXPECT_FALSE(misses.Load({"m", "x"}));
  EXPECT_FALSE(misses.Load({std::string("t\0n.1", 5), "x"}));
  StateRow row = misses.Add(MissOf("ada"));
  RecentNearMisses after;
  row.value[2] = static_cast<char>(row.value[2] ^ 1);
  EXPECT_TRUE(after.Load(row));
  EXPECT_THAT(after.All(), IsEmpty());
}

}  // namespace recent_near_misses_test
}  // namespace signinwatch::pipeline
