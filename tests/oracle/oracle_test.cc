// SPEC 6.3 and 7: the tickets as a whole.
#include "tests/oracle/oracle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/oracle/test_records.h"

namespace signinwatch::oracle {
namespace oracle_test {

using Json = nlohmann::json;

std::vector<Json> Tickets(const std::vector<PlainRecord>& records,
                          const OracleConfig& config = SmallConfig()) {
  return OracleTickets(records, config);
}

Json TenantTicket(const std::vector<PlainRecord>& records) {
  for (const Json& ticket : Tickets(records, TenantConfig())) {
    if (ticket["scope"] == "tenant") return ticket;
  }
  return Json();
}

// Without what the stories and the random streams look at.
Json WithoutContext(Json ticket) {
  for (const char* key : {"context", "timeline"}) EXPECT_EQ(ticket.erase(key), 1U) << key;
  return ticket;
}

TEST(Ticket, UserTicketInFull) {
  std::vector<PlainRecord> records = SmallBurst(kNoon);
  records[0].id = "b";
  records[1].id = "c";
  records[1].code = 50173;
  records[1] = From(records[1], "192.0.2.1", "192.0.2", "DE", "d1");
  records[2] = From(records[2], "192.0.2.1", "192.0.2", "DE", "");
  records[0].app_id = records[2].app_id = "app";
  records[0].app_name = "first";
  records[2].app_name = "second";
  PlainRecord reset = Audit(kNoon - 90 * kSecondUs - 1, "Reset password.", "r");
  reset.actor.user_principal_name = "admin";
  records.push_back(reset);
  const Json expected = Json::parse(R"({
    "schema": "signinwatch.ticket/1", "state": "resolved", "resolution": "quiet",
    "detector": "user-rule", "scope": "user", "tenant_id": "t1", "user_id": "u1",
    "user_principal_name": "u1@contoso.test", "severity": "low", "cause": "password_reset_by_admin",
    "findings": [], "first_event_time": "2026-03-10T12:00:00.000000Z",
    "last_event_time": "2026-03-10T12:02:00.000000Z", "event_count": 3, "total_event_count": 3,
    "distinct_users": 1, "threshold": {"events": 3, "users": 1, "window_seconds": 600},
    "codes": {"50132": 2, "50173": 1}, "apps": [{"id": "app", "name": "first", "count": 2,
      "first_event_time": "2026-03-10T12:00:00.000000Z",
      "last_event_time": "2026-03-10T12:02:00.000000Z"}],
    "apps_total": 1, "ip_addresses": [{"value": "192.0.2.1", "count": 2}], "ip_addresses_total": 1,
    "countries": [{"value": "DE", "count": 2}], "countries_total": 1,
    "devices": [{"value": "d1", "count": 1}], "devices_total": 1,
    "users": [], "users_total": 0, "users_by_cause": {}, "changes_by_kind": {},
    "changes_by_actor": [],
    "changes": [{"time": "2026-03-10T11:58:29.999999Z", "kind": "admin_reset", "age_seconds": 90,
                 "during": false, "operations": ["Reset password."], "actor": "admin",
                 "record_ids": ["r"]}],
    "evidence": ["b", "c"], "reauthenticated_at": null, "parent_key": null, "continues": null,
    "merged_into": null, "reopened": 0})");
  ASSERT_EQ(Tickets(records).size(), 1U);
  const Json ticket = WithoutContext(Tickets(records)[0]);
  EXPECT_EQ(ticket, expected) << Json::diff(ticket, expected);
}

TEST(Ticket, NoUserIsInNoUserTicket) { EXPECT_TRUE(Tickets(SmallBurst(kNoon, "")).empty()); }

TEST(Ticket, IdAndNameAreTwoKeys) {
  std::vector<PlainRecord> by_name = SmallBurst(kNoon);
  for (PlainRecord& r : by_name) {
    r.user_id.clear();
    r.user_principal_name = "u1";
  }
  EXPECT_EQ(Tickets(Join(SmallBurst(kNoon), by_name)).size(), 2U);
}

TEST(Ticket, NameOfTheFirstEventOfSeveralTheLeastId) {
  std::vector<PlainRecord> records = SmallBurst(kNoon);
  records[0].id = "b";
  records[0].user_principal_name = "B";
  PlainRecord twin = records[0];
  twin.id = "a";
  twin.user_principal_name = "A";
  EXPECT_EQ(Tickets(Join(records, {twin}))[0]["user_principal_name"], "A");
  twin.id = "";
  twin.user_principal_name = "";
  EXPECT_TRUE(Tickets(Join(records, {twin}))[0]["user_principal_name"].is_null());
}

TEST(Ticket, ReopenedWhenLessThanTheLimitAfterTheEnd) {
  const auto tickets = [](int64_t second) {
    return Tickets(Join(SmallBurst(kNoon), SmallBurst(second)));
  };
  const int64_t limit = kNoon + 2 * kMinuteUs + kHourUs;
  EXPECT_EQ(tickets(limit).size(), 2U);
  const auto one = tickets(limit - 1);
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0]["first_event_time"], FormatTime(limit - 1));
  EXPECT_EQ(one[0]["event_count"], 3);
  EXPECT_EQ(one[0]["total_event_count"], 6);
  EXPECT_EQ(one[0]["reopened"], 1);
}

