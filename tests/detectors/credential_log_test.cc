#include "detectors/credential_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace credential_log_test {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsNull;
using testing::NotNull;

constexpr TenantIndex kHomeTenant = 3;

UserKey IdKey(std::string_view id, TenantIndex tenant = kHomeTenant) {
  return UserKey(tenant, MakeId<UserId>(id));
}
UserKey NameKey(std::string_view name) { return UserKey(kHomeTenant, MakeNameId(name)); }

class CredentialLogTest : public testing::Test {
 protected:
  CredentialEvent Event(Duration after, ChangeKind kind, std::string_view record = "",
                        std::string_view actor = "", std::string_view name = "") {
    return {.time = kMorning + after,
            .record_id = pool_.Intern(record),
            .operation = pool_.Intern("Reset password"),
            .actor = pool_.Intern(actor),
            .user_principal_name = pool_.Intern(name),
            .kind = kind};
  }
  std::vector<Change> GroupOf(const UserKey& user) {
    return CredentialLog::Group(*log_.Find(user));
  }

  TextPool pool_;
  CredentialLog log_{&pool_, 5};
  const UserKey user_ = IdKey("user1");
};

TEST_F(CredentialLogTest, ChangeTakesWhatIsAtMostFiveMinutesAfterItsFirst) {
  const struct {
    const char* name;
    std::vector<Duration> times;
    std::vector<size_t> counts;  // of the changes
  } cases[] = {
      {"one", {minutes(0)}, {1}},
      {"exactly 5 min", {minutes(0), minutes(5)}, {2}},
      {"a tick more", {minutes(0), minutes(5) + kTick}, {1, 1}},
      {"counted from the first, not from the last",
       {minutes(0), minutes(4), minutes(8), minutes(12)},
       {2, 2}},
      {"one time", {minutes(0), minutes(0), minutes(0)}, {3}},
  };
  for (const auto& example : cases) {
    SCOPED_TRACE(example.name);
    CredentialLog log(&pool_, 100);
    // The latest first: the order of arrival is nothing.
    for (auto time = example.times.rbegin(); time != example.times.rend(); ++time) {
      log.Add(user_, Event(*time, ChangeKind::kChange));
    }
    std::vector<size_t> counts;
    for (const Change& change : CredentialLog::Group(*log.Find(user_))) {
      counts.push_back(change.count);
      EXPECT_EQ(change.time, (*log.Find(user_))[change.first].time);
    }
    EXPECT_EQ(counts, example.counts);
  }
}

TEST_F(CredentialLogTest, KindIsTheStrongestAndTheActorOfItsEarliestRecord) {
  log_.Add(user_, Event(minutes(0), ChangeKind::kRevoke, "r1", "system"));
  log_.Add(user_, Event(minutes(2), ChangeKind::kAdminReset, "r3", "second admin"));
  log_.Add(user_, Event(minutes(1), ChangeKind::kAdminReset, "r2", "first admin"));
  const std::vector<Change> changes = GroupOf(user_);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].kind, ChangeKind::kAdminReset);
  EXPECT_EQ(changes[0].time, kMorning);
  EXPECT_EQ(pool_.Get(log_.ActorOf(*log_.Find(user_), changes[0])), "first admin");
}

// SPEC 6.1: directory synchronisation stamps the tokens of an account that it disables, too. Then
// nothing was changed, whichever record comes first.
TEST_F(CredentialLogTest, SynchronisedStampIsNoPasswordChangeBesideADisabledAccount) {
  const auto kind_of = [&](const std::vector<CredentialEvent>& events) {
    CredentialLog log(&pool_, 100);
    for (const CredentialEvent& event : events) log.Add(user_, event);
    const Change change = CredentialLog::Group(*log.Find(user_))[0];
    return std::string(ChangeKindName(change.kind)) + " by " +
           std::string(pool_.Get(log.ActorOf(*log.Find(user_), change)));
  };
  CredentialEvent stamp = Event(minutes(1), ChangeKind::kSync, "r2", "sync");
  stamp.sync_stamp = true;
  CredentialEvent disabled = Event(minutes(0), ChangeKind::kRevoke, "r1", "admin");
  disabled.disables = true;
  const CredentialEvent password = Event(minutes(2), ChangeKind::kSync, "r3", "sync 2");
  EXPECT_EQ(kind_of({stamp}), "sync by sync");
  EXPECT_EQ(kind_of({stamp, disabled}), "revoke by admin");
  EXPECT_EQ(kind_of({disabled, stamp}), "revoke by admin");
  disabled.time = kMorning + minutes(6);
  EXPECT_EQ(kind_of({stamp, disabled}), "revoke by sync");
  // A password that was synchronised with it stays one, and is what the change tells of.
  EXPECT_EQ(kind_of({stamp, disabled, password}), "sync by sync 2");
  disabled.time += kTick;
  EXPECT_EQ(kind_of({stamp, disabled}), "sync by sync");
}

