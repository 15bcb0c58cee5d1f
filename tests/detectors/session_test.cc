#include "detectors/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace session_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kSkew = minutes(5);

Failure FailureAt(Duration after, TextId user = 1) {
  Failure failure;
  failure.time = kMorning + after;
  failure.user = {user, false};
  return failure;
}

BurstRule UserRule(uint32_t threshold = 3) {
  BurstRule rule;
  rule.threshold = threshold;
  return rule;
}

BurstRule TenantRule(uint32_t threshold, uint32_t min_users) {
  BurstRule rule = UserRule(threshold);
  rule.group_by = GroupBy::kTenant;
  rule.min_users = min_users;
  return rule;
}

// What of a session the contract speaks of. Times are after kMorning.
struct Seen {
  Duration first;
  Duration last;
  bool hot;
  Duration start;
  uint64_t count;
  friend bool operator==(const Seen&, const Seen&) = default;
};
void PrintTo(const Seen& seen, std::ostream* out) {
  *out << seen.first.count() << ".." << seen.last.count();
  if (seen.hot) *out << " burst of " << seen.count << " from " << seen.start.count();
}
Seen Cold(Duration first, Duration last) { return {first, last, false, {}, 0}; }
Seen Hot(Duration first, Duration last, Duration start, uint64_t count) {
  return {first, last, true, start, count};
}

class TrackFixture {
 public:
  explicit TrackFixture(const BurstRule& rule, EventTime watermark = kBeginningOfTime)
      : rule_(rule), watermark_(watermark) {}

  TrackUpdate Add(const Failure& failure) {
    return AddToTrack(&track_, failure, rule_, kSkew, watermark_, &scratch_);
  }
  void Settle() {
    for (const auto& session : track_.sessions) (void)session->Settle(rule_, &scratch_);
  }
  [[nodiscard]] std::vector<Seen> See() const {
    std::vector<Seen> seen;
    for (const auto& session : track_.sessions) {
      const Duration first = session->first() - kMorning;
      const Duration last = session->last() - kMorning;
      seen.push_back(session->hot()
                         ? Hot(first, last, session->start() - kMorning, session->count())
                         : Cold(first, last));
    }
    return seen;
  }
  void SetWatermark(Duration after) { watermark_ = kMorning + after; }
  Track& track() { return track_; }
  Session& session(size_t i = 0) { return *track_.sessions[i]; }
  WindowUsers* scratch() { return &scratch_; }

 private:
  BurstRule rule_;
  EventTime watermark_;
  Track track_;
  WindowUsers scratch_;
};

struct SessionCase {
  const char* name;
  std::vector<Duration> times;  // threshold 3, window and quiet 10 min
  std::vector<Seen> sessions;
};

const SessionCase kSessionCases[] = {
    {"one failure", {minutes(0)}, {Cold(minutes(0), minutes(0))}},
    {"a gap of exactly quiet parts",
     {minutes(0), minutes(10)},
     {Cold(minutes(0), minutes(0)), Cold(minutes(10), minutes(10))}},
    {"a gap one tick shorter does not",
     {minutes(0), minutes(10) - kTick},
     {Cold(minutes(0), minutes(10) - kTick)}},
    {"the span is open at its start: an event a window before does not count",
     {minutes(0), minutes(5), minutes(10)},
     {Cold(minutes(0), minutes(10))}},
    {"hot at one tick less than a window",
     {minutes(0), minutes(5), minutes(10) - kTick},
     {Hot(minutes(0), minutes(10) - kTick, minutes(0), 3)}},
    {"equal times count each",
     {minutes(3), minutes(3), minutes(3)},
     {Hot(minutes(3), minutes(3), minutes(3), 3)}},
    {"events before the first hot event's span are not in the burst",
     {minutes(0), minutes(9), minutes(15), minutes(16), minutes(24)},
     {Hot(minutes(0), minutes(24), minutes(9), 4)}},
    {"equal times at the first hot event",
     {minutes(0), minutes(9), minutes(10), minutes(10), minutes(11)},
     {Hot(minutes(0), minutes(11), minutes(9), 4)}},
    {"hot in the second session only",
     {minutes(0), minutes(20), minutes(21), minutes(22)},
     {Cold(minutes(0), minutes(0)), Hot(minutes(20), minutes(22), minutes(20), 3)}},
};