TEST(Ticket, ChangesDuringAreListedAndDecideNothing) {
  const OracleConfig config = SmallConfig();
  const int64_t skew = config.max_clock_skew;
  std::vector<PlainRecord> records = SmallBurst(kNoon);
  records.push_back(Signin(kNoon + 8 * kMinuteUs, 50132));
  const auto ticket = [&](int64_t t) {
    return Tickets(Join(records, {Audit(t, "Reset password")}))[0];
  };
  EXPECT_EQ(ticket(kNoon + skew)["changes"][0]["during"], false);
  EXPECT_EQ(ticket(kNoon + skew + 1)["changes"][0]["during"], true);
  EXPECT_EQ(ticket(kNoon + skew + 1)["cause"], "unexplained");
  EXPECT_EQ(ticket(kNoon + skew + 1)["changes"][0]["age_seconds"], -300);
  EXPECT_EQ(ticket(kNoon + 8 * kMinuteUs)["changes"].size(), 1U);
  EXPECT_EQ(ticket(kNoon + 8 * kMinuteUs + 1)["changes"].size(), 0U);
  EXPECT_EQ(ticket(kNoon - config.lookback)["changes"].size(), 1U);
  EXPECT_EQ(ticket(kNoon - config.lookback - 1)["changes"].size(), 0U);
}

TEST(Ticket, ForceChangeIsListed) {
  const Json ticket =
      Tickets(Join(SmallBurst(kNoon), {Audit(kNoon, "Set force change user password")}))[0];
  EXPECT_EQ(ticket["changes"][0]["kind"], "force_change");
  EXPECT_TRUE(ticket["changes"][0]["actor"].is_null());
}

TEST(Ticket, CountedListsAreSortedByCountThenValueAndCutAtTwenty) {
  std::vector<PlainRecord> records;
  for (int i = 0; i < 25; ++i) {
    PlainRecord r = Signin(kNoon + i, 50132, "id" + std::to_string(100 + i));
    r.country = "C" + std::to_string(24 - i + 10);
    records.push_back(r);
  }
  records.push_back(records[3]);
  records.back().id = "zz";
  const Json ticket = Tickets(records)[0];
  EXPECT_EQ(ticket["countries_total"], 25);
  ASSERT_EQ(ticket["countries"].size(), 20U);
  EXPECT_EQ(ticket["countries"][0], Json({{"value", "C31"}, {"count", 2}}));
  EXPECT_EQ(ticket["countries"][1], Json({{"value", "C10"}, {"count", 1}}));
  ASSERT_EQ(ticket["evidence"].size(), 20U);
  EXPECT_EQ(ticket["evidence"][0], "id100");
  EXPECT_EQ(ticket["evidence"][4], "zz");
}

