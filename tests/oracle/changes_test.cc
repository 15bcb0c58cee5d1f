// SPEC 6.1, sentence by sentence.
#include "tests/oracle/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/oracle/test_records.h"

namespace signinwatch::oracle {
namespace changes_test {

using testing::ElementsAre;

std::vector<Change> Changes(const std::vector<PlainRecord>& records) {
  return FindChanges(records, OracleConfig());
}

TEST(Kinds, Table) {
  const struct {
    const char* operation;
    const char* kind;  // empty: no credential event
  } cases[] = {
      {"Change password (self-service)", "change"},
      {"Change user password", "change"},
      {"Reset password (self-service)", "self_reset"},
      {"Reset password (by admin)", "admin_reset"},
      {"Reset password", "admin_reset"},
      {"Reset user password", "admin_reset"},
      {"Update PasswordProfile", "admin_reset"},
      {"User Password Reset", "admin_reset"},
      {"Update StsRefreshTokenValidFrom Timestamp", "revoke"},
      {"Revoke sign in sessions", "revoke"},
      {"Disable account", "revoke"},
      {"Set force change user password", "force_change"},
      {" RESET user PASSWORD . ", "admin_reset"},
      {"Change user password..", "change"},
      {"User started password change", ""},
      {"", ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(KindOf(Audit(kNoon, c.operation), OracleConfig()).value_or(""), c.kind)
        << c.operation;
  }
}

TEST(Kinds, FailureOrNoUserIsNone) {
  PlainRecord failed = Audit(kNoon, "Reset password");
  failed.success = false;
  EXPECT_FALSE(KindOf(failed, OracleConfig()));
  PlainRecord nobody = Audit(kNoon, "Reset password");
  nobody.user_id.clear();
  nobody.user_principal_name.clear();
  EXPECT_FALSE(KindOf(nobody, OracleConfig()));
  EXPECT_FALSE(KindOf(Signin(kNoon, 50132), OracleConfig()));
}

TEST(Kinds, Actors) {
  const auto kind = [](const char* operation, PlainActor actor) {
    PlainRecord r = Audit(kNoon, operation);
    r.actor = std::move(actor);
    return *KindOf(r, OracleConfig());
  };
  const PlainActor sync_user{"Sync_HOST@contoso.test", "", "", "", "", ""};
  const PlainActor sync_app{"", "", "ConnectSyncProvisioning_HOST", "", "", ""};
  const PlainActor sync_principal{"", "", "", "ConnectSyncProvisioning_HOST", "", ""};
  for (const PlainActor& actor : {sync_user, sync_app, sync_principal}) {
    EXPECT_EQ(kind("Change user password", actor), "sync");
    EXPECT_EQ(kind("Reset user password", actor), "sync");
    EXPECT_EQ(kind("Update PasswordProfile", actor), "sync");
    EXPECT_EQ(kind("Reset password", actor), "admin_reset");
    EXPECT_EQ(kind("Update StsRefreshTokenValidFrom Timestamp", actor), "sync");
    EXPECT_EQ(kind("Revoke sign in sessions", actor), "revoke");
  }
  const PlainActor cloud_sync{"adtoaadsyncserviceaccount@contoso.test", "", "", "", "", ""};
  EXPECT_EQ(kind("Change user password", cloud_sync), "sync");
  EXPECT_EQ(kind("Change user password", {"Sync", "", "", "", "", ""}), "change");
  const PlainActor service{"FIM_password_service@support.onmicrosoft.com", "", "", "", "", ""};
  EXPECT_EQ(kind("Reset user password", service), "self_reset");
  EXPECT_EQ(kind("Reset password", service), "admin_reset");
}

TEST(Actions, SynchronisedStampStaysARevocationWhereTheAccountWasDisabled) {
  PlainRecord stamp = Audit(kNoon, "Update StsRefreshTokenValidFrom Timestamp", "a");
  stamp.actor.user_principal_name = "Sync_HOST@contoso.test";
  const PlainRecord disabled = Audit(kNoon + 5 * kMinuteUs, " disable ACCOUNT.", "b");
  PlainRecord too_late = disabled;
  ++too_late.time_us;
  PlainRecord password = stamp;
  password.operation = "Change user password";
  EXPECT_EQ(Changes({stamp})[0].kind, "sync");
  EXPECT_EQ(Changes({stamp, disabled})[0].kind, "revoke");
  EXPECT_EQ(Changes({stamp, disabled})[0].actor, "Sync_HOST@contoso.test");
  EXPECT_EQ(Changes({stamp, too_late})[0].kind, "sync");
  EXPECT_EQ(Changes({stamp, password, disabled})[0].kind, "sync");
}

TEST(Kinds, WhatCompletesNothing) {
  OracleConfig config;
  config.operations["change user password"] = "ignore";
  EXPECT_FALSE(KindOf(Audit(kNoon, "Change user password"), config));
}

TEST(Actions, TakeAllThatAreAtMostFiveMinutesAfterTheFirst) {
  const auto sizes = [](int64_t gap) {
    std::vector<size_t> found;
    for (const Change& c : Changes(
             {Audit(kNoon, "Reset password", "a"), Audit(kNoon + gap, "Reset password", "b")})) {
      found.push_back(c.record_ids.size());
    }
    return found;
  };
  EXPECT_THAT(sizes(0), ElementsAre(2));
  EXPECT_THAT(sizes(5 * kMinuteUs), ElementsAre(2));
  EXPECT_THAT(sizes(5 * kMinuteUs + 1), ElementsAre(1, 1));
}

// A change begins with the first record that is in none, not 5 min after the last.
TEST(Actions, DoNotChain) {
  const auto changes = Changes({Audit(kNoon, "Reset password", "a"),
                                Audit(kNoon + 4 * kMinuteUs, "Reset password", "b"),
                                Audit(kNoon + 8 * kMinuteUs, "Reset password", "c")});
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_THAT(changes[0].record_ids, ElementsAre("a", "b"));
  EXPECT_EQ(changes[1].time_us, kNoon + 8 * kMinuteUs);
}

TEST(Actions, StrongestKindTimeOfTheFirstActorOfTheKind) {
  PlainRecord revoke = Audit(kNoon, "Disable account", "a");
  revoke.actor.user_principal_name = "revoker";
  PlainRecord late = Audit(kNoon + 2 * kMinuteUs, "Reset password", "b");
  late.actor.user_principal_name = "late";
  PlainRecord least = Audit(kNoon + kMinuteUs, "Reset password", "c");
  least.actor.user_principal_name = "least";
  PlainRecord greater = Audit(kNoon + kMinuteUs, "Reset password", "d");
  greater.actor.user_principal_name = "greater";
  const auto changes = Changes({late, greater, least, revoke});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].kind, "admin_reset");
  EXPECT_EQ(changes[0].time_us, kNoon);
  EXPECT_EQ(changes[0].actor, "least");
  EXPECT_THAT(changes[0].record_ids, ElementsAre("a", "c", "d", "b"));
  EXPECT_THAT(changes[0].operations, ElementsAre("Disable account", "Reset password"));
}

TEST(Actions, OrderOfKinds) {
  const std::vector<std::string> strongest_first = {"admin_reset", "self_reset", "change",
                                                    "sync",        "revoke",     "force_change"};
  for (size_t i = 0; i < strongest_first.size(); ++i) {
    EXPECT_EQ(RankOf(strongest_first[i]), static_cast<int>(i));
  }
}

TEST(Actions, NoIdIsTheLeastIdAndIsNotListed) {
  PlainRecord with_id = Audit(kNoon, "Reset password", "a");
  with_id.actor.user_principal_name = "with";
  PlainRecord without = Audit(kNoon, "Reset password", "");
  without.actor.user_principal_name = "without";
  const auto changes = Changes({with_id, without});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].actor, "without");
  EXPECT_THAT(changes[0].record_ids, ElementsAre("a"));
}

