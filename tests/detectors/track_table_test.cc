#include "detectors/track_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "detectors/row_archive.h"
#include "tests/detectors/moments.h"

namespace signinwatch {
namespace track_table_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsNull;
using testing::NotNull;
using testing::UnorderedElementsAre;

const UserKey kUser(0, MakeId<UserId>("user1"));
const UserKey kTenant(0, UserId());

class TrackTableTest : public testing::Test {
 protected:
  static DetectionConfig Config() {
    DetectionConfig config;
    config.rules[0].threshold = 3;
    return config;
  }
  TrackTableTest() { journal_.Start(); }

  TrackUpdate Add(Duration after, const TrackRef& ref, EventTime watermark = kMorning) {
    Failure failure;
    failure.time = kMorning + after;
    failure.user = {pool_.Intern("user1"), false};
    Track& track = table_.Get(ref);
    const TrackUpdate update = table_.Add(ref, &track, failure, watermark);
    if (update.session != nullptr) table_.Arm(ref, &track);
    return update;
  }
  // Three failures: a burst.
  void Burst() {
    for (int i = 0; i < 3; ++i) (void)Add(seconds(i), of_user_);
    EXPECT_TRUE(table_.SettleSome(of_user_, table_.Find(of_user_)));
  }

  const DetectionConfig config_ = Config();
  RuleBook rules_{config_};
  TextPool pool_;
  FailureProfiles profiles_;
  ChangeJournal journal_;
  TrackTable table_{&config_, &rules_, &pool_, &journal_};
  const TrackRef of_user_{rules_.RuleOf(GroupBy::kUser, 0), kUser};
  const TrackRef of_tenant_{rules_.RuleOf(GroupBy::kTenant, 0), kTenant};
};

TEST_F(TrackTableTest, CountsWhatIsAdded) {
  EXPECT_THAT(Add({}, of_user_).session, NotNull());
  EXPECT_THAT(Add(seconds(1), of_user_).session, NotNull());
  EXPECT_THAT(Add(hours(1), of_tenant_).session, NotNull());
  EXPECT_EQ(table_.live_events().total(), 3u);
  EXPECT_EQ(table_.open_sessions(), 2u);
  ASSERT_THAT(table_.Of(kUser), NotNull());
  EXPECT_EQ(table_.Of(kUser)->size(), rules_.CountOf(GroupBy::kUser));
  const ChangeJournal::Changes changes = journal_.Take();
  EXPECT_THAT(changes.users, UnorderedElementsAre(kUser));
  EXPECT_THAT(changes.tenants, UnorderedElementsAre(kTenant));
}

TEST_F(TrackTableTest, AKeyOfWhichNothingIsHeldIsTidiedAway) {
  EXPECT_THAT(Add({}, of_user_, kMorning + kDay).session, IsNull()) << "too late";
  EXPECT_THAT(table_.Of(kUser), NotNull());
  table_.Tidy(kUser);
  EXPECT_THAT(table_.Of(kUser), IsNull());
  (void)Add({}, of_user_);
  table_.Tidy(kUser);
  EXPECT_THAT(table_.Of(kUser), NotNull());
}

TEST_F(TrackTableTest, ATimerFiresWhenTheEarliestSessionCloses) {
  (void)Add({}, of_user_);
  Track* track = table_.Find(of_user_);
  const EventTime due = table_.CloseDueOf(of_user_, *track->sessions[0]);
  EXPECT_EQ(table_.next_due(), due);
  (void)Add(seconds(1), of_user_);
  EXPECT_EQ(table_.TakeDue(), of_user_);
  EXPECT_GT(table_.CloseDueOf(of_user_, *track->sessions[0]), due) << "it has grown since";
  table_.Arm(of_user_, track);
  EXPECT_GT(table_.next_due(), due);
  table_.Close(of_user_, track, 0, std::nullopt);
  table_.Tidy(kUser);
  EXPECT_EQ(table_.TakeDue(), std::nullopt) << "all that it was for is gone";
  EXPECT_EQ(table_.next_due(), kEndOfTime);
  EXPECT_EQ(table_.live_events().total(), 0u);
  EXPECT_EQ(table_.open_sessions(), 0u);
}

TEST_F(TrackTableTest, PastBurstsAreKeptByStart) {
  Burst();
  (void)Add(hours(1), of_user_);
  Track* track = table_.Find(of_user_);
  for (const Duration start : {minutes(9), minutes(3)}) {
    PastBurst past;
    past.start = kMorning + start;
    table_.Close(of_user_, track, 0, past);
  }
  ASSERT_EQ(track->past.size(), 2u);
  EXPECT_EQ(track->past[0].start, kMorning + minutes(3));
}

TEST_F(TrackTableTest, SessionsAreForgottenUnlessThereIsABurst) {
  (void)Add({}, of_user_);
  EXPECT_TRUE(table_.DropSessions(kUser));
  EXPECT_THAT(table_.Of(kUser), IsNull());
  EXPECT_EQ(table_.live_events().total(), 0u);
  EXPECT_TRUE(table_.DropSessions(kUser)) << "there is nothing";
  Burst();
  EXPECT_FALSE(table_.DropSessions(kUser));
  EXPECT_EQ(table_.live_events().total(), 3u);
}

TEST_F(TrackTableTest, FoldsABurstsEventsBeforeTheWatermarkHasPassedThemAndCountsThat) {
  Burst();
  (void)Add(seconds(10), of_user_);
  const auto familiar = [](const Failure&, EventTime) { return false; };
  EXPECT_FALSE(table_.FoldEarly(kTenant, kMorning, familiar));
  EXPECT_TRUE(table_.FoldEarly(kUser, kMorning, familiar));
  EXPECT_EQ(table_.evicted(), 3u);
  EXPECT_EQ(table_.live_events().total(), 1u) << "what is not before its last";
  EXPECT_EQ(table_.Find(of_user_)->sessions[0]->count(), 4u);
}

TEST_F(TrackTableTest, IsReadAsItWasWritten) {
  Burst();
  (void)Add(hours(1), of_user_);
  RowWriter writer(&pool_, &profiles_);
  table_.Write(kUser, &writer);
  const std::string row = writer.Take();
  const auto read = [&](const SavedRules& saved, TrackTable* table) {
    RowReader reader(row, &pool_, &profiles_);
    return table->Read(kUser, saved, &reader);
  };
  TrackTable restored(&config_, &rules_, &pool_, &journal_);
  ASSERT_TRUE(read(rules_.all(), &restored));
  restored.AfterLoad();
  EXPECT_EQ(restored.live_events().total(), 4u);
  EXPECT_EQ(restored.open_sessions(), 2u);
  EXPECT_EQ(restored.next_due(),
            restored.CloseDueOf(of_user_, *restored.Find(of_user_)->sessions[0]));
  EXPECT_TRUE(restored.Find(of_user_)->sessions[0]->hot());
  SavedRules more = rules_.all();
  more.rules.push_back(more.rules[of_user_.rule]);
  EXPECT_FALSE(read(more, &restored)) << "laid out by other rules";
}

TEST_F(TrackTableTest, TenantWithoutAnyIsWrittenAndReadToo) {
  RowWriter writer(&pool_, &profiles_);
  table_.Write(kTenant, &writer);
  const std::string row = writer.Take();
  RowReader reader(row, &pool_, &profiles_);
  EXPECT_TRUE(table_.Read(kTenant, rules_.all(), &reader));
  EXPECT_THAT(table_.Of(kTenant), IsNull());
}

TEST_F(TrackTableTest, AdoptsOtherRules) {
  Burst();
  const SavedRules saved = rules_.all();
  std::vector<bool> used(saved.rules.size());
  table_.NoteRules(saved, &used);
  EXPECT_TRUE(used[of_user_.rule]);
  EXPECT_FALSE(used[of_tenant_.rule]);
  BurstRule first;
  first.name = "first";
  DetectionConfig changed = config_;
  changed.rules.insert(changed.rules.begin(), first);
  rules_ = RuleBook(changed);
  RuleBook::Places places;
  ASSERT_TRUE(rules_.AdoptRules(saved, used, &places));
  table_.AdoptRules(saved, places);
  const TrackRef now{places[of_user_.rule], kUser};
  EXPECT_EQ(table_.Of(kUser)->size(), 2u);
  ASSERT_EQ(table_.Find(now)->sessions.size(), 1u);
  EXPECT_TRUE(table_.Find(now)->sessions[0]->hot());
}

}  // namespace track_table_test
}  // namespace signinwatch
