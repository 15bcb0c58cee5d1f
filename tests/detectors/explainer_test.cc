#include "detectors/explainer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace explainer_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr EventTime kBurst{hours(24 * 365 * 56)};  // the burst's start; a midnight
constexpr Duration kSkew = minutes(5);
constexpr Duration kLookback = 30 * kDay;

TEST(SeverityTest, IsOfTheCauseTheFindingsAndTheScope) {
  constexpr Findings kNone{};
  constexpr Findings kPersistent{.persistent = true};
  constexpr Findings kUnfamiliar{.unfamiliar_source = true};
  const struct {
    Cause cause;
    Findings findings;
    GroupBy scope;
    Severity severity;
  } cases[] = {
      {Cause::kPasswordChanged, kNone, GroupBy::kUser, Severity::kLow},
      {Cause::kPasswordReset, kNone, GroupBy::kUser, Severity::kLow},
      {Cause::kPasswordResetByAdmin, kNone, GroupBy::kUser, Severity::kLow},
      {Cause::kPasswordSynced, kNone, GroupBy::kUser, Severity::kLow},
      {Cause::kSyncDelay, kNone, GroupBy::kUser, Severity::kMedium},
      {Cause::kSessionsRevoked, kNone, GroupBy::kUser, Severity::kMedium},
      {Cause::kPasswordExpired, kNone, GroupBy::kUser, Severity::kMedium},
      {Cause::kIncorrectPassword, kNone, GroupBy::kUser, Severity::kMedium},
      {Cause::kHomeTenant, kNone, GroupBy::kUser, Severity::kMedium},
      {Cause::kHomeTenant, kNone, GroupBy::kTenant, Severity::kHigh},
      {Cause::kUnexplained, kNone, GroupBy::kUser, Severity::kHigh},
      {Cause::kPending, kNone, GroupBy::kUser, Severity::kInfo},
      {Cause::kPending, kPersistent, GroupBy::kUser, Severity::kLow},
      {Cause::kPasswordReset, kPersistent, GroupBy::kUser, Severity::kMedium},
      {Cause::kUnexplained, kPersistent, GroupBy::kUser, Severity::kCritical},
      {Cause::kPasswordReset, kUnfamiliar, GroupBy::kUser, Severity::kCritical},
      {Cause::kUnexplained, {true, true}, GroupBy::kUser, Severity::kCritical},
      {Cause::kPasswordSynced, kNone, GroupBy::kTenant, Severity::kMedium},
      {Cause::kSyncDelay, kNone, GroupBy::kTenant, Severity::kHigh},
      {Cause::kUnexplained, kNone, GroupBy::kTenant, Severity::kCritical},
      {Cause::kUnexplained, kPersistent, GroupBy::kTenant, Severity::kCritical},
      {Cause::kPending, kNone, GroupBy::kTenant, Severity::kLow},
      {Cause::kMixed, kNone, GroupBy::kTenant, Severity::kHigh},
      {Cause::kMixed, kPersistent, GroupBy::kTenant, Severity::kCritical},
  };
  for (const auto& example : cases) {
    EXPECT_STREQ(SeverityName(SeverityOf(example.cause, example.findings, example.scope)),
                 SeverityName(example.severity))
        << CauseName(example.cause) << (example.findings.persistent ? " persistent" : "");
  }
}

class ExplainerTest : public testing::Test {
 protected:
  void AddChange(Duration after, ChangeKind kind, bool after_bad_password = false) {
    AddChange(user_, after, kind, "", after_bad_password);
  }
  void AddChange(const UserKey& user, Duration after, ChangeKind kind, std::string_view name,
                 bool after_bad_password = false) {
    credentials_.Add(user, {.time = kBurst + after,
                            .operation = pool_.Intern("Reset password"),
                            .user_principal_name = pool_.Intern(name),
                            .kind = kind,
                            .after_bad_password = after_bad_password});
  }
  UserDetail& Detail() {
    return users_.Detail(user_, users_.Get(user_, [](const UserKey&) {}));
  }
  [[nodiscard]] Subject User(bool closed = false) const {
    return {user_, {}, kBurst, kBurst + minutes(10), closed};
  }
  void ExpectCause(Cause cause, const Subject& subject, EventTime watermark = kBurst) {
    EXPECT_STREQ(CauseName(explainer_.CauseOf(subject, watermark)), CauseName(cause));
  }

