#include "detectors/state_row.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace signinwatch {
namespace state_row_test {

const auto kTenantId = MakeId<TenantId>("tenant1");
const auto kUserId = MakeId<UserId>("user1");

TEST(StateRowTest, AKeyIsReadAsItWasWritten) {
  const std::string key = RowKey(RowKind::kUser, kTenantId, kUserId);
  EXPECT_EQ(key[0], 'u');
  TenantId tenant;
  UserId user;
  ASSERT_TRUE(ReadRowKey(key, &tenant, &user));
  EXPECT_EQ(tenant, kTenantId);
  EXPECT_EQ(user, kUserId);
  uint64_t number = 0;
  ASSERT_TRUE(ReadRowKey(RowKey(RowKind::kTicket, uint64_t{300}), &number));
  EXPECT_EQ(number, 300u);
  Hash128 hash;
  ASSERT_TRUE(ReadRowKey(RowKey(RowKind::kDuplicate, Hash128{1, 2}), &hash));
  EXPECT_EQ(hash, (Hash128{1, 2}));
}

TEST(StateRowTest, ADamagedKeyIsRefused) {
  const std::string key = RowKey(RowKind::kUser, kTenantId, kUserId);
  TenantId tenant;
  UserId user;
  for (size_t size = 0; size < key.size(); ++size) {
    EXPECT_FALSE(ReadRowKey(key.substr(0, size), &tenant, &user)) << size;
  }
  EXPECT_FALSE(ReadRowKey(key + "x", &tenant, &user));
}

TEST(StateRowTest, TheCheckIsOfKeyAndValue) {
  const StateRow row = CheckedRow("key", "value");
  EXPECT_EQ(CheckedValue(row), "value");
  EXPECT_EQ(CheckedValue({"kez", row.value}), std::nullopt);
  EXPECT_EQ(CheckedValue({"key", row.value.substr(1)}), std::nullopt);
  EXPECT_EQ(CheckedValue({"key", "abc"}), std::nullopt) << "too short for a check";
}

TEST(StateRowTest, ARowOfATime) {
  const EventTime time{std::chrono::hours(1)};
  const StateRow row = TimeRow(RowKind::kTicketId, {1, 2}, time);
  Hash128 hash;
  EventTime read;
  ASSERT_TRUE(ReadTimeRow(row.key, *CheckedValue(row), &hash, &read));
  EXPECT_EQ(hash, (Hash128{1, 2}));
  EXPECT_EQ(read, time);
  EXPECT_FALSE(ReadTimeRow(row.key, "", &hash, &read));
}

}  // namespace state_row_test
}  // namespace signinwatch
