#include "detectors/user_table.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace user_table_test {

using std::chrono::hours;

UserKey Key(int n) { return UserKey(0, MakeId<UserId>("user" + std::to_string(n))); }

void Note(UserTable& table, UserState& state, SourceKey source, EventTime t = kMorning) {
  const size_t bytes_before = state.familiar.bytes();
  uint64_t evicted = 0;
  std::vector<SpilledDay> spilled;
  (void)state.familiar.Note(source, t, kMorning, 14, 96, &spilled, &evicted);
  table.NoteResized(bytes_before, state);
}

UserState& Get(UserTable& table, int n) {
  return table.Get(Key(n), [](const UserKey&) { FAIL() << "nobody has to go"; });
}

TEST(UserTableTest, BytesOfATrackedUserAreAsTheHeaderSays) {
  static_assert(UserTable::kEntryBytes == 81);
  static_assert(sizeof(FamiliarSources::Source) == 24);
  constexpr size_t kUsers = 100'000;
  UserTable table(kUsers);
  for (size_t i = 0; i < kUsers; ++i) {
    UserState& state = Get(table, static_cast<int>(i));
    // Two networks, one country, two devices, a method of MFA.
    for (const SourceKey source :
         {AddressSource(ParseIpAddress("192.0.2.1")), AddressSource(ParseIpAddress("198.51.100.1")),
          CountrySource(0x1000), DeviceSource(0x2000), DeviceSource(0x3000), MfaSource(0x4000)}) {
      Note(table, state, source);
    }
  }
  const double bytes = static_cast<double>(table.held_bytes()) / kUsers;
  EXPECT_GT(bytes, 240);
  EXPECT_LT(bytes, 272);
}