TEST_F(CredentialLogTest, OfActorsAtOneTimeTheLeastIdDecides) {
  const struct {
    const char* name;
    const char* record_a;
    const char* actor_a;
    const char* record_b;
    const char* actor_b;
    const char* actor;
  } cases[] = {
      {"the least id", "r2", "alpha", "r1", "beta", "beta"},
      {"none is the least", "r1", "alpha", "", "beta", "beta"},
      {"equal ids: the least actor", "r1", "beta", "r1", "alpha", "alpha"},
  };
  for (const auto& example : cases) {
    SCOPED_TRACE(example.name);
    for (const bool a_first : {true, false}) {
      CredentialLog log(&pool_, 100);
      const CredentialEvent a =
          Event(minutes(0), ChangeKind::kSync, example.record_a, example.actor_a);
      const CredentialEvent b =
          Event(minutes(0), ChangeKind::kSync, example.record_b, example.actor_b);
      log.Add(user_, a_first ? a : b);
      log.Add(user_, a_first ? b : a);
      const CredentialLog::History& history = *log.Find(user_);
      EXPECT_EQ(pool_.Get(log.ActorOf(history, CredentialLog::Group(history)[0])), example.actor);
    }
  }
}

TEST_F(CredentialLogTest, FindsUsersByTheNameTheirEventsBear) {
  log_.Add(user_, Event(minutes(0), ChangeKind::kChange, "", "", "anna@contoso.example"));
  log_.Add(user_, Event(minutes(1), ChangeKind::kChange, "", "", "anna@contoso.example"));
  log_.Add(IdKey("user2"), Event(minutes(2), ChangeKind::kChange, "", "", "anna@contoso.example"));
  log_.Add(NameKey("anna@contoso.example"),
           Event(minutes(3), ChangeKind::kChange, "", "", "anna@contoso.example"));
  ASSERT_THAT(log_.FindByName(NameKey("anna@contoso.example")), NotNull());
  EXPECT_THAT(*log_.FindByName(NameKey("anna@contoso.example")),
              ElementsAre(user_, IdKey("user2")));
  EXPECT_THAT(log_.FindByName(NameKey("bert@contoso.example")), IsNull());
  log_.PruneUser(user_, kEndOfTime);
  EXPECT_THAT(*log_.FindByName(NameKey("anna@contoso.example")), ElementsAre(IdKey("user2")));
  log_.PruneUser(IdKey("user2"), kEndOfTime);
  EXPECT_THAT(log_.FindByName(NameKey("anna@contoso.example")), IsNull());
}

TEST_F(CredentialLogTest, KeepsANameThatALaterEventBears) {
  log_.Add(user_, Event(minutes(0), ChangeKind::kChange, "", "", "anna@contoso.example"));
  log_.Add(user_, Event(hours(1), ChangeKind::kChange, "", "", "anna@contoso.example"));
  log_.PruneUser(user_, kMorning + minutes(1));
  EXPECT_EQ(log_.Find(user_)->size(), 1u);
  EXPECT_THAT(log_.FindByName(NameKey("anna@contoso.example")), NotNull());
}

TEST_F(CredentialLogTest, PrunesWholeChangesOnly) {
  log_.Add(user_, Event(minutes(0), ChangeKind::kAdminReset));
  log_.Add(user_, Event(minutes(4), ChangeKind::kRevoke));
  log_.Add(user_, Event(minutes(20), ChangeKind::kChange));
  log_.PruneUser(user_, kMorning + minutes(4));
  EXPECT_EQ(log_.Find(user_)->size(), 3u) << "the change has a record at the horizon";
  log_.PruneUser(user_, kMorning + minutes(4) + kTick);
  EXPECT_EQ(log_.Find(user_)->size(), 1u);
  EXPECT_TRUE(log_.HasTenant(kHomeTenant));
  log_.PruneUser(user_, kEndOfTime);
  EXPECT_THAT(log_.Find(user_), IsNull());
  EXPECT_FALSE(log_.HasTenant(kHomeTenant));
  EXPECT_EQ(log_.size(), 0u);
  log_.PruneUser(user_, kEndOfTime);  // nothing is there any more
}