  DetectionConfig config_;
  TextPool pool_;
  CredentialLog credentials_{&pool_, 100};
  UserTable users_{100};
  Explainer explainer_{&config_, &pool_, &credentials_, &users_};
  const UserKey user_{0, MakeId<UserId>("user1")};
};

TEST_F(ExplainerTest, LatestChangeInTheClosedSpanDecides) {
  using Kind = ChangeKind;
  const struct {
    const char* name;
    std::vector<std::pair<Duration, Kind>> changes;
    Cause cause;
  } cases[] = {
      {"none yet", {}, Cause::kPending},
      {"at lookback", {{-kLookback, Kind::kAdminReset}}, Cause::kPasswordResetByAdmin},
      {"before lookback", {{-kLookback - kTick, Kind::kAdminReset}}, Cause::kPending},
      {"at the clock's skew", {{kSkew, Kind::kSelfReset}}, Cause::kPasswordReset},
      {"after it", {{kSkew + kTick, Kind::kSelfReset}}, Cause::kPending},
      {"a request to change explains nothing", {{-hours(1), Kind::kForceChange}}, Cause::kPending},
      {"the latest",
       {{-hours(2), Kind::kAdminReset}, {-hours(1), Kind::kChange}},
       Cause::kPasswordChanged},
      {"a revocation after it decides nothing",
       {{-hours(2), Kind::kSync}, {-hours(1), Kind::kRevoke}},
       Cause::kPasswordSynced},
      {"a revocation alone", {{-hours(1), Kind::kRevoke}}, Cause::kSessionsRevoked},
      {"one change, its kind is the strongest, also if that is later than the skew",
       {{kSkew, Kind::kRevoke}, {kSkew + minutes(5), Kind::kAdminReset}},
       Cause::kPasswordResetByAdmin},
  };
  for (const auto& example : cases) {
    SCOPED_TRACE(example.name);
    for (const auto& [after, kind] : example.changes) AddChange(after, kind);
    ExpectCause(example.cause, User());
    credentials_.PruneUser(user_, kEndOfTime);
  }
}

TEST_F(ExplainerTest, SyncIsDelayedAfterABadPassword) {
  AddChange(-hours(1), ChangeKind::kSync, true);
  ExpectCause(Cause::kSyncDelay, User());
  AddChange(-minutes(30), ChangeKind::kSync, false);
  ExpectCause(Cause::kPasswordSynced, User());
}

TEST_F(ExplainerTest, ChangesAreFoundByNameWhereEitherSideHasNoId) {
  const UserKey by_name(0, MakeNameId("anna@contoso.example"));
  const TextId written = pool_.Intern("Anna@Contoso.example");
  AddChange(by_name, -hours(1), ChangeKind::kSelfReset, "anna@contoso.example");
  Subject subject = User();
  ExpectCause(Cause::kPending, subject);
  subject.names = {&written, 1};
  ExpectCause(Cause::kPasswordReset, subject);

  AddChange(user_, -minutes(20), ChangeKind::kAdminReset, "anna@contoso.example");
  AddChange(user_, -minutes(10), ChangeKind::kChange, "other@contoso.example");
  subject.user = by_name;
  ExpectCause(Cause::kPasswordResetByAdmin, subject);
}

TEST_F(ExplainerTest, FailuresExplainWhereNoChangeDoes) {
  const struct {
    const char* name;
    std::vector<Duration> expired;
    std::vector<Duration> bad;
    Cause cause;
  } cases[] = {
      {"expired a day before", {-kDay}, {}, Cause::kPasswordExpired},
      {"before that", {-kDay - kTick}, {}, Cause::kPending},
      {"expired at the end", {minutes(10)}, {}, Cause::kPasswordExpired},
      {"after it", {minutes(10) + kTick}, {}, Cause::kPending},
      {"five bad passwords in the closed hour and the burst",
       {},
       {-hours(1), -minutes(1), minutes(0), minutes(1), minutes(10)},
       Cause::kIncorrectPassword},
      {"four", {}, {-hours(1), minutes(0), minutes(1), minutes(10)}, Cause::kPending},
      {"one of five too early",
       {},
       {-hours(1) - kTick, -minutes(1), minutes(0), minutes(1), minutes(10)},
       Cause::kPending},
      {"expired goes before incorrect",
       {minutes(0)},
       {minutes(0), minutes(1), minutes(2), minutes(3), minutes(4)},
       Cause::kPasswordExpired},
  };
  for (const auto& example : cases) {
    SCOPED_TRACE(example.name);
    UserDetail& detail = Detail();
    detail.expired.Restore({});
    detail.bad_passwords.Restore({});
    for (const Duration at : example.expired) (void)detail.expired.Add(kBurst + at, hours(1), 1);
    for (const Duration at : example.bad) {
      (void)detail.bad_passwords.Add(kBurst + at, minutes(30), 5);
    }
    ExpectCause(example.cause, User());
  }
  AddChange(-hours(1), ChangeKind::kRevoke);
  ExpectCause(Cause::kSessionsRevoked, User());
}