TEST(UserTableTest, AtTheBoundUsersWithoutFailuresMakeRoom) {
  constexpr size_t kMax = 20'000;
  UserTable table(kMax);
  for (int i = 0; i < 1000; ++i) (void)table.Detail(Key(i), Get(table, i));
  size_t forgotten = 0;
  for (int i = 1000; i < 100'000; ++i) {
    (void)table.Get(Key(i), [&](const UserKey& key) {
      ++forgotten;
      EXPECT_EQ(table.Find(key), nullptr);
    });
    ASSERT_NE(table.Find(Key(i)), nullptr) << "the newcomer stays";
  }
  EXPECT_EQ(table.size(), kMax);
  EXPECT_EQ(table.evicted(), 100'000 - kMax);
  EXPECT_EQ(forgotten, table.evicted());
  for (int i = 0; i < 1000; ++i) ASSERT_NE(table.Find(Key(i)), nullptr) << i;
}

TEST(UserTableTest, PrefersThoseWhoSignedInLongestAgo) {
  constexpr int kMax = 40'000;
  UserTable table(kMax);
  for (int i = 0; i < kMax; ++i) {
    Note(table, Get(table, i), CountrySource(0x1000), i < kMax / 2 ? kMorning : kMorning + kDay);
  }
  std::set<std::pair<uint64_t, uint64_t>> later;
  for (int n = kMax / 2; n < kMax; ++n) later.emplace(Key(n).hi, Key(n).lo);
  int recent = 0;
  for (int i = kMax; i < kMax + 2000; ++i) {
    const auto note = [&](const UserKey& key) {
      if (later.contains({key.hi, key.lo})) ++recent;
    };
    Note(table, table.Get(Key(i), note), CountrySource(0x1000), kMorning + kDay);
  }
  EXPECT_EQ(table.evicted(), 2000u);
  EXPECT_LT(recent, 100);
}

TEST(UserTableTest, ManyAtOnceGoOfTheTenantThatHasMost) {
  UserTable table(SIZE_MAX);
  const auto none = [](const UserKey&) { FAIL() << "nobody has to go"; };
  for (int i = 0; i < 10'000; ++i) {
    const UserId user = MakeId<UserId>("user" + std::to_string(i));
    UserState& state = table.Get(UserKey(1, user), none);
    Note(table, state, CountrySource(0x1000), i % 2 == 0 ? kMorning : kMorning + kDay);
    if (i < 5'000) Note(table, table.Get(UserKey(0, user), none), CountrySource(0x1000));
  }
  const size_t before = table.held_bytes();
  size_t gone = 0;
  size_t recent = 0;
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(table.EvictSome([&](const UserKey& key) {
      ++gone;
      EXPECT_EQ(key.tenant, 1u);
      EXPECT_EQ(table.Find(key), nullptr);
    }));
  }
  EXPECT_EQ(table.evicted(), gone);
  EXPECT_EQ(table.size(), 15'000 - gone);
  EXPECT_GT(gone, 3'000u);
  EXPECT_LE(table.held_bytes(), before - gone * 24);
  for (int i = 1; i < 10'000; i += 2) {
    if (table.Find(UserKey(1, MakeId<UserId>("user" + std::to_string(i)))) == nullptr) ++recent;
  }
  EXPECT_LT(recent, gone / 4) << "those who signed in longest ago go first";
  while (table.EvictSome([](const UserKey&) {})) {
  }
  EXPECT_EQ(table.size(), 0u);
  EXPECT_EQ(table.held_bytes(), 0u);
  EXPECT_FALSE(table.HasTenant(0));
  EXPECT_FALSE(table.HasTenant(1));
}

TEST(UserTableTest, SweepVisitsAllWithinHoursAndDoesWhatIsSaid) {
  UserTable table(10'000);
  for (int i = 0; i < 3000; ++i) (void)table.Detail(Key(i), Get(table, i));
  const auto outcome = [](const UserState& state) {
    return static_cast<UserTable::Visit>(state.returns.size());
  };
  for (int i = 0; i < 3000; ++i) {
    UserState& state = *table.Find(Key(i));
    for (int n = 0; n < i % 3; ++n) state.returns.push_back(kMorning);
  }
  int visits = 0;
  const auto sweep = [&](EventTime watermark) {
    table.Sweep(watermark, [&](const UserKey&, UserState& state) {
      ++visits;
      return outcome(state);
    });
  };
  sweep(kMorning);
  EXPECT_EQ(visits, 0) << "the first watermark only sets the pace";
  for (int hour = 1; hour <= 5; ++hour) sweep(kMorning + hours(hour));
  EXPECT_LT(visits, 3000);
  sweep(kMorning + hours(7));
  EXPECT_GE(visits, 3000);
  EXPECT_EQ(table.size(), 2000u);
  EXPECT_EQ(table.failing().total(), 1000u);
  for (int i = 0; i < 3000; ++i) {
    const UserState* state = table.Find(Key(i));
    ASSERT_EQ(state != nullptr, i % 3 != 2) << i;
    if (state != nullptr) {
      EXPECT_EQ(state->detail != nullptr, i % 3 == 0) << i;
    }
  }
}

TEST(UserTableTest, UsersThatFailAreTakenInTheOrderInWhichTheyBegan) {
  UserTable table(1'000);
  for (int i = 0; i < 200; ++i) (void)table.Detail(Key(i), Get(table, i));
  EXPECT_EQ(table.NextFailing(1), std::nullopt) << "of another tenant";
  EXPECT_EQ(table.NextFailing(0), Key(0));
  table.DropDetail(Key(1), *table.Find(Key(1)));
  EXPECT_EQ(table.NextFailing(0), Key(2)) << "who fails no more is left out";
  table.PutBack(Key(0));
  for (int i = 3; i < 200; ++i) ASSERT_EQ(table.NextFailing(0), Key(i));
  EXPECT_EQ(table.NextFailing(0), Key(0));
  EXPECT_EQ(table.NextFailing(0), std::nullopt);
  EXPECT_EQ(table.failing().of(0), 199u);
  EXPECT_TRUE(table.IsFailing(Key(0)));
  EXPECT_FALSE(table.IsFailing(Key(1)));
}

}  // namespace user_table_test
}  // namespace signinwatch