TEST(Actions, NameOnlyIsGroupedApart) {
  EXPECT_EQ(
      Changes({Audit(kNoon, "Reset password"), NameOnly(Audit(kNoon, "Reset password"))}).size(),
      2U);
  // Also where the name is spelled as the other's object id.
  PlainRecord twin = NameOnly(Audit(kNoon, "Reset password"));
  twin.user_principal_name = "u1";
  EXPECT_EQ(Changes({Audit(kNoon, "Reset password"), twin}).size(), 2U);
}

TEST(Actions, NamesCompareWithoutCaseAndTenantsApart) {
  PlainRecord upper = NameOnly(Audit(kNoon, "Reset password"));
  upper.user_principal_name = "U1@CONTOSO.test";
  PlainRecord elsewhere = NameOnly(Audit(kNoon, "Reset password"));
  elsewhere.tenant = "t2";
  EXPECT_EQ(Changes({NameOnly(Audit(kNoon, "Reset password")), upper, elsewhere}).size(), 2U);
}

TEST(Actions, ShownActor) {
  const struct {
    PlainActor actor;
    const char* shown;
  } cases[] = {
      {{"upn", "id", "app", "sp", "spid", "appid"}, "upn"},
      {{"", "id", "app", "", "", ""}, "id"},
      {{"", "", "app", "sp", "", ""}, "app"},
      {{"", "", "", "sp", "spid", ""}, "sp"},
      {{"", "", "", "", "spid", "appid"}, "spid"},
      {{"", "", "", "", "", "appid"}, "appid"},
      {{"", "", "", "", "", ""}, ""},
  };
  for (const auto& c : cases) {
    PlainRecord r = Audit(kNoon, "Reset password");
    r.actor = c.actor;
    EXPECT_EQ(Changes({r})[0].actor, c.shown);
  }
}

}  // namespace changes_test
}  // namespace signinwatch::oracle