TEST_F(CredentialLogTest, ForgetsTheOldestOfAUserWhenFull) {
  for (int i = 0; i < 8; ++i) log_.Add(user_, Event(hours(8 - i), ChangeKind::kChange));
  EXPECT_EQ(log_.evicted(), 3u);
  ASSERT_EQ(log_.Find(user_)->size(), 5u);
  EXPECT_EQ(log_.Find(user_)->front().time, kMorning + hours(4));
  log_.Add(IdKey("user2"), Event(hours(1), ChangeKind::kChange));
  EXPECT_EQ(log_.evicted(), 3u) << "the bound is of one user";
}

TEST_F(CredentialLogTest, EvictsTheEarliestEventOfTheTenantThatHasMost) {
  const UserKey other = IdKey("user2");
  log_.Add(user_, Event(minutes(5), ChangeKind::kChange));
  log_.Add(other, Event(minutes(1), ChangeKind::kChange));
  log_.Add(IdKey("user3", kHomeTenant + 1), Event(minutes(0), ChangeKind::kChange));
  EXPECT_EQ(log_.EvictOldest(), other);
  EXPECT_THAT(log_.Find(other), IsNull());
  EXPECT_EQ(log_.EvictOldest(), user_) << "of equals the tenant that came first";
  EXPECT_EQ(log_.EvictOldest(), IdKey("user3", kHomeTenant + 1));
  EXPECT_EQ(log_.evicted(), 3u);
  EXPECT_EQ(log_.size(), 0u);
}

TEST_F(CredentialLogTest, UsersOfATenantByTimeClosedAtBothEnds) {
  log_.Add(user_, Event(minutes(0), ChangeKind::kChange));
  log_.Add(user_, Event(minutes(10), ChangeKind::kChange));
  log_.Add(IdKey("user2", kHomeTenant + 1), Event(minutes(5), ChangeKind::kChange));
  const auto users = [this](Duration from, Duration to) {
    return log_.UsersIn(kHomeTenant, kMorning + from, kMorning + to);
  };
  EXPECT_THAT(users(minutes(0), minutes(10)), ElementsAre(user_)) << "once";
  EXPECT_THAT(users(minutes(10), minutes(11)), ElementsAre(user_));
  EXPECT_THAT(users(kTick, minutes(10) - kTick), ElementsAre());
}

TEST_F(CredentialLogTest, BadPasswordMarksTheEventsUpToAnHourLater) {
  log_.Add(user_, Event(minutes(0), ChangeKind::kSync));
  log_.Add(user_, Event(minutes(60), ChangeKind::kSync));
  log_.Add(user_, Event(minutes(60) + kTick, ChangeKind::kSync));
  EXPECT_TRUE(log_.NoteBadPassword(user_, kMorning + Duration(0)));
  const CredentialLog::History& history = *log_.Find(user_);
  EXPECT_TRUE(history[0].after_bad_password) << "at the same time: the span is closed";
  EXPECT_TRUE(history[1].after_bad_password);
  EXPECT_FALSE(history[2].after_bad_password);
  EXPECT_FALSE(log_.NoteBadPassword(user_, kMorning)) << "nothing new";
  EXPECT_FALSE(log_.NoteBadPassword(IdKey("user2"), kMorning)) << "nobody";
}

OperationTable::Actor Person(std::string_view name) { return {name, {}, {}}; }
OperationTable::Actor App(std::string_view name) { return {{}, name, {}}; }
OperationTable::Actor Service(std::string_view name) { return {{}, {}, name}; }

// "unknown" for what the table lacks.
const char* KindName(const OperationTable& table, const std::string& operation,
                     const OperationTable::Actor& actor) {
  const std::optional<OperationTable::Meaning> meaning = table.Classify(operation, actor);
  return meaning ? ChangeKindName(meaning->kind) : "unknown";
}