TEST(SessionTest, HasTheBurstOfTheContractInWhateverOrderItsFailuresCome) {
  for (const SessionCase& example : kSessionCases) {
    SCOPED_TRACE(example.name);
    std::vector<Duration> order = example.times;
    std::sort(order.begin(), order.end());
    do {
      TrackFixture each(UserRule());
      TrackFixture at_end(UserRule());
      for (const Duration time : order) {
        each.Add(FailureAt(time));
        each.Settle();
        at_end.Add(FailureAt(time));
      }
      at_end.Settle();
      EXPECT_EQ(each.See(), example.sessions);
      EXPECT_EQ(at_end.See(), example.sessions);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(SessionTest, TenantIsHotByEventsAndUsers) {
  constexpr TextId kNoUser = 0;
  const struct {
    const char* name;
    std::vector<TextId> users;  // a minute apart
    uint32_t min_users;
    bool hot;
  } cases[] = {
      {"enough events of too few users", {1, 1, 1, 1}, 2, false},
      {"enough of both", {1, 1, 2}, 2, true},
      {"an event with no user is an event", {1, kNoUser, 2}, 2, true},
      {"and no user", {1, kNoUser, kNoUser}, 2, false},
      {"events alone where one user is enough", {1, 1, 1}, 1, true},
      {"users enough, events too few", {1, 2}, 2, false},
  };
  for (const auto& example : cases) {
    SCOPED_TRACE(example.name);
    TrackFixture track(TenantRule(3, example.min_users));
    for (size_t i = 0; i < example.users.size(); ++i) {
      track.Add(FailureAt(minutes(i), example.users[i]));
    }
    track.Settle();
    EXPECT_EQ(track.session().hot(), example.hot);
  }
}

TEST(SessionTest, UsersThatLeaveTheWindowNoLongerCount) {
  TrackFixture track(TenantRule(3, 3));
  track.Add(FailureAt(minutes(0), 1));
  track.Add(FailureAt(minutes(6), 2));
  track.Add(FailureAt(minutes(10), 3));
  track.Add(FailureAt(minutes(11), 3));
  track.Settle();
  EXPECT_FALSE(track.session().hot());
  track.Add(FailureAt(minutes(12), 1));
  track.Settle();
  EXPECT_EQ(track.See(), (std::vector{Hot(minutes(0), minutes(12), minutes(6), 4)}));
}

TEST(SessionTest, FailureThatBridgesJoinsTwoBursts) {
  TrackFixture track(UserRule());
  for (const int at : {0, 1, 2, 17, 18, 19}) track.Add(FailureAt(minutes(at)));
  track.Settle();
  ASSERT_EQ(track.track().sessions.size(), 2u);
  track.session(0).ticket = 7;
  track.session(1).ticket = 8;
  const TrackUpdate update = track.Add(FailureAt(minutes(10)));
  EXPECT_TRUE(update.joined);
  EXPECT_EQ(update.kept_ticket, 7u);
  EXPECT_EQ(update.joined_ticket, 8u);
  EXPECT_EQ(update.session, &track.session());
  track.Settle();
  EXPECT_EQ(track.See(), (std::vector{Hot(minutes(0), minutes(19), minutes(0), 7)}));
  EXPECT_EQ(track.session().ticket, 7u);
}

TEST(SessionTest, NextSessionBeginsExactlyAtMaxDuration) {
  BurstRule rule = UserRule();
  rule.max_duration = hours(1);
  TrackFixture track(rule);
  for (int at = 0; at <= 120; at += 4) {
    track.Add(FailureAt(minutes(at)));
    track.Settle();
  }
  EXPECT_EQ(track.See(), (std::vector{Hot(minutes(0), minutes(56), minutes(0), 15),
                                      Hot(minutes(60), minutes(116), minutes(60), 15),
                                      Cold(minutes(120), minutes(120))}));
  EXPECT_FALSE(track.session(0).continues);
  EXPECT_TRUE(track.session(1).continues);
  EXPECT_TRUE(track.session(2).continues);
}

TEST(SessionTest, JoinedSessionIsSplitAtMaxDuration) {
  BurstRule rule = UserRule();
  rule.max_duration = hours(1);
  TrackFixture track(rule);
  for (const int at : {0, 4, 8, 12, 24, 33, 42, 51, 60, 64, 68}) track.Add(FailureAt(minutes(at)));
  track.Settle();
  ASSERT_EQ(track.track().sessions.size(), 2u);
  track.Add(FailureAt(minutes(18)));
  track.Settle();
  EXPECT_EQ(track.See(), (std::vector{Hot(minutes(0), minutes(51), minutes(0), 9),
                                      Hot(minutes(60), minutes(68), minutes(60), 3)}));
  EXPECT_TRUE(track.session(1).continues);
}

TEST(SessionTest, TicketGoesWithTheBurstWhereItsSessionIsCut) {
  BurstRule rule = UserRule();
  rule.max_duration = hours(1);
  TrackFixture track(rule);
  for (const int at : {65, 66, 67}) track.Add(FailureAt(minutes(at)));
  track.Settle();
  track.session().ticket = 7;
  for (const int at : {56, 47, 38, 29, 20, 11, 2}) track.Add(FailureAt(minutes(at)));
  track.Settle();
  ASSERT_EQ(track.track().sessions.size(), 2u);
  EXPECT_FALSE(track.session(0).hot());
  EXPECT_EQ(track.session(0).ticket, 0u);
  EXPECT_EQ(track.session(1).start(), kMorning + minutes(65));
  EXPECT_EQ(track.session(1).ticket, 7u);
}

TEST(SessionTest, LateFailureIsTakenJustWhileItsSessionIsOpen) {
  TrackFixture track(UserRule());
  for (const int at : {0, 1, 2}) track.Add(FailureAt(minutes(at)));
  track.SetWatermark(minutes(11));
  EXPECT_NE(track.Add(FailureAt(minutes(3))).session, nullptr) << "its session is open";
  EXPECT_EQ(track.Add(FailureAt(minutes(-30))).session, nullptr)
      << "alone it would have closed long ago";
  track.SetWatermark(minutes(60));
  EXPECT_NE(track.Add(FailureAt(minutes(55))).session, nullptr) << "alone it would still be open";
  EXPECT_EQ(track.Add(FailureAt(minutes(50) - kTick)).session, &track.session(1))
      << "near enough to the one before";
}

TEST(SessionTest, LateFailureNearAClosedBurstIsNotTaken) {
  TrackFixture track(UserRule());
  track.track().past.push_back({.start = kMorning, .end = kMorning + minutes(5), .names = {}});
  track.SetWatermark(minutes(16));
  EXPECT_EQ(track.Add(FailureAt(minutes(15) - kTick)).session, nullptr);
  EXPECT_NE(track.Add(FailureAt(minutes(15))).session, nullptr);
}

TEST(SessionTest, SettlesAtOnceWhileThatIsCheap) {
  using Settling = Session::Settling;
  const BurstRule rule = UserRule(500);
  TrackFixture track(rule);
  track.Add(FailureAt(seconds(0)));
  EXPECT_EQ(track.session().SettlingDue(rule), Settling::kNeedless) << "below the threshold";
  // 300 in a window: never hot.
  for (int i = 1; i < 1000; ++i) track.Add(FailureAt(seconds(2 * i)));
  EXPECT_EQ(track.session().SettlingDue(rule), Settling::kNow) << "as much new as to look at";
  track.Settle();
  EXPECT_TRUE(track.session().settled());
  EXPECT_EQ(track.session().SettlingDue(rule), Settling::kNeedless) << "nothing new";
  track.Add(FailureAt(seconds(2000)));
  EXPECT_EQ(track.session().SettlingDue(rule), Settling::kLater) << "one new, a window to look at";
  for (int i = 0; i < 20; ++i) track.Add(FailureAt(seconds(2000)));
  EXPECT_EQ(track.session().SettlingDue(rule), Settling::kNow);
}

TEST(SessionTest, NeedsNoSettlingBeforeEnoughUsersCame) {
  const BurstRule rule = TenantRule(3, 2);
  TrackFixture track(rule);
  for (int i = 0; i < 5; ++i) track.Add(FailureAt(minutes(i), 1));
  EXPECT_EQ(track.session().SettlingDue(rule), Session::Settling::kNeedless);
  track.Add(FailureAt(minutes(5), 2));
  EXPECT_EQ(track.session().SettlingDue(rule), Session::Settling::kNow);
}

class LetGoTest : public testing::Test {
 protected:
  size_t LetGo(Session& session, Duration until, const BurstRule& rule) {
    return session.LetGo(kMorning + until, rule, pool_, 1000, [](const Failure&) { return false; });
  }
  TextPool pool_;
};

TEST_F(LetGoTest, FoldsABurstAndKeepsItsCounts) {
  const BurstRule rule = UserRule();
  TrackFixture track(rule);
  for (int i = 0; i < 100; ++i) track.Add(FailureAt(minutes(i)));
  track.Settle();
  Session& session = track.session();
  EXPECT_EQ(LetGo(session, minutes(60), rule), 60u);
  EXPECT_TRUE(session.folded());
  EXPECT_EQ(session.held(), 40u);
  EXPECT_EQ(session.count(), 100u);
  EXPECT_EQ(session.first(), kMorning);
  EXPECT_EQ(session.start(), kMorning);
  for (int i = 100; i < 110; ++i) track.Add(FailureAt(minutes(i)));
  track.Settle();
  const BurstSummary& summary =
      session.Summarize(pool_, 1000, GroupBy::kUser, [](const Failure&) { return false; });
  EXPECT_EQ(summary.count(), 110u);
  EXPECT_EQ(session.count(), 110u);
  ASSERT_EQ(summary.users().size(), 1u);
  EXPECT_EQ(summary.users().begin()->second.first, kMorning);
  EXPECT_EQ(summary.users().begin()->second.last, kMorning + minutes(109));
}

// Of a session, as it is kept and as another has it that never was asked before.
class SummaryTest : public testing::Test {
 protected:
  static Ticket Told(const BurstSummary& summary, const TextPool& pool) {
    Ticket ticket;
    const FailureProfiles profiles;
    summary.WriteDeciding(pool, profiles, &ticket);
    summary.WriteRest(pool, profiles, {50132}, &ticket);
    return ticket;
  }
  Ticket Of(Session& session) {
    const auto unfamiliar = [this](const Failure& failure) {
      ++asked_;
      return failure.country == unfamiliar_country_;
    };
    return Told(session.Summarize(pool_, 1000, GroupBy::kUser, unfamiliar), pool_);
  }
  Failure At(Duration after, const char* country) {
    Failure failure = FailureAt(after);
    failure.id = {1, static_cast<uint64_t>(after.count()), 0};
    failure.country = pool_.Intern(country);
    return failure;
  }
  TextPool pool_;
  TextId unfamiliar_country_ = pool_.Intern("FR");
  int asked_ = 0;
  const BurstRule rule_ = UserRule();
};

TEST_F(SummaryTest, IsAddedToAndTheSameAsOneMadeAnew) {
  TrackFixture track(rule_);
  for (const int at : {20, 21, 22}) track.Add(At(minutes(at), "DE"));
  track.Settle();
  EXPECT_EQ(Of(track.session()).event_count, 3u);
  EXPECT_EQ(asked_, 3);
  // In disorder, and after the burst's start.
  for (const int at : {31, 25, 40, 23}) track.Add(At(minutes(at), at == 25 ? "FR" : "DE"));
  track.Settle();
  const Ticket added_to = Of(track.session());
  EXPECT_EQ(asked_, 7) << "of each failure once";
  EXPECT_EQ(added_to.event_count, 7u);
  EXPECT_EQ(added_to.evidence.front().ToText(), FormatGuid(1, 1'500'000'000)) << "the unfamiliar";
  track.session().ForgetSummary();
  EXPECT_EQ(track.session().summary_bytes(), 0u);
  EXPECT_EQ(Of(track.session()), added_to);
  EXPECT_EQ(asked_, 14);
  EXPECT_GE(track.session().summary_bytes(), sizeof(BurstSummary));
}

TEST_F(SummaryTest, IsMadeAnewWhereTheStartMoves) {
  TrackFixture track(rule_);
  for (const int at : {20, 21, 22}) track.Add(At(minutes(at), "DE"));
  track.Settle();
  EXPECT_EQ(Of(track.session()).event_count, 3u);
  track.Add(At(minutes(19), "DE"));
  track.Settle();
  ASSERT_EQ(track.session().start(), kMorning + minutes(19));
  const Ticket ticket = Of(track.session());
  EXPECT_EQ(ticket.event_count, 4u);
  EXPECT_EQ(ticket.countries.shown.front().count, 4u);
  EXPECT_EQ(asked_, 7);
}

TEST_F(SummaryTest, TellsOfBothSessionsThatBecomeOne) {
  TrackFixture track(rule_);
  for (const int at : {0, 1, 2, 20, 21, 22}) track.Add(At(minutes(at), "DE"));
  track.Settle();
  ASSERT_EQ(track.track().sessions.size(), 2u);
  EXPECT_EQ(Of(track.session(0)).event_count, 3u);
  EXPECT_EQ(Of(track.session(1)).event_count, 3u);
  track.Add(At(minutes(11), "DE"));
  ASSERT_EQ(track.track().sessions.size(), 1u);
  track.Settle();
  EXPECT_EQ(Of(track.session()).event_count, 7u);
}

TEST_F(SummaryTest, OutlivesThatItsFailuresAreLetGo) {
  TrackFixture track(rule_);
  for (int i = 0; i < 30; ++i) track.Add(At(minutes(i), "DE"));
  track.Settle();
  const Ticket before = Of(track.session());
  EXPECT_EQ(track.session().LetGo(kMorning + minutes(20), rule_, pool_, 1000,
                                  [](const Failure&) { return false; }),
            20u);
  EXPECT_EQ(Of(track.session()), before);
  EXPECT_EQ(asked_, 40) << "what is folded is asked of no more";
}

TEST_F(LetGoTest, KeepsABurstWhoseStartMayStillMove) {
  const BurstRule rule = UserRule();
  TrackFixture track(rule);
  for (const int at : {0, 8, 16, 17, 18}) track.Add(FailureAt(minutes(at)));
  track.Settle();
  Session& session = track.session();
  ASSERT_EQ(session.start(), kMorning + minutes(8));
  EXPECT_EQ(LetGo(session, minutes(16), rule), 1u) << "what is before the start only";
  EXPECT_FALSE(session.folded());
  EXPECT_EQ(session.count(), 4u);
}

TEST_F(LetGoTest, ForgetsOfAColdSessionWhatIsInNoWindowAnyMore) {
  const BurstRule rule = UserRule(4);
  TrackFixture track(rule);
  for (int at = 0; at < 100; at += 5) track.Add(FailureAt(minutes(at)));
  track.Settle();
  Session& session = track.session();
  ASSERT_FALSE(session.hot());
  EXPECT_EQ(LetGo(session, minutes(50), rule), 8u);
  EXPECT_EQ(session.held(), 12u);
  EXPECT_EQ(session.first(), kMorning) << "the session is as long as before";
  for (const int at : {51, 52}) track.Add(FailureAt(minutes(at)));
  track.Settle();
  EXPECT_EQ(session.start(), kMorning + minutes(45));
}

TEST_F(LetGoTest, IsNotWantedAgainBeforeMuchWasAdded) {
  const BurstRule rule = UserRule();
  TrackFixture track(rule);
  for (int i = 0; i < 100; ++i) track.Add(FailureAt(seconds(i)));
  track.Settle();
  Session& session = track.session();
  EXPECT_TRUE(session.WantsToLetGo(50));
  EXPECT_FALSE(session.WantsToLetGo(100));
  EXPECT_EQ(LetGo(session, seconds(0), rule), 0u);
  EXPECT_FALSE(session.WantsToLetGo(50));
  for (int i = 100; i < 150; ++i) track.Add(FailureAt(seconds(i)));
  EXPECT_TRUE(session.WantsToLetGo(50));
}

TEST(SessionTest, NotesEachSourceOnce) {
  Session session(FailureAt(minutes(0)));
  EXPECT_TRUE(session.NoteSource(1));
  EXPECT_FALSE(session.NoteSource(1));
  EXPECT_TRUE(session.NoteSource(2));
}

TEST(SessionTest, FirstOfSeveralAtOneTimeIsTheOneWithTheLeastId) {
  TextPool pool;
  TrackFixture track(UserRule());
  for (const uint64_t id : {5, 3, 4}) {
    Failure failure = FailureAt(minutes(1));
    failure.id = {0, id, 0};
    track.Add(failure);
  }
  track.Settle();
  ASSERT_NE(track.session().FirstOfBurst(pool), nullptr);
  EXPECT_EQ(track.session().FirstOfBurst(pool)->id.lo, 3u);
}

TEST(CloseDueTest, IsWhenEveryConditionHolds) {
  const struct {
    const char* name;
    GroupBy group_by;
    Duration quiet;
    Duration skew;
    Duration end;  // the start is 0
    Duration due;
  } cases[] = {
      {"quiet is reached", GroupBy::kUser, minutes(10), minutes(5), minutes(20), minutes(30)},
      {"the start's changes are passed, not only reached", GroupBy::kUser, minutes(10), minutes(5),
       minutes(0), minutes(10) + kTick},
      {"the end's changes are passed", GroupBy::kUser, minutes(2), minutes(5), minutes(20),
       minutes(25) + kTick},
      {"a great skew keeps a short burst open", GroupBy::kUser, minutes(10), minutes(30),
       minutes(1), minutes(35) + kTick},
      {"a tenant's skew is counted from the end", GroupBy::kTenant, minutes(10), minutes(30),
       minutes(60), minutes(95) + kTick},
      {"a tenant's quiet", GroupBy::kTenant, minutes(30), minutes(5), minutes(60), minutes(90)},
  };
  for (const auto& example : cases) {
    SCOPED_TRACE(example.name);
    BurstRule rule = UserRule();
    rule.group_by = example.group_by;
    rule.quiet = example.quiet;
    EXPECT_EQ(CloseDue(rule, example.skew, kMorning, kMorning + example.end) - kMorning,
              example.due);
  }
}

}  // namespace session_test
}  // namespace signinwatch