TEST_F(ExplainerTest, UnexplainedAfterTheGraceOrWhenClosed) {
  ExpectCause(Cause::kPending, User(), kBurst + minutes(60));
  ExpectCause(Cause::kUnexplained, User(), kBurst + minutes(60) + kTick);
  ExpectCause(Cause::kUnexplained, User(true), kBurst);
}

TEST_F(ExplainerTest, ListsChangesUpToTheEndWithThoseDuringIt) {
  for (const Duration after : {-kLookback - minutes(6), -kLookback, -seconds(90) - kTick, kSkew,
                               kSkew + minutes(5) + kTick, minutes(10) + kTick}) {
    AddChange(after, ChangeKind::kForceChange);
  }
  const std::vector<TicketChange> changes = explainer_.ChangesOf(User());
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].age_seconds, kLookback / seconds(1));
  EXPECT_EQ(changes[1].age_seconds, 90);
  EXPECT_FALSE(changes[1].during);
  EXPECT_EQ(changes[2].time, kBurst + kSkew);
}

TEST_F(ExplainerTest, ChangeAfterTheSkewIsDuringTheBurst) {
  AddChange(kSkew, ChangeKind::kRevoke);
  Subject subject = User();
  EXPECT_FALSE(explainer_.ChangesOf(subject).at(0).during);
  EXPECT_EQ(explainer_.ChangesOf(subject).at(0).age_seconds, -300);
  subject.start -= kTick;
  EXPECT_TRUE(explainer_.ChangesOf(subject).at(0).during);
  subject.end = subject.start;
  EXPECT_TRUE(explainer_.ChangesOf(subject).empty()) << "a short burst lists up to the skew";
}

TEST_F(ExplainerTest, UnfamiliarNeedsAllThreeAndAFamiliarAddress) {
  const auto failure = [this](std::string_view address, std::string_view country,
                              std::string_view device) {
    Failure made;
    const IpAddress parsed = ParseIpAddress(address);
    made.has_address = parsed.present;
    made.address_hi = parsed.hi;
    made.address_lo = parsed.lo;
    made.country = pool_.Intern(country);
    made.device = pool_.Intern(device);
    return made;
  };
  const auto unfamiliar = [&](const Failure& made) {
    return explainer_.Unfamiliar(users_.Find(user_), made, kBurst);
  };
  const Failure foreign = failure("203.0.113.9", "US", "stolen");
  EXPECT_FALSE(unfamiliar(foreign)) << "nothing is known of the user";
  UserState& state = users_.Get(user_, [](const UserKey&) {});
  uint64_t evicted = 0;
  const auto know = [&](SourceKey source) {
    (void)state.familiar.Note(source, kBurst - kDay, kBurst, 14, 96, nullptr, &evicted);
  };
  know(CountrySource(HashText64("DE")));
  know(DeviceSource(HashText64("laptop")));
  EXPECT_FALSE(unfamiliar(foreign)) << "no address is familiar";
  know(AddressSource(ParseIpAddress("192.0.2.1")));
  EXPECT_TRUE(unfamiliar(foreign));
  EXPECT_TRUE(unfamiliar(failure("203.0.113.9", "US", ""))) << "no device is no familiar device";
  EXPECT_FALSE(unfamiliar(failure("", "US", "stolen")));
  EXPECT_FALSE(unfamiliar(failure("203.0.113.9", "", "stolen")));
  EXPECT_FALSE(unfamiliar(failure("192.0.2.200", "US", "stolen"))) << "the same /24";
  EXPECT_FALSE(unfamiliar(failure("203.0.113.9", "DE", "stolen")));
  EXPECT_FALSE(unfamiliar(failure("203.0.113.9", "US", "laptop")));
  config_.correlation.unfamiliar_country = false;
  EXPECT_TRUE(unfamiliar(failure("203.0.113.9", "DE", "stolen"))) << "by configuration";
}

}  // namespace explainer_test
}  // namespace signinwatch