TEST(Ticket, AppsByIdElseByName) {
  std::vector<PlainRecord> records = SmallBurst(kNoon);
  records[0].app_name = "Mail";
  records[1].app_id = "Mail";
  const Json ticket = Tickets(records)[0];
  EXPECT_EQ(ticket["apps_total"], 2);
  const char* const first = "2026-03-10T12:00:00.000000Z";
  const char* const second = "2026-03-10T12:01:00.000000Z";
  EXPECT_EQ(ticket["apps"][0], Json({{"id", nullptr},
                                     {"name", "Mail"},
                                     {"count", 1},
                                     {"first_event_time", first},
                                     {"last_event_time", first}}));
  EXPECT_EQ(ticket["apps"][1], Json({{"id", "Mail"},
                                     {"name", nullptr},
                                     {"count", 1},
                                     {"first_event_time", second},
                                     {"last_event_time", second}}));
}

TEST(Ticket, UnfamiliarEvidenceFirst) {
  std::vector<PlainRecord> records = SmallBurst(kNoon);
  for (size_t i = 0; i < records.size(); ++i) records[i].id = std::to_string(i);
  records[2] = From(records[2], "198.51.100.1", "198.51.100", "US", "d2");
  records.push_back(From(Signin(kNoon - kDayUs, 0), "192.0.2.1", "192.0.2", "DE", "d1"));
  const Json ticket = Tickets(records)[0];
  EXPECT_EQ(ticket["findings"], Json::array({"unfamiliar_source"}));
  EXPECT_EQ(ticket["evidence"], Json::array({"2", "0", "1"}));
}

// Two failures of each user make the tenant burst, three a user's own.
std::vector<PlainRecord> Wave(const std::vector<std::string>& users, size_t each = 2) {
  std::vector<PlainRecord> records;
  for (const std::string& user : users) {
    for (size_t i = 0; i < each; ++i) {
      records.push_back(Signin(kNoon + static_cast<int64_t>(i) * kMinuteUs, 50132, "", user));
    }
  }
  return records;
}

TEST(Tenant, TicketInFull) {
  std::vector<PlainRecord> records = Wave({"u1", "u2"});
  PlainRecord reset = Audit(kNoon, "Reset password", "", "u1");
  reset.actor.user_principal_name = "admin";
  records.push_back(reset);
  records.push_back(Audit(kNoon, "Disable account", "", "u9"));
  records.push_back(Signin(kNoon, 50132, "", ""));
  const Json expected = Json::parse(R"({
    "schema": "signinwatch.ticket/1", "state": "resolved", "resolution": "quiet",
    "detector": "tenant-rule", "scope": "tenant", "tenant_id": "t1", "user_id": null,
    "user_principal_name": null, "severity": "high", "cause": "mixed", "findings": [],
    "first_event_time": "2026-03-10T12:00:00.000000Z",
    "last_event_time": "2026-03-10T12:01:00.000000Z", "event_count": 5, "total_event_count": 5,
    "distinct_users": 2, "threshold": {"events": 4, "users": 2, "window_seconds": 1800},
    "codes": {"50132": 5}, "apps": [], "apps_total": 0, "ip_addresses": [], "ip_addresses_total": 0,
    "countries": [], "countries_total": 0, "devices": [], "devices_total": 0,
    "users": [{"id": "u1", "name": "u1@contoso.test", "count": 2,
               "cause": "password_reset_by_admin"},
              {"id": "u2", "name": "u2@contoso.test", "count": 2, "cause": "unexplained"}],
    "users_total": 2, "users_by_cause": {"password_reset_by_admin": 1, "unexplained": 1},
    "changes_by_kind": {"admin_reset": 1, "revoke": 1},
    "changes_by_actor": [{"value": "admin", "count": 1}],
    "changes": [], "evidence": [], "reauthenticated_at": null, "parent_key": null,
    "continues": null, "merged_into": null, "reopened": 0})");
  const Json ticket = WithoutContext(TenantTicket(records));
  EXPECT_EQ(ticket, expected) << Json::diff(ticket, expected);
}

