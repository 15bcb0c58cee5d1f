#include "detectors/familiarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "parser/ids.h"
#include "tests/detectors/moments.h"

namespace signinwatch {
namespace familiarity_test {

using std::chrono::hours;
using std::chrono::minutes;

// A midnight of UTC.
constexpr EventTime kMidnight{hours(24 * 365 * 56)};
constexpr int kDays = 14;
constexpr SourceKey kSource = 77;

// A user, and the earliest time that questions are asked about.
class Visitor {
 public:
  void Note(EventTime t, SourceKey source = kSource, size_t sources_max = 96) {
    (void)sources_.Note(source, t, horizon, kDays, sources_max, &spilled, &evicted);
  }
  [[nodiscard]] bool Familiar(EventTime s, SourceKey source = kSource) const {
    return sources_.Familiar(source, s, kDays, &spilled);
  }
  FamiliarSources& sources() { return sources_; }

  EventTime horizon = kMidnight - 100 * kDay;
  std::vector<SpilledDay> spilled;
  uint64_t evicted = 0;

 private:
  FamiliarSources sources_;
};

TEST(FamiliarityTest, CountsDaysAndOnTheDayItselfTheTimeBefore) {
  const struct {
    const char* name;
    Duration success;  // after kMidnight
    Duration asked;
    bool familiar;
  } cases[] = {
      {"the last tick of the day before", -kTick, Duration(0), true},
      {"on the day, one tick before", minutes(5), minutes(5) + kTick, true},
      {"on the day, at the same time", minutes(5), minutes(5), false},
      {"on the day, later", minutes(5), minutes(4), false},
      {"at midnight itself, asked at midnight", Duration(0), Duration(0), false},
      {"at midnight itself, asked a tick later", Duration(0), kTick, true},
      {"14 days before, at its midnight", -14 * kDay, kDay - kTick, true},
      {"one tick earlier", -14 * kDay - kTick, Duration(0), false},
      {"on a later day", kDay, hours(23), false},
  };
  for (const auto& example : cases) {
    SCOPED_TRACE(example.name);
    Visitor visitor;
    visitor.Note(kMidnight + example.success);
    EXPECT_EQ(visitor.Familiar(kMidnight + example.asked), example.familiar);
    EXPECT_FALSE(visitor.Familiar(kMidnight + example.asked, kSource + 1));
  }
}

TEST(FamiliarityTest, FirstSuccessOfADayCountsInWhateverOrderTheyCome) {
  Visitor visitor;
  for (const int hour : {12, 9, 15}) visitor.Note(kMidnight + hours(hour));
  EXPECT_FALSE(visitor.Familiar(kMidnight + hours(9)));
  EXPECT_TRUE(visitor.Familiar(kMidnight + hours(9) + kTick));
  // The same of the day before, told later.
  for (const int hour : {12, 9, 15}) visitor.Note(kMidnight - kDay + hours(hour));
  EXPECT_FALSE(visitor.Familiar(kMidnight - kDay + hours(9)));
  EXPECT_TRUE(visitor.Familiar(kMidnight - kDay + hours(10)));
  EXPECT_TRUE(visitor.spilled.empty()) << "two days have room";
}

TEST(FamiliarityTest, DaysThatLeaveTheBitmapAreKeptWhileAskedAbout) {
  Visitor open;  // of which a burst has been open for long
  open.horizon = kMidnight;
  open.Note(kMidnight + hours(1));
  open.Note(kMidnight + 40 * kDay);
  EXPECT_TRUE(open.Familiar(kMidnight + hours(2)));
  EXPECT_FALSE(open.Familiar(kMidnight + hours(1)));
  EXPECT_TRUE(open.Familiar(kMidnight + 14 * kDay));
  EXPECT_FALSE(open.Familiar(kMidnight + 15 * kDay));
  EXPECT_FALSE(open.Familiar(kMidnight + 40 * kDay));
  EXPECT_TRUE(open.Familiar(kMidnight + 54 * kDay));

  Visitor closed;
  closed.horizon = kMidnight;
  closed.Note(kMidnight);
  closed.horizon = kMidnight + 40 * kDay;
  closed.Note(kMidnight + 40 * kDay);
  EXPECT_TRUE(closed.spilled.empty()) << "no question can find it";
}

TEST(FamiliarityTest, AgreesWithAListOfAllSuccesses) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    const auto below = [&random](int64_t n) {
      return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
    };
    Visitor visitor;
    visitor.horizon = kMidnight;
    std::vector<EventTime> all;
    const int64_t reach = 1 + below(50);  // days after the horizon
    for (int i = 0; i < 120; ++i) {
      if (below(8) == 0) visitor.horizon += hours(below(48));
      // Half-hours, so that times meet often; some are late.
      const EventTime t = std::chrono::floor<hours>(visitor.horizon) +
                          minutes(30 * (below(48 * reach) - below(2) * 48 * 20));
      all.push_back(t);
      visitor.Note(t);
      const EventTime s = visitor.horizon + minutes(30 * below(48 * 30));
      const bool expected = std::any_of(all.begin(), all.end(), [s](EventTime seen) {
        return DayOf(seen) == DayOf(s) ? seen < s
                                       : DayOf(seen) < DayOf(s) && DayOf(seen) >= DayOf(s) - kDays;
      });
      ASSERT_EQ(visitor.Familiar(s), expected) << "at step " << i;
    }
  }
}

