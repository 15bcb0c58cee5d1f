#include "detectors/user_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "detectors/row_archive.h"
#include "tests/detectors/moments.h"

namespace signinwatch {
namespace user_state_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;

constexpr SourceKey kSource = CountrySource(0x1000);

class UserStateTest : public testing::Test {
 protected:
  bool Note(EventTime t, EventTime watermark = kMorning) {
    return state_.NoteSources({&kSource, 1}, t, watermark, config_, &spilled_, &evicted_);
  }
  UserState::Pruned Prune(EventTime watermark, bool has_tracks = false) {
    return state_.Prune(watermark, rules_, config_.correlation.familiar_days, has_tracks);
  }

  DetectionConfig config_;
  RuleBook rules_{config_};
  UserState state_;
  std::vector<SpilledDay> spilled_;
  uint64_t evicted_ = 0;
};

TEST_F(UserStateTest, SourcesChangeOnceADay) {
  EXPECT_TRUE(Note(kMorning));
  EXPECT_FALSE(Note(kMorning + minutes(1)));
  EXPECT_TRUE(Note(kMorning + kDay));
}

TEST_F(UserStateTest, HorizonIsTheEarliestFailureOfAnOpenSession) {
  EXPECT_EQ(state_.Horizon(kMorning), kMorning);
  state_.detail = std::make_unique<UserDetail>();
  state_.detail->NoteFailure({.bad_password = true}, kMorning - hours(1));
  EXPECT_EQ(state_.Horizon(kMorning), kMorning) << "no rule watches it";
  state_.detail->NoteFailure({.rules = 1}, kMorning - minutes(5));
  EXPECT_EQ(state_.Horizon(kMorning), kMorning - minutes(5));
  EXPECT_TRUE(state_.detail->AnyPasswordFailureIn(kMorning - hours(1), kMorning));
  EXPECT_FALSE(state_.detail->AnyPasswordFailureIn(kMorning - minutes(59), kMorning));
}

TEST_F(UserStateTest, ReturnsAreKeptFromTheHorizonOn) {
  EXPECT_FALSE(state_.NoteReturn(kMorning - minutes(1), kMorning)) << "nothing can ask for it";
  EXPECT_TRUE(state_.NoteReturn(kMorning + minutes(2), kMorning));
  EXPECT_TRUE(state_.NoteReturn(kMorning + minutes(1), kMorning));
  EXPECT_FALSE(state_.NoteReturn(kMorning + minutes(1), kMorning));
  EXPECT_THAT(state_.returns, ElementsAre(kMorning + minutes(1), kMorning + minutes(2)));
  EXPECT_EQ(state_.ReturnIn(kMorning, kMorning + hours(1)), kMorning + minutes(1));
  EXPECT_EQ(state_.ReturnIn(kMorning + minutes(1), kMorning + hours(1)), kMorning + minutes(1));
  EXPECT_EQ(state_.ReturnIn(kMorning, kMorning + minutes(1)), std::nullopt);
}

TEST_F(UserStateTest, OfManyReturnsThoseStayThatABurstCanAskFor) {
  for (int i = 0; i < 100; ++i) (void)state_.NoteReturn(kMorning + seconds(i), kMorning);
  const EventTime end = kMorning + seconds(30);
  EXPECT_EQ(state_.ThinReturns(kMorning + seconds(99), {{end}}), 0u);
  EXPECT_THAT(state_.returns, ElementsAre(end, kMorning + seconds(98), kMorning + seconds(99)));
}

TEST_F(UserStateTest, MoreReturnsThanTheBoundWithinTheLatenessAreCounted) {
  for (int i = 0; i < 100; ++i) (void)state_.NoteReturn(kMorning + seconds(i), kMorning);
  EXPECT_EQ(state_.ThinReturns(kMorning, {}), 100 - UserState::kReturnsMax);
  EXPECT_EQ(state_.returns.size(), UserState::kReturnsMax);
}

TEST_F(UserStateTest, IsIdleWhenNothingCanAskForAnyOfIt) {
  (void)Note(kMorning);
  state_.detail = std::make_unique<UserDetail>();
  state_.detail->NoteFailure({.rules = 1, .expired = true}, kMorning);
  EXPECT_FALSE(Prune(kMorning + minutes(1)).changed);
  UserState::Pruned pruned = Prune(kMorning + rules_.session_span() + minutes(1));
  EXPECT_TRUE(pruned.changed) << "no session can hold its failures any more";
  EXPECT_FALSE(pruned.detail_is_idle);
  const EventTime later = kMorning + 30 * kDay;
  pruned = Prune(later, true);
  EXPECT_FALSE(pruned.detail_is_idle) << "while there are tracks";
  pruned = Prune(later);
  EXPECT_TRUE(pruned.detail_is_idle);
  EXPECT_TRUE(pruned.is_idle);
}

TEST_F(UserStateTest, IsReadAsItWasWritten) {
  (void)Note(kMorning);
  (void)state_.NoteReturn(kMorning, kMorning);
  state_.detail = std::make_unique<UserDetail>();
  state_.detail->NoteFailure({.rules = 1, .bad_password = true}, kMorning);
  RowWriter writer(nullptr);
  state_.Archive(writer);
  const std::string row = writer.Take();
  RowReader reader(row, nullptr);
  UserState read;
  read.Archive(reader);
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(read.returns, state_.returns);
  ASSERT_NE(read.detail, nullptr);
  EXPECT_EQ(read.detail->failing_since, kMorning);
  EXPECT_EQ(read.detail->bad_passwords.times(), state_.detail->bad_passwords.times());
  EXPECT_TRUE(read.familiar.Familiar(kSource, kMorning + hours(1), 14, nullptr));
}

}  // namespace user_state_test
}  // namespace signinwatch