TEST(Tenant, CauseOfAtLeastHalfOneSeverityUp) {
  const PlainRecord reset1 = Audit(kNoon, "Reset password", "", "u1");
  const PlainRecord reset2 = Audit(kNoon, "Reset password", "", "u2");
  const PlainRecord revoke3 = Audit(kNoon, "Disable account", "", "u3");
  const auto check = [](const std::vector<PlainRecord>& records, const char* cause,
                        const char* severity) {
    EXPECT_EQ(TenantTicket(records)["cause"], cause);
    EXPECT_EQ(TenantTicket(records)["severity"], severity);
  };
  check(Join(Wave({"u1", "u2", "u3"}), {reset1, reset2}), "password_reset_by_admin", "medium");
  check(Join(Wave({"u1", "u2", "u3"}), {reset1}), "unexplained", "critical");
  // None has half; two have half.
  check(Join(Wave({"u1", "u2", "u3"}), {reset1, revoke3}), "mixed", "high");
  check(Join(Wave({"u1", "u2"}), {reset1}), "mixed", "high");
  // One has half and the others less.
  check(Join(Wave({"u1", "u2", "u3", "u4"}), {reset1, reset2, revoke3}), "password_reset_by_admin",
        "medium");
}

TEST(Tenant, EachUserByOwnEvents) {
  // 12:05:00.000001 is beyond the skew after the tenant's start, not after u2's own.
  std::vector<PlainRecord> records = Wave({"u1"});
  records.push_back(Signin(kNoon + 2 * kMinuteUs, 50132, "", "u2"));
  records.push_back(Signin(kNoon + 3 * kMinuteUs, 50132, "", "u2"));
  records.push_back(Audit(kNoon + 5 * kMinuteUs + 1, "Reset password", "", "u2"));
  records.push_back(Audit(kNoon + 5 * kMinuteUs + 1, "Reset password", "", "u1"));
  EXPECT_EQ(TenantTicket(records)["users_by_cause"],
            Json({{"password_reset_by_admin", 1}, {"unexplained", 1}}));
}

TEST(Tenant, ChangesInTheDayBefore) {
  const auto kinds = [](int64_t t) {
    return TenantTicket(
        Join(Wave({"u1", "u2"}), {Audit(t, "Reset password", "", "u9")}))["changes_by_kind"];
  };
  const Json one = {{"admin_reset", 1}};
  EXPECT_EQ(kinds(kNoon - kDayUs), one);
  EXPECT_EQ(kinds(kNoon - kDayUs - 1), Json::object());
  EXPECT_EQ(kinds(kNoon + kMinuteUs), one);
  EXPECT_EQ(kinds(kNoon + kMinuteUs + 1), Json::object());
}

TEST(Tenant, SameUserByIdAndByNameCountsAsTwo) {
  const PlainRecord reset = Audit(kNoon, "Reset password");
  EXPECT_EQ(TenantTicket(Join(Wave({"u1", "u2"}), {reset, NameOnly(reset)}))["changes_by_kind"],
            Json({{"admin_reset", 2}}));
}

TEST(Tenant, UsersAreSortedByCountThenKey) {
  std::vector<PlainRecord> records = Wave({"u2", "u3"});
  records.push_back(Signin(kNoon, 50132, "", "u3"));
  PlainRecord by_name = NameOnly(Signin(kNoon, 50132, "", "u1"));
  by_name.user_principal_name = "U1@contoso.test";
  records.push_back(by_name);
  records.push_back(by_name);
  const Json users = TenantTicket(records)["users"];
  ASSERT_EQ(users.size(), 3U);
  EXPECT_EQ(users[0]["id"], "u3");
  EXPECT_EQ(
      users[1],
      Json({{"id", nullptr}, {"name", "U1@contoso.test"}, {"count", 2}, {"cause", "unexplained"}}));
  EXPECT_EQ(users[2]["id"], "u2");
}