TEST(OperationTableTest, GivesTheKindOfTheContract) {
  const OperationTable table{CorrelationConfig()};
  constexpr std::string_view kSync = "Sync_DC01_0a1b@contoso.example";
  constexpr std::string_view kApp = "ConnectSyncProvisioning_DC01_0a1b";
  constexpr std::string_view kFim = "FIM_Password_Service@support.onmicrosoft.com";
  const struct {
    const char* operation;
    OperationTable::Actor actor;
    ChangeKind kind;
  } cases[] = {
      {"Change password (self-service)", {}, ChangeKind::kChange},
      {"Change user password", {}, ChangeKind::kChange},
      {"Reset password (self-service)", {}, ChangeKind::kSelfReset},
      {"Reset password (by admin)", {}, ChangeKind::kAdminReset},
      {"Reset password", {}, ChangeKind::kAdminReset},
      {"Reset user password", {}, ChangeKind::kAdminReset},
      {"Update PasswordProfile", {}, ChangeKind::kAdminReset},
      {"User Password Reset", {}, ChangeKind::kAdminReset},
      {"Update StsRefreshTokenValidFrom Timestamp", {}, ChangeKind::kRevoke},
      {"Revoke sign in sessions", {}, ChangeKind::kRevoke},
      {"Disable account", {}, ChangeKind::kRevoke},
      {"Set force change user password", {}, ChangeKind::kForceChange},
      {"  reset PASSWORD. . ", {}, ChangeKind::kAdminReset},
      // Directory synchronisation, by any of three names.
      {"Change user password", Person(kSync), ChangeKind::kSync},
      {"Reset user password", App(kApp), ChangeKind::kSync},
      {"Update PasswordProfile", Service(kApp), ChangeKind::kSync},
      {"Update StsRefreshTokenValidFrom Timestamp", Person(kSync), ChangeKind::kSync},
      {"Change user password", Person("ADToAADSyncServiceAccount@contoso.example"),
       ChangeKind::kSync},
      {"Reset user password", Person("sync_x"), ChangeKind::kSync},
      {"Update PasswordProfile", App("CONNECTSYNCPROVISIONING_host"), ChangeKind::kSync},
      // Only those four operations, and only where the name starts so.
      {"Reset password", Person(kSync), ChangeKind::kAdminReset},
      {"Disable account", App(kApp), ChangeKind::kRevoke},
      {"Revoke sign in sessions", Person(kSync), ChangeKind::kRevoke},
      {"Reset user password", Person("Sync"), ChangeKind::kAdminReset},
      {"Reset user password", Person("ADToAADSyncServiceAccount"), ChangeKind::kAdminReset},
      {"Reset user password", Person("A Sync_x"), ChangeKind::kAdminReset},
      {"Reset user password", Person(kApp), ChangeKind::kAdminReset},
      {"Reset user password", App(kSync), ChangeKind::kAdminReset},
      // The self-service reset service.
      {"Reset user password", Person(kFim), ChangeKind::kSelfReset},
      {"Change user password", Person(kFim), ChangeKind::kChange},
  };
  for (const auto& example : cases) {
    SCOPED_TRACE(example.operation);
    EXPECT_STREQ(KindName(table, NormalizeOperation(example.operation), example.actor),
                 ChangeKindName(example.kind));
  }
  for (const char* other : {"Update user", "", "Reset password now"}) {
    EXPECT_FALSE(table.Classify(NormalizeOperation(other), {}).has_value()) << other;
  }
}

// What completes nothing is known, so it is neither a change nor a name to wonder about.
TEST(OperationTableTest, WhatCompletesNothingIsKnownAsSuch) {
  CorrelationConfig config;
  config.operations["change user password"] = ChangeKind::kIgnore;
  const OperationTable table(config);
  for (const char* operation : {"User started password reset", "UNLOCK user account (self-service)",
                                "Change user password"}) {
    EXPECT_STREQ(KindName(table, NormalizeOperation(operation), Person("Sync_1")), "ignore");
  }
}

TEST(OperationTableTest, NamesAndActorsAreConfiguration) {
  CorrelationConfig config;
  config.operations["reset user password v2"] = ChangeKind::kAdminReset;
  config.operations["disable account"] = ChangeKind::kForceChange;
  config.sync_actors = {"Directory_"};
  const OperationTable table(config);
  EXPECT_STREQ(KindName(table, "reset user password v2", {}), "admin_reset");
  EXPECT_STREQ(KindName(table, "disable account", {}), "force_change");
  EXPECT_STREQ(KindName(table, "reset user password", Person("Directory_7")), "sync");
  EXPECT_STREQ(KindName(table, "reset user password", Person("Sync_7")), "admin_reset");
}

}  // namespace credential_log_test
}  // namespace signinwatch