TEST(FamiliarityTest, ForgetsTheSourceSeenLongestAgoWhenFull) {
  Visitor visitor;
  visitor.Note(kMidnight + kDay, 1, 2);
  visitor.Note(kMidnight, 2, 2);
  visitor.Note(kMidnight + 2 * kDay, 3, 2);
  EXPECT_EQ(visitor.evicted, 1u);
  EXPECT_EQ(visitor.sources().size(), 2u);
  EXPECT_TRUE(visitor.Familiar(kMidnight + 3 * kDay, 1));
  EXPECT_FALSE(visitor.Familiar(kMidnight + 3 * kDay, 2));
  EXPECT_TRUE(visitor.Familiar(kMidnight + 3 * kDay, 3));
  visitor.Note(kMidnight + 3 * kDay, 3, 2);
  EXPECT_EQ(visitor.evicted, 1u) << "a known source needs no room";
}

TEST(FamiliarityTest, PrunesWhatNoQuestionCanFind) {
  Visitor visitor;
  visitor.Note(kMidnight);
  EXPECT_EQ(visitor.sources().LatestDay(), DayOf(kMidnight));
  EXPECT_FALSE(visitor.sources().Prune(kMidnight + 15 * kDay - kTick, kDays));
  EXPECT_TRUE(visitor.sources().Prune(kMidnight + 15 * kDay, kDays));
  EXPECT_TRUE(visitor.sources().empty());
  EXPECT_EQ(visitor.sources().LatestDay(), 0);
}

TEST(FamiliarityTest, KindsNeverMeet) {
  EXPECT_NE(CountrySource(0x1230), DeviceSource(0x1230));
  EXPECT_EQ(CountrySource(0), 0u);
  EXPECT_EQ(DeviceSource(0), 0u);
  const SourceKey address = AddressSource(ParseIpAddress("192.0.2.1"));
  EXPECT_TRUE(IsAddressSource(address));
  EXPECT_TRUE(IsAddressSource(AddressSource(ParseIpAddress("2001:db8::1"))));
  EXPECT_FALSE(IsAddressSource(CountrySource(~uint64_t{0})));
  EXPECT_FALSE(IsAddressSource(DeviceSource(~uint64_t{0})));
  Visitor visitor;
  visitor.Note(kMidnight, CountrySource(99));
  EXPECT_FALSE(visitor.sources().AnyAddress(kMidnight + kDay, kDays, nullptr));
  visitor.Note(kMidnight, address);
  EXPECT_TRUE(visitor.sources().AnyAddress(kMidnight + kDay, kDays, nullptr));
  visitor.Note(kMidnight, 0);
  EXPECT_EQ(visitor.sources().size(), 2u) << "an absent source is not noted";
}

TEST(FamiliarityTest, AMethodOfMfaIsAskedForByItsLatestDay) {
  const SourceKey method = MfaSource(HashText64("FIDO2 key"));
  EXPECT_TRUE(IsMfaSource(method));
  for (const SourceKey other :
       {CountrySource(~uint64_t{0}), DeviceSource(~uint64_t{0}),
        AddressSource(ParseIpAddress("192.0.2.1")), AddressSource(ParseIpAddress("2001:db8::1"))}) {
    EXPECT_FALSE(IsMfaSource(other));
  }
  Visitor visitor;
  const int64_t today = DayOf(kMidnight);
  const auto days = [&](EventTime s) {
    return visitor.sources().MfaDays(s, kDays, &visitor.spilled);
  };
  visitor.Note(kMidnight, method);
  visitor.Note(kMidnight);  // another source is no method
  EXPECT_TRUE(days(kMidnight + hours(23)).empty()) << "the day of s does not count";
  visitor.Note(kMidnight - 3 * kDay, method);
  visitor.Note(kMidnight - kDay * kDays, method);
  EXPECT_EQ(days(kMidnight + hours(23)), (std::vector{std::pair(method, today - 3)}));
  EXPECT_EQ(days(kMidnight - 3 * kDay), (std::vector{std::pair(method, today - kDays)}));
  EXPECT_EQ(days(kMidnight + kDay), (std::vector{std::pair(method, today)}));
  EXPECT_EQ(days(kMidnight + kDay * kDays), (std::vector{std::pair(method, today)}));
  EXPECT_TRUE(days(kMidnight + kDay * (kDays + 1)).empty());
  // Days that have no room in the bitmap are found still.
  visitor.Note(kMidnight + 40 * kDay, method);
  EXPECT_EQ(days(kMidnight + kDay), (std::vector{std::pair(method, today)}));
}

}  // namespace familiarity_test
}  // namespace signinwatch