TEST(Tenant, BackWhenHalfOfTheUsersAre) {
  std::vector<PlainRecord> records = Wave({"u1", "u2"});
  records.push_back(Signin(kNoon + 5 * kMinuteUs, 50132, "", "u2"));
  const auto resolution = [&](int64_t t) {
    return TenantTicket(Join(records, {Signin(t, 0, "", "u1")}))["resolution"];
  };
  // u1's own last failure, and the end of the tenant burst plus Q.
  EXPECT_EQ(resolution(kNoon + kMinuteUs), "reauthenticated");
  EXPECT_EQ(resolution(kNoon + kMinuteUs - 1), "quiet");
  EXPECT_EQ(resolution(kNoon + 35 * kMinuteUs - 1), "reauthenticated");
  EXPECT_EQ(resolution(kNoon + 35 * kMinuteUs), "quiet");
}

Json ParentOfUserTicket(const std::vector<PlainRecord>& records, const OracleConfig& config) {
  for (const Json& ticket : Tickets(records, config)) {
    if (ticket["scope"] == "user") return ticket["parent_key"];
  }
  return "no user ticket";
}

TEST(Parent, OverlapOrTouch) {
  OracleConfig config = TenantConfig();
  config.rules[0].codes = {50173};
  config.rules[1].codes = {50132};
  const auto parent = [&](int64_t start) {
    std::vector<PlainRecord> user = SmallBurst(start);
    for (PlainRecord& r : user) r.code = 50173;
    return ParentOfUserTicket(Join(user, Wave({"u5", "u6"})), config);
  };
  const Json wave = "tenant-rule|t1|2026-03-10T12:00:00.000000Z";
  EXPECT_EQ(parent(kNoon - 2 * kMinuteUs), wave);
  EXPECT_EQ(parent(kNoon - 2 * kMinuteUs - 1), Json());
  EXPECT_EQ(parent(kNoon + kMinuteUs), wave);
  EXPECT_EQ(parent(kNoon + kMinuteUs + 1), Json());
}

TEST(Parent, OfSeveralTheFirstThenTheFirstDetector) {
  OracleConfig config = TenantConfig();
  config.rules.push_back(config.rules[1]);
  config.rules[1].name = "z-first";
  config.rules[2].name = "a-second";
  std::vector<PlainRecord> records = Join(SmallBurst(kNoon), Wave({"u5", "u6"}));
  EXPECT_EQ(ParentOfUserTicket(records, config), "z-first|t1|2026-03-10T12:00:00.000000Z");
  // The second detector alone sees this code, and so starts earlier.
  config.rules[2].codes.insert(50089);
  records.push_back(Signin(kNoon - 1, 50089, "", "u7"));
  EXPECT_EQ(ParentOfUserTicket(records, config), "a-second|t1|2026-03-10T11:59:59.999999Z");
}

// A tenant ticket that was reopened shows its latest burst; an earlier one still is a parent.
TEST(Parent, AnEarlierBurstOfTheParent) {
  std::vector<PlainRecord> records = Join(SmallBurst(kNoon), Wave({"u5", "u6"}));
  std::vector<PlainRecord> second = Wave({"u5", "u6"});
  for (PlainRecord& r : second) r.time_us += 40 * kMinuteUs;
  const auto tickets = Tickets(Join(records, second), TenantConfig());
  ASSERT_EQ(tickets.size(), 2U);
  EXPECT_EQ(tickets[0]["scope"], "user");
  EXPECT_EQ(tickets[0]["parent_key"], "tenant-rule|t1|2026-03-10T12:40:00.000000Z");
}

TEST(Order, ByTimeTenantDetectorUser) {
  std::vector<PlainRecord> elsewhere = SmallBurst(kNoon, "u0");
  for (PlainRecord& r : elsewhere) r.tenant = "t2";
  const auto tickets = Tickets(Join(Join(elsewhere, SmallBurst(kNoon, "u2")),
                                    Join(SmallBurst(kNoon, "u1"), SmallBurst(kNoon - 1, "u9"))));
  std::vector<std::string> users;
  for (const Json& ticket : tickets) users.push_back(ticket["user_id"]);
  EXPECT_THAT(users, testing::ElementsAre("u9", "u1", "u2", "u0"));
}

}  // namespace oracle_test
}  // namespace signinwatch::oracle
