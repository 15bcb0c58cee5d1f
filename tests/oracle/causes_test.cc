// SPEC 6.2 to 6.4, sentence by sentence. The burst of these tables starts at noon (s) and ends at
// 12:02 (e), by SmallConfig.
#include "tests/oracle/causes.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/oracle/oracle.h"
#include "tests/oracle/test_records.h"

namespace signinwatch::oracle {
namespace causes_test {

using Json = nlohmann::json;

constexpr int64_t kEnd = kNoon + 2 * kMinuteUs;
constexpr int64_t kSkew = 5 * kMinuteUs;

Json TicketWith(const std::vector<PlainRecord>& others,
                const OracleConfig& config = SmallConfig()) {
  const auto tickets = OracleTickets(Join(SmallBurst(kNoon), others), config);
  return tickets.size() == 1 ? tickets[0] : Json();
}
std::string CauseWith(const std::vector<PlainRecord>& others) {
  return TicketWith(others)["cause"];
}

PlainRecord BySync(PlainRecord r) {
  r.actor.user_principal_name = "Sync_HOST@contoso.test";
  return r;
}

TEST(Cause, KindsAndSeverities) {
  const struct {
    std::vector<PlainRecord> others;
    const char* cause;
    const char* severity;
  } cases[] = {
      {{Audit(kNoon, "Change user password")}, "password_changed", "low"},
      {{Audit(kNoon, "Reset password (self-service)")}, "password_reset", "low"},
      {{Audit(kNoon, "Reset password (by admin)")}, "password_reset_by_admin", "low"},
      {{BySync(Audit(kNoon, "Change user password"))}, "password_synced", "low"},
      {{BySync(Audit(kNoon, "Change user password")), Signin(kNoon - kMinuteUs, 50126)},
       "sync_delay",
       "medium"},
      {{Audit(kNoon, "Revoke sign in sessions")}, "sessions_revoked", "medium"},
      {{Signin(kNoon, 50055)}, "password_expired", "medium"},
      {{Signin(kNoon, 50144)}, "password_expired", "medium"},
      {std::vector<PlainRecord>(5, Signin(kNoon, 50126)), "incorrect_password", "medium"},
      {std::vector<PlainRecord>(4, Signin(kNoon, 50126)), "unexplained", "high"},
      {{Audit(kNoon, "Set force change user password")}, "unexplained", "high"},
      {{}, "unexplained", "high"},
  };
  for (const auto& c : cases) {
    const Json ticket = TicketWith(c.others);
    EXPECT_EQ(ticket["cause"], c.cause);
    EXPECT_EQ(ticket["severity"], c.severity) << c.cause;
  }
}

TEST(Cause, ChangesExplainInAClosedSpan) {
  const OracleConfig config = SmallConfig();
  const auto cause = [](int64_t t) { return CauseWith({Audit(t, "Reset password")}); };
  EXPECT_EQ(cause(kNoon - config.lookback), "password_reset_by_admin");
  EXPECT_EQ(cause(kNoon - config.lookback - 1), "unexplained");
  // Also where e is earlier than s + max_clock_skew.
  EXPECT_EQ(cause(kNoon + kSkew), "password_reset_by_admin");
  EXPECT_EQ(cause(kNoon + kSkew + 1), "unexplained");
}

TEST(Cause, LatestThatIsNoRevokeDecides) {
  const PlainRecord reset = Audit(kNoon - 3 * kHourUs, "Reset password");
  const PlainRecord change = Audit(kNoon - 2 * kHourUs, "Change user password");
  const PlainRecord revoke = Audit(kNoon - kHourUs, "Disable account");
  EXPECT_EQ(CauseWith({reset, change, revoke}), "password_changed");
  EXPECT_EQ(CauseWith({reset, revoke}), "password_reset_by_admin");
  EXPECT_EQ(CauseWith({revoke}), "sessions_revoked");
}

TEST(Cause, OfSeveralAtOneTimeTheStrongest) {
  PlainRecord by_name = NameOnly(Audit(kNoon, "Reset password"));
  EXPECT_EQ(CauseWith({Audit(kNoon, "Change user password"), by_name}), "password_reset_by_admin");
}

TEST(Cause, SameTenantAndUser) {
  PlainRecord elsewhere = Audit(kNoon, "Reset password");
  elsewhere.tenant = "t2";
  EXPECT_EQ(CauseWith({elsewhere}), "unexplained");
  EXPECT_EQ(CauseWith({Audit(kNoon, "Reset password", "", "u2")}), "unexplained");
  // Both sides have an id: the name decides nothing.
  PlainRecord other_id = Audit(kNoon, "Reset password");
  other_id.user_id = "u2";
  EXPECT_EQ(CauseWith({other_id}), "unexplained");
  // The change has none: any name of the burst's records, without case.
  PlainRecord by_name = NameOnly(Audit(kNoon, "Reset password"));
  by_name.user_principal_name = "U1@contoso.TEST";
  EXPECT_EQ(CauseWith({by_name}), "password_reset_by_admin");
  by_name.user_principal_name = "new-name@contoso.test";
  EXPECT_EQ(CauseWith({by_name}), "unexplained");
  PlainRecord renamed = Signin(kNoon, 50132);
  renamed.user_principal_name = "new-name@contoso.test";
  EXPECT_EQ(CauseWith({by_name, renamed}), "password_reset_by_admin");
}

TEST(Cause, BurstKnownByNameMatchesAChangeWithAnId) {
  std::vector<PlainRecord> records = SmallBurst(kNoon);
  for (PlainRecord& r : records) r = NameOnly(r);
  records.push_back(Audit(kNoon, "Reset password"));
  const auto tickets = OracleTickets(records, SmallConfig());
  ASSERT_EQ(tickets.size(), 1U);
  EXPECT_EQ(tickets[0]["cause"], "password_reset_by_admin");
  EXPECT_TRUE(tickets[0]["user_id"].is_null());
}

TEST(Cause, SyncDelayNeedsA50126InTheHourBefore) {
  const int64_t t = kNoon - 10 * kDayUs;
  const PlainRecord sync = BySync(Audit(t, "Change user password"));
  const auto cause = [&](int64_t at) { return CauseWith({sync, Signin(at, 50126)}); };
  EXPECT_EQ(cause(t), "sync_delay");
  EXPECT_EQ(cause(t + 1), "password_synced");
  EXPECT_EQ(cause(t - kHourUs), "sync_delay");
  EXPECT_EQ(cause(t - kHourUs - 1), "password_synced");
  // A change known by name only: no.
  EXPECT_EQ(CauseWith({NameOnly(sync), Signin(t, 50126)}), "password_synced");
  // The object id of the change, also for a burst known by name.
  std::vector<PlainRecord> records = SmallBurst(kNoon);
  for (PlainRecord& r : records) r = NameOnly(r);
  EXPECT_EQ(OracleTickets(Join(records, {sync, Signin(t, 50126)}), SmallConfig())[0]["cause"],
            "sync_delay");
}

TEST(Cause, ExpiryInTheDayBeforeUpToTheEnd) {
  const auto cause = [](int64_t t) { return CauseWith({Signin(t, 50055)}); };
  EXPECT_EQ(cause(kNoon - kDayUs), "password_expired");
  EXPECT_EQ(cause(kNoon - kDayUs - 1), "unexplained");
  EXPECT_EQ(cause(kEnd), "password_expired");
  EXPECT_EQ(cause(kEnd + 1), "unexplained");
}

TEST(Cause, WrongPasswordsInTheHourBeforeUpToTheEnd) {
  const auto cause = [](int64_t t) {
    return CauseWith({Signin(t, 50126), Signin(kNoon, 50126), Signin(kNoon, 50126),
                      Signin(kNoon, 50126), Signin(kNoon, 50126)});
  };
  EXPECT_EQ(cause(kNoon - kHourUs), "incorrect_password");
  EXPECT_EQ(cause(kNoon - kHourUs - 1), "unexplained");
  EXPECT_EQ(cause(kEnd), "incorrect_password");
  EXPECT_EQ(cause(kEnd + 1), "unexplained");
}

// "All other look-ups here go by the key of 3.2."
TEST(Cause, FailuresGoByTheKey) {
  EXPECT_EQ(CauseWith({NameOnly(Signin(kNoon, 50055))}), "unexplained");
  EXPECT_EQ(CauseWith({Signin(kNoon, 50055, "", "u2")}), "unexplained");
}

PlainRecord AsGuest(PlainRecord r, std::string type, std::string home) {
  r.user_type = std::move(type);
  r.home_tenant = std::move(home);
  return r;
}

std::string CauseOfGuests(const std::vector<PlainRecord>& burst,
                          const std::vector<PlainRecord>& others = {}) {
  const auto tickets = OracleTickets(Join(burst, others), SmallConfig());
  return tickets.size() == 1 ? tickets[0]["cause"] : Json();
}

TEST(Cause, GuestsOfOtherTenantsAreExplainedThere) {
  const struct {
    const char* type;
    const char* name;
    const char* home;
    const char* cause;
  } cases[] = {
      {"Guest", "u1@contoso.test", "t2", "home_tenant"},
      {"gUEST", "u1@contoso.test", "", "home_tenant"},
      {"Guest", "u1@contoso.test", "t1", "unexplained"},
      {"", "u_fabrikam.test#EXT#@contoso.test", "t2", "home_tenant"},
      {"Member", "u_fabrikam.test#ext#@contoso.test", "", "home_tenant"},
      {"Member", "u_fabrikam.test#EXT#@contoso.test", "T1", "unexplained"},
      {"Member", "u1@contoso.test", "t2", "unexplained"},
      {"", "EXT@contoso.test", "t2", "unexplained"},
  };
  for (const auto& c : cases) {
    std::vector<PlainRecord> burst = SmallBurst(kNoon);
    // The first event decides, whatever the others say.
    burst[0] = AsGuest(burst[0], c.type, c.home);
    burst[0].user_principal_name = c.name;
    EXPECT_EQ(CauseOfGuests(burst), c.cause) << c.type << " " << c.name << " " << c.home;
    std::swap(burst[0].time_us, burst[1].time_us);
    EXPECT_EQ(CauseOfGuests(burst), "unexplained");
  }
}

TEST(Cause, OfFirstEventsAtOneTimeTheLeastIdSaysWhetherAGuest) {
  std::vector<PlainRecord> burst = SmallBurst(kNoon);
  burst[1].time_us = kNoon;
  burst[0] = AsGuest(burst[0], "Guest", "");
  const auto cause = [&](const char* id_of_guest, const char* id_of_other) {
    burst[0].id = id_of_guest;
    burst[1].id = id_of_other;
    return CauseOfGuests(burst);
  };
  EXPECT_EQ(cause("a", "b"), "home_tenant");
  EXPECT_EQ(cause("", "b"), "home_tenant");
  EXPECT_EQ(cause("b", "a"), "unexplained");
  EXPECT_EQ(cause("", ""), "unexplained");
}

TEST(Cause, WhatIsSeenHereGoesBeforeTheHomeTenant) {
  std::vector<PlainRecord> burst = SmallBurst(kNoon);
  for (PlainRecord& r : burst) r = AsGuest(r, "Guest", "t2");
  EXPECT_EQ(CauseOfGuests(burst), "home_tenant");
  EXPECT_EQ(CauseOfGuests(burst, {Audit(kNoon, "Disable account")}), "sessions_revoked");
  EXPECT_EQ(CauseOfGuests(burst, {Signin(kNoon, 50055)}), "password_expired");
}

TEST(Cause, OrderOfTheTable) {
  EXPECT_EQ(
      CauseWith(Join(std::vector<PlainRecord>(5, Signin(kNoon, 50126)), {Signin(kNoon, 50055)})),
      "password_expired");
  EXPECT_EQ(CauseWith({Signin(kNoon, 50055), Audit(kNoon, "Disable account")}), "sessions_revoked");
}

TEST(Duplicates, CountOnce) {
  std::vector<PlainRecord> four(4, Signin(kNoon, 50126));
  std::vector<PlainRecord> copies(2, Signin(kNoon, 50126, "same"));
  EXPECT_EQ(CauseWith(Join(four, copies)), "incorrect_password");
  four.pop_back();
  EXPECT_EQ(CauseWith(Join(four, copies)), "unexplained");
  // The same id in another category or tenant is another record.
  copies[1].category = "NonInteractiveUserSignInLogs";
  EXPECT_EQ(CauseWith(Join(four, copies)), "incorrect_password");
}

// Familiarity: the burst comes from a network, a country and a device.
std::string SeverityFrom(const PlainRecord& last_failure, const std::vector<PlainRecord>& others,
                         const OracleConfig& config = SmallConfig()) {
  std::vector<PlainRecord> burst = SmallBurst(kNoon);
  burst.back() = last_failure;
  const auto tickets = OracleTickets(Join(burst, others), config);
  return tickets.at(0)["severity"];
}

TEST(Unfamiliar, AllThreeWhileTheUserHasAFamiliarAddress) {
  const auto at_home = [](PlainRecord r) { return From(r, "192.0.2.1", "192.0.2", "DE", "d1"); };
  const PlainRecord failure = Signin(kEnd, 50132);
  const PlainRecord success = at_home(Signin(kNoon - kDayUs, 0));
  const struct {
    PlainRecord failure;
    std::vector<PlainRecord> successes;
    bool unfamiliar;
  } cases[] = {
      {From(failure, "198.51.100.1", "198.51.100", "US", "d2"), {success}, true},
      {From(failure, "198.51.100.1", "198.51.100", "US", ""), {success}, true},
      {From(failure, "192.0.2.9", "192.0.2", "US", "d2"), {success}, false},
      {From(failure, "198.51.100.1", "198.51.100", "DE", "d2"), {success}, false},
      {From(failure, "198.51.100.1", "198.51.100", "US", "d1"), {success}, false},
      {From(failure, "198.51.100.1", "198.51.100", "", "d2"), {success}, false},
      {From(failure, "", "", "US", "d2"), {success}, false},
      // No familiar address.
      {From(failure, "198.51.100.1", "198.51.100", "US", "d2"), {}, false},
      {From(failure, "198.51.100.1", "198.51.100", "US", "d2"),
       {From(Signin(kNoon - kDayUs, 0), "", "", "DE", "d1")},
       false},
      // Another user's, and a failure's, are not familiar.
      {From(failure, "198.51.100.1", "198.51.100", "US", "d2"),
       {at_home(Signin(kNoon - kDayUs, 0, "", "u2"))},
       false},
      {From(failure, "198.51.100.1", "198.51.100", "US", "d2"),
       {at_home(Signin(kNoon - kDayUs, 50140))},
       false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(SeverityFrom(c.failure, c.successes), c.unfamiliar ? "critical" : "high")
        << c.failure.address << " " << c.failure.country << " " << c.failure.device_id;
  }
}

// Who holds an AD FS server can make its records say anything.
TEST(Unfamiliar, AdfsMakesNothingFamiliar) {
  const PlainRecord stranger = From(Signin(kEnd, 50132), "198.51.100.1", "198.51.100", "US", "d2");
  const PlainRecord home = From(Signin(kNoon - kDayUs, 0), "192.0.2.1", "192.0.2", "DE", "d1");
  PlainRecord there = From(Signin(kNoon - kDayUs, 0), "198.51.100.1", "198.51.100", "US", "d2");
  EXPECT_EQ(SeverityFrom(stranger, {home, there}), "high");
  there.category = "ADFSSignInLogs";
  EXPECT_EQ(SeverityFrom(stranger, {home, there}), "critical");
  there.category = "NonInteractiveUserSignInLogs";
  EXPECT_EQ(SeverityFrom(stranger, {home, there}), "high");
}

TEST(Unfamiliar, Days) {
  const PlainRecord stranger = From(Signin(kEnd, 50132), "198.51.100.1", "198.51.100", "US", "d2");
  // The user has a familiar address by this success; the other makes the stranger familiar or not.
  const PlainRecord home = From(Signin(kNoon - kDayUs, 0), "192.0.2.1", "192.0.2", "DE", "d1");
  const auto severity = [&](int64_t t) {
    return SeverityFrom(stranger,
                        {home, From(Signin(t, 0), "198.51.100.77", "198.51.100", "FR", "d3")});
  };
  EXPECT_EQ(severity(kMidnight - 14 * kDayUs), "high");
  EXPECT_EQ(severity(kMidnight - 14 * kDayUs - 1), "critical");
  EXPECT_EQ(severity(kNoon - 1), "high");
  EXPECT_EQ(severity(kNoon), "critical");
}

TEST(Unfamiliar, WhichOfTheThreeIsConfiguration) {
  OracleConfig config = SmallConfig();
  config.unfamiliar_device = false;
  const PlainRecord home = From(Signin(kNoon - kDayUs, 0), "192.0.2.1", "192.0.2", "DE", "d1");
  const PlainRecord stranger = From(Signin(kEnd, 50132), "198.51.100.1", "198.51.100", "US", "d1");
  EXPECT_EQ(SeverityFrom(stranger, {home}, config), "critical");
  EXPECT_EQ(SeverityFrom(stranger, {home}), "high");
}

TEST(Persistent, LongerThanTheLimit) {
  OracleConfig config = SmallConfig();
  config.persistent_after = 2 * kMinuteUs;
  EXPECT_EQ(TicketWith({}, config)["findings"], Json::array());
  config.persistent_after -= 1;
  EXPECT_EQ(TicketWith({}, config)["findings"], Json::array({"persistent"}));
  EXPECT_EQ(TicketWith({}, config)["severity"], "critical");
  EXPECT_EQ(TicketWith({Audit(kNoon, "Reset password")}, config)["severity"], "medium");
}

TEST(Persistent, TwoEarlierBurstsInTheDayBefore) {
  const auto findings = [](int64_t first, int64_t second) {
    return OracleTickets(Join(Join(SmallBurst(kNoon), SmallBurst(first)), SmallBurst(second)),
                         SmallConfig())
        .back()["findings"];
  };
  const Json persistent = Json::array({"persistent"});
  EXPECT_EQ(findings(kNoon - kDayUs, kNoon - 3 * kHourUs), persistent);
  EXPECT_EQ(findings(kNoon - kDayUs - 1, kNoon - 3 * kHourUs), Json::array());
  // Bursts, not tickets: these three share one.
  EXPECT_EQ(findings(kNoon - 40 * kMinuteUs, kNoon - 20 * kMinuteUs), persistent);
}

TEST(Back, AtOrAfterTheEndAndBeforeQuiet) {
  const auto resolution = [](int64_t t) { return TicketWith({Signin(t, 0)})["resolution"]; };
  const int64_t quiet = 10 * kMinuteUs;
  EXPECT_EQ(resolution(kEnd - 1), "quiet");
  EXPECT_EQ(resolution(kEnd), "reauthenticated");
  EXPECT_EQ(resolution(kEnd + quiet - 1), "reauthenticated");
  EXPECT_EQ(resolution(kEnd + quiet), "quiet");
  const Json ticket = TicketWith({Signin(kEnd + 2, 0), Signin(kEnd + 1, 0)});
  EXPECT_EQ(ticket["reauthenticated_at"], "2026-03-10T12:02:00.000001Z");
}

TEST(Back, Clients) {
  const struct {
    const char* client;
    bool interactive;
    const char* resolution;
  } cases[] = {
      {"", true, "reauthenticated"},
      {"bROWSER", true, "reauthenticated"},
      {"Mobile Apps and Desktop clients", true, "reauthenticated"},
      {"Exchange ActiveSync", true, "quiet"},
      {"Browser", false, "quiet"},
  };
  for (const auto& c : cases) {
    PlainRecord success = Signin(kEnd, 0);
    success.client_app = c.client;
    success.interactive = c.interactive;
    EXPECT_EQ(TicketWith({success})["resolution"], c.resolution) << c.client;
  }
}

}  // namespace causes_test
}  // namespace signinwatch::oracle
