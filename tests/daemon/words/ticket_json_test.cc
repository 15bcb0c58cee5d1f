#include "daemon/words/ticket_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/words/runbook.h"
#include "daemon/words/ticket_summary.h"
#include "detectors/ticket.h"
#include "tests/daemon/words/sample_context.h"

namespace signinwatch::words {
namespace ticket_json_test {

using Json = nlohmann::ordered_json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

EventTime At(std::string_view text) { return *ParseEventTime(text); }

Ticket WholeUserTicket() {
  Ticket t;
  t.ticket_id = "6f6f4c5e-0000-5000-8000-000000000001";
  t.revision = 3;
  t.reason = RevisionReason::kCauseChanged;
  t.detector = "user-session-invalid";
  t.tenant_id = "11111111-2222-3333-4444-555555555555";
  t.user_id = "aaaaaaaa-0000-0000-0000-000000000001";
  t.user_principal_name = "Ada@contoso.example";
  t.severity = Severity::kMedium;
  t.cause = Cause::kPasswordResetByAdmin;
  t.findings = {.persistent = true};
  t.first_event_time = At("2026-11-24T09:00:00Z");
  t.last_event_time = At("2026-11-24T09:18:05.25Z");
  t.opened_at = At("2026-11-24T09:09:00.000001Z");
  t.event_count = 37;
  t.total_event_count = 48;
  t.distinct_users = 1;
  t.threshold_events = 10;
  t.threshold_users = 1;
  t.threshold_window = std::chrono::minutes(10);
  t.codes = {{50132, 30}, {50173, 7}};
  const auto app = [](const char* id, const char* name, uint64_t count, const char* first,
                      const char* last) {
    return Counted{.id = id,
                   .name = name,
                   .count = count,
                   .first_event_time = At(first),
                   .last_event_time = At(last)};
  };
  t.apps = {{app("app-1", "Outlook Mobile", 20, "2026-11-24T09:00:00Z", "2026-11-24T09:04:00Z"),
             app("", "Teams", 16, "2026-11-24T09:01:00Z", "2026-11-24T09:18:05.25Z"),
             app("app-2", "", 1, "2026-11-24T09:02:00Z", "2026-11-24T09:02:00Z")},
            3};
  t.ip_addresses = {{{"203.0.113.7", "", 36}, {"2001:db8::1", "", 1}}, 2};
  t.countries = {{{"DE", "", 37}}, 1};
  t.changes = {{At("2026-11-24T08:46:00Z"),
                ChangeKind::kAdminReset,
                840,
                false,
                {"Reset password (by admin)", "Reset user password"},
                "admin@contoso.example",
                {"audit-1", "audit-2"}},
               {At("2026-11-24T09:10:00Z"), ChangeKind::kRevoke, -600, true, {"Revoke"}, "", {}}};
  t.evidence = {"record-1", "record-2"};
  t.reopened = 1;
  return t;
}

Ticket WholeTenantTicket() {
  Ticket t;
  t.ticket_id = "6f6f4c5e-0000-5000-8000-000000000002";
  t.revision = 7;
  t.reason = RevisionReason::kResolved;
  t.state = TicketState::kResolved;
  t.resolution = Resolution::kReauthenticated;
  t.detector = "tenant-session-invalid";
  t.scope = GroupBy::kTenant;
  t.tenant_id = "11111111-2222-3333-4444-555555555555";
  t.severity = Severity::kHigh;
  t.cause = Cause::kMixed;
  t.first_event_time = At("2026-11-24T09:00:00Z");
  t.last_event_time = At("2026-11-24T10:00:00Z");
  t.opened_at = At("2026-11-24T09:20:00Z");
  t.resolved_at = At("2026-11-24T10:30:00Z");
  t.event_count = 400;
  t.total_event_count = 400;
  t.distinct_users = 25;
  t.threshold_events = 50;
  t.threshold_users = 15;
  t.threshold_window = std::chrono::minutes(30);
  t.codes = {{50173, 400}};
  t.users.total = 25;
  for (int i = 0; i < 20; ++i) {
    t.users.shown.push_back({"id-" + std::to_string(i), "", 16, Cause::kUnexplained});
  }
  t.users.shown[0] = {"", "bob@contoso.example", 17, Cause::kPasswordChanged};
  t.users_by_cause = {{Cause::kPasswordChanged, 12}, {Cause::kUnexplained, 13}};
  t.changes_by_kind = {{ChangeKind::kChange, 12}, {ChangeKind::kForceChange, 1}};
  t.changes_by_actor = {{"bob@contoso.example", "", 2}, {"HR portal", "", 1}};
  return t;
}

// What is written of `ticket` without the three texts for people, which runbook_test reads.
std::string WithoutWords(const Ticket& ticket) {
  Json json = Json::parse(TicketToJson(ticket));
  json.erase("title");
  json.erase("summary");
  json.erase("runbook");
  return json.dump();
}

TEST(TicketJsonTest, UserTicketIsWrittenAsTheContractShows) {
  EXPECT_EQ(
      WithoutWords(WholeUserTicket()),
      R"({"schema":"signinwatch.ticket/1","ticket_id":"6f6f4c5e-0000-5000-8000-000000000001",)"
      R"("revision":3,"reason":"cause_changed","state":"open","resolution":null,)"
      R"("detector":"user-session-invalid","scope":"user",)"
      R"("tenant_id":"11111111-2222-3333-4444-555555555555",)"
      R"("user_id":"aaaaaaaa-0000-0000-0000-000000000001",)"
      R"("user_principal_name":"Ada@contoso.example","severity":"medium",)"
      R"("cause":"password_reset_by_admin","findings":["persistent"],)"
      R"("first_event_time":"2026-11-24T09:00:00.000000Z",)"
      R"("last_event_time":"2026-11-24T09:18:05.250000Z",)"
      R"("opened_at":"2026-11-24T09:09:00.000001Z","resolved_at":null,)"
      R"("event_count":37,"total_event_count":48,"distinct_users":1,)"
      R"("threshold":{"events":10,"users":1,"window_seconds":600},)"
      R"("codes":{"50132":30,"50173":7},)"
      R"("apps":[{"id":"app-1","name":"Outlook Mobile","count":20,)"
      R"("first_event_time":"2026-11-24T09:00:00.000000Z",)"
      R"("last_event_time":"2026-11-24T09:04:00.000000Z"},)"
      R"({"id":null,"name":"Teams","count":16,"first_event_time":"2026-11-24T09:01:00.000000Z",)"
      R"("last_event_time":"2026-11-24T09:18:05.250000Z"},{"id":"app-2","name":null,"count":1,)"
      R"("first_event_time":"2026-11-24T09:02:00.000000Z",)"
      R"("last_event_time":"2026-11-24T09:02:00.000000Z"}],)"
      R"("apps_total":3,)"
      R"("ip_addresses":[{"value":"203.0.113.7","count":36},{"value":"2001:db8::1","count":1}],)"
      R"("ip_addresses_total":2,"countries":[{"value":"DE","count":37}],"countries_total":1,)"
      R"("devices":[],"devices_total":0,"users":[],"users_total":0,"users_by_cause":{},)"
      R"("changes_by_kind":{},"changes_by_actor":[],)"
      R"("changes":[{"time":"2026-11-24T08:46:00.000000Z","kind":"admin_reset",)"
      R"("age_seconds":840,"during":false,)"
      R"j("operations":["Reset password (by admin)","Reset user password"],)j"
      R"("actor":"admin@contoso.example","record_ids":["audit-1","audit-2"]},)"
      R"({"time":"2026-11-24T09:10:00.000000Z","kind":"revoke","age_seconds":-600,)"
      R"("during":true,"operations":["Revoke"],"actor":null,"record_ids":[]}],)"
      R"("evidence":["record-1","record-2"],"reauthenticated_at":null,)"
      R"("parent_ticket_id":null,"continues":null,"merged_into":null,"reopened":1,)"
      R"("context":{"mfa":{"methods":[],"methods_total":0},)"
      R"("conditional_access":{"success":0,"failure":0,"not_applied":0,"unknown":0,)"
      R"("failing_policies":[],"failing_policies_total":0},)"
      R"("token_types":[],"token_types_total":0,"clients":[],"clients_total":0,)"
      R"("sessions_total":0,"sessions_elsewhere":[],"sessions_elsewhere_total":0,)"
      R"("risk":{"sign_in":{},"events":[],"events_total":0},)"
      R"("security_info_changes":[],"security_info_changes_total":0,)"
      R"("policy_changes":[],"policy_changes_total":0,)"
      R"("sync":{"last":null,"last_24h":0},"home_tenant_id":null},)"
      R"("timeline":null,"url":null})");
}

TEST(TicketJsonTest, ContextIsWrittenAsTheContractShows) {
  Ticket ticket = WholeUserTicket();
  ticket.context = FullUserContext();
  EXPECT_EQ(
      Json::parse(TicketToJson(ticket))["context"].dump(),
      R"({"mfa":{"methods":[{"value":"Mobile app notification","last_day":"2026-11-23"},)"
      R"({"value":"Text message","last_day":"2026-11-20"}],"methods_total":2},)"
      R"("conditional_access":{"success":13,"failure":2,"not_applied":3,"unknown":1,)"
      R"("failing_policies":[{"value":"Require MFA","count":2},{"value":"Block legacy","count":1}],)"
      R"("failing_policies_total":2},)"
      R"("token_types":[{"value":"refreshToken","count":30},)"
      R"({"value":"primaryRefreshToken","count":7}],"token_types_total":2,)"
      R"("clients":[{"value":"Mobile Apps and Desktop clients","count":36},)"
      R"({"value":"Browser","count":1}],"clients_total":2,)"
      R"("sessions_total":4,"sessions_elsewhere":[{"session_id":"session-1","places":[)"
      R"({"network":"203.0.113.0/24","country":"DE","count":30,)"
      R"("first_event_time":"2026-11-24T09:00:00.000000Z"},)"
      R"({"network":"198.51.100.0/24","country":"BR","count":3,)"
      R"("first_event_time":"2026-11-24T09:04:00.000000Z"}],"places_total":2}],)"
      R"("sessions_elsewhere_total":1,)"
      R"("risk":{"sign_in":{"medium":1,"high":2},"events":[)"
      R"({"time":"2026-11-24T09:05:00.000000Z","type":"anomalousToken","level":"medium",)"
      R"("state":"atRisk","id":"r-1"},)"
      R"({"time":"2026-11-24T09:06:00.000000Z","type":"unfamiliarFeatures","level":null,)"
      R"("state":null,"id":null}],"events_total":2},)"
      R"("security_info_changes":[{"time":"2026-11-24T08:55:00.000000Z",)"
      R"("operation":"User registered security info","actor":"ada@contoso.example",)"
      R"("record_id":"audit-8"}],"security_info_changes_total":1,)"
      R"("policy_changes":[{"time":"2026-11-24T08:50:00.000000Z",)"
      R"("operation":"Update conditional access policy","policy":"Require MFA",)"
      R"("actor":"admin@contoso.example","record_id":"audit-9"}],"policy_changes_total":1,)"
      R"("sync":{"last":"2026-11-24T08:58:12.500000Z","last_24h":12},)"
      R"("home_tenant_id":"99999999-2222-3333-4444-555555555555"})");
}

// A tenant's ticket has only the fields that hold of all its failures.
TEST(TicketJsonTest, ContextOfATenantIsWrittenAsTheContractShows) {
  Ticket ticket = WholeTenantTicket();
  ticket.context = FullTenantContext();
  EXPECT_EQ(
      Json::parse(TicketToJson(ticket))["context"].dump(),
      R"({"conditional_access":{"success":13,"failure":2,"not_applied":3,"unknown":1,)"
      R"("failing_policies":[{"value":"Require MFA","count":2},{"value":"Block legacy","count":1}],)"
      R"("failing_policies_total":2},)"
      R"("token_types":[{"value":"refreshToken","count":30},)"
      R"({"value":"primaryRefreshToken","count":7}],"token_types_total":2,)"
      R"("clients":[{"value":"Mobile Apps and Desktop clients","count":36},)"
      R"({"value":"Browser","count":1}],"clients_total":2,)"
      R"("policy_changes":[{"time":"2026-11-24T08:50:00.000000Z",)"
      R"("operation":"Update conditional access policy","policy":"Require MFA",)"
      R"("actor":"admin@contoso.example","record_id":"audit-9"}],"policy_changes_total":1,)"
      R"("sync":{"last":"2026-11-24T08:58:12.500000Z","last_24h":12},"risky_users":3})");
}

TEST(TicketJsonTest, TimelineIsWrittenAsTheContractShows) {
  Ticket ticket = WholeUserTicket();
  ticket.timeline = {
      .start = At("2026-11-24T09:00:00Z"), .step = std::chrono::minutes(5), .counts = {30, 0, 7}};
  EXPECT_EQ(Json::parse(TicketToJson(ticket))["timeline"].dump(),
            R"({"start":"2026-11-24T09:00:00.000000Z","step_seconds":300,"counts":[30,0,7]})");
}

TEST(TicketJsonTest, CutListsOfTheContextKeepTheirTotals) {
  Ticket ticket = WholeUserTicket();
  ticket.context = FullUserContext();
  ticket.context.mfa.total = 21;
  ticket.context.conditional_access.failing_policies.total = 22;
  ticket.context.token_types.total = 23;
  ticket.context.clients.total = 24;
  ticket.context.sessions_elsewhere.total = 25;
  ticket.context.sessions_elsewhere.shown[0].places.total = 26;
  ticket.context.risk_events.total = 27;
  ticket.context.security_info_changes.total = 28;
  ticket.context.policy_changes.total = 29;
  const Json context = Json::parse(TicketToJson(ticket))["context"];
  EXPECT_EQ(context["mfa"]["methods_total"], 21);
  EXPECT_EQ(context["conditional_access"]["failing_policies_total"], 22);
  EXPECT_EQ(context["token_types_total"], 23);
  EXPECT_EQ(context["clients_total"], 24);
  EXPECT_EQ(context["sessions_elsewhere_total"], 25);
  EXPECT_EQ(context["sessions_elsewhere"][0]["places_total"], 26);
  EXPECT_EQ(context["risk"]["events_total"], 27);
  EXPECT_EQ(context["security_info_changes_total"], 28);
  EXPECT_EQ(context["policy_changes_total"], 29);
}

TEST(TicketJsonTest, TenantTicketIsWrittenAsTheContractShows) {
  const Json json = Json::parse(TicketToJson(WholeTenantTicket()));
  EXPECT_EQ(json["state"], "resolved");
  EXPECT_EQ(json["resolution"], "reauthenticated");
  EXPECT_EQ(json["scope"], "tenant");
  EXPECT_TRUE(json["user_id"].is_null());
  EXPECT_TRUE(json["user_principal_name"].is_null());
  EXPECT_EQ(json["findings"], Json::array());
  EXPECT_EQ(json["resolved_at"], "2026-11-24T10:30:00.000000Z");
  EXPECT_EQ(json["threshold"].dump(), R"({"events":50,"users":15,"window_seconds":1800})");
  EXPECT_EQ(json["users"][0].dump(),
            R"({"id":null,"name":"bob@contoso.example","count":17,"cause":"password_changed"})");
  EXPECT_EQ(json["users"][1].dump(),
            R"({"id":"id-1","name":null,"count":16,"cause":"unexplained"})");
  EXPECT_EQ(json["users_by_cause"].dump(), R"({"password_changed":12,"unexplained":13})");
  EXPECT_EQ(json["changes_by_kind"].dump(), R"({"change":12,"force_change":1})");
  EXPECT_EQ(json["changes_by_actor"].dump(),
            R"([{"value":"bob@contoso.example","count":2},{"value":"HR portal","count":1}])");
  EXPECT_EQ(json["changes"], Json::array());
}

// Every key of the contract's example is there in its order, and each total is beside its list.
TEST(TicketJsonTest, KeysAreInTheOrderOfTheContract) {
  std::vector<std::string> keys;
  const Json json = Json::parse(TicketToJson(WholeUserTicket()));
  for (const auto& item : json.items()) keys.push_back(item.key());
  EXPECT_THAT(
      keys,
      ElementsAre("schema", "ticket_id", "revision", "reason", "state", "resolution", "detector",
                  "scope", "tenant_id", "user_id", "user_principal_name", "severity", "cause",
                  "findings", "title", "summary", "first_event_time", "last_event_time",
                  "opened_at", "resolved_at", "event_count", "total_event_count", "distinct_users",
                  "threshold", "codes", "apps", "apps_total", "ip_addresses", "ip_addresses_total",
                  "countries", "countries_total", "devices", "devices_total", "users",
                  "users_total", "users_by_cause", "changes_by_kind", "changes_by_actor", "changes",
                  "evidence", "reauthenticated_at", "parent_ticket_id", "continues", "merged_into",
                  "reopened", "context", "timeline", "url", "runbook"));
}

TEST(TicketJsonTest, LinksToItsPageWhereThatIsKnown) {
  const Ticket ticket = WholeUserTicket();
  EXPECT_EQ(Json::parse(TicketToJson(ticket, "https://soc.contoso.example/signinwatch"))["url"],
            "https://soc.contoso.example/signinwatch/tickets/" + ticket.ticket_id);
}

TEST(TicketJsonTest, WordsAreThoseOfTheRunbook) {
  for (const Ticket& ticket : {WholeUserTicket(), WholeTenantTicket()}) {
    const Json json = Json::parse(TicketToJson(ticket));
    EXPECT_EQ(json["title"], TicketTitle(ticket));
    EXPECT_EQ(json["summary"], TicketSummary(ticket));
    const std::vector<RunbookStep> steps = TicketRunbook(ticket);
    ASSERT_EQ(json["runbook"].size(), steps.size());
    for (size_t i = 0; i < steps.size(); ++i) {
      const Json expected = {
          {"step", i + 1}, {"title", steps[i].title}, {"detail", steps[i].detail}};
      EXPECT_EQ(json["runbook"][i].dump(), expected.dump());
    }
  }
}

TEST(TicketJsonTest, IsOneLineWithoutBlanksBetweenTokens) {
  const std::string text = TicketToJson(WholeUserTicket());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  EXPECT_EQ(Json::parse(text).dump(), text);
}

// Lists are cut where tickets are made; the total tells how many there were.
TEST(TicketJsonTest, CutListsKeepTheirTotals) {
  Ticket ticket = WholeTenantTicket();
  CountedList list;
  list.total = 4'000'000'000'000;
  for (size_t i = 0; i < kShownMax; ++i) list.shown.push_back({"v" + std::to_string(i), "", 1});
  ticket.apps = ticket.ip_addresses = ticket.countries = ticket.devices = list;
  const Json json = Json::parse(TicketToJson(ticket));
  for (const char* name : {"apps", "ip_addresses", "countries", "devices"}) {
    EXPECT_EQ(json[name].size(), 20u) << name;
    EXPECT_EQ(json[std::string(name) + "_total"], 4'000'000'000'000) << name;
  }
  EXPECT_EQ(json["users"].size(), 20u);
  EXPECT_EQ(json["users_total"], 25);
}

TEST(TicketJsonTest, CodesAreInNumericOrder) {
  Ticket ticket = WholeUserTicket();
  ticket.codes = {{700082, 1}, {50132, 2}, {-1, 3}, {9002341, 4}};
  EXPECT_THAT(TicketToJson(ticket),
              HasSubstr(R"("codes":{"-1":3,"50132":2,"700082":1,"9002341":4},)"));
}

TEST(TicketJsonTest, FindingsAreInTheirOrder) {
  Ticket ticket = WholeUserTicket();
  ticket.findings = {true, true, true, true, true};
  EXPECT_THAT(TicketToJson(ticket),
              HasSubstr(R"("findings":["unfamiliar_source","persistent","session_elsewhere",)"
                        R"("risk_detected","security_info_changed"],)"));
  ticket.findings = {.risk_detected = true};
  EXPECT_THAT(TicketToJson(ticket), HasSubstr(R"("findings":["risk_detected"],)"));
}

TEST(TicketJsonTest, LinksAreWrittenWhenTheyAreThere) {
  Ticket ticket = WholeUserTicket();
  ticket.state = TicketState::kMerged;
  ticket.reauthenticated_at = At("2026-11-24T09:19:00Z");
  ticket.parent_ticket_id = "parent";
  ticket.continues = "before";
  ticket.merged_into = "older";
  EXPECT_THAT(
      TicketToJson(ticket),
      HasSubstr(R"("reauthenticated_at":"2026-11-24T09:19:00.000000Z",)"
                R"("parent_ticket_id":"parent","continues":"before","merged_into":"older",)"));
}

TEST(TicketJsonTest, Escapes) {
  const struct {
    std::string_view text;
    const char* written;
  } kCases[] = {
      {"plain", R"("plain")"},
      {"say \"hi\" \\ ok/", R"("say \"hi\" \\ ok/")"},
      {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
      {std::string_view("a\0b", 3), R"("a\u0000b")"},
      {"\x01\x1f\x7f", R"("\u0001\u001f\u007f")"},
      {"\xe2\x80\xa8\xe2\x80\xa9", R"("\u2028\u2029")"},
      {"x\xe2\x80\xa8y", R"("x\u2028y")"},
      // Of anybody's making, on its way to terminals and pages.
      {"\u009b31m\u202egnp\u200b", R"("\u009b31m\u202egnp\u200b")"},
      {"\U000e0041", R"("\udb40\udc41")"},
      // Neighbours of U+2028 and other text stay as they are.
      {"\xe2\x80\xa7\xe2\x82\xac\xc3\xa9\xf0\x9f\x98\x80",
       "\"\xe2\x80\xa7\xe2\x82\xac\xc3\xa9\xf0\x9f\x98\x80\""},
  };
  for (const auto& c : kCases) {
    Ticket ticket = WholeUserTicket();
    ticket.detector = std::string(c.text);
    const std::string json = TicketToJson(ticket);
    EXPECT_THAT(json, HasSubstr(std::string("\"detector\":") + c.written + ",")) << c.text;
    EXPECT_EQ(Json::parse(json)["detector"].get<std::string>(), c.text);
  }
}

// A name made to break out of a string or a line does neither, wherever it is shown.
TEST(TicketJsonTest, HostileNamesStayText) {
  const std::string hostile = "x\",\"state\":\"resolved\"}\n\\\xe2\x80\xa8";
  Ticket ticket = WholeUserTicket();
  ticket.user_id = ticket.user_principal_name = hostile;
  ticket.apps = {{{hostile, hostile, 37}}, 1};
  ticket.devices = ticket.countries = {{{hostile, "", 37}}, 1};
  ticket.changes[0].actor = hostile;
  ticket.changes[0].operations = {hostile};
  ticket.evidence = {hostile};
  const std::string text = TicketToJson(ticket);
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  const Json json = Json::parse(text);
  EXPECT_EQ(json["state"], "open");
  EXPECT_EQ(json["user_principal_name"], hostile);
  EXPECT_EQ(json["apps"][0]["name"], hostile);
  EXPECT_EQ(json["changes"][0]["actor"], hostile);
  EXPECT_EQ(json["evidence"][0], hostile);
}

// Every value of every enumeration can be told from the ticket as it is written.
TEST(TicketNamesTest, ComeBackFromTheTicket) {
  std::set<std::string> seen;
  for (int cause = 0; cause < kCauseCount; ++cause) {
    for (const GroupBy scope : {GroupBy::kUser, GroupBy::kTenant}) {
      Ticket ticket = scope == GroupBy::kUser ? WholeUserTicket() : WholeTenantTicket();
      ticket.cause = static_cast<Cause>(cause);
      ticket.severity = static_cast<Severity>(cause % 5);
      ticket.state = static_cast<TicketState>(cause % 3);
      ticket.reason = static_cast<RevisionReason>(cause % 9);
      const Json json = Json::parse(TicketToJson(ticket));
      EXPECT_EQ(json["cause"], CauseName(ticket.cause));
      EXPECT_EQ(json["severity"], SeverityName(ticket.severity));
      EXPECT_EQ(json["state"], TicketStateName(ticket.state));
      EXPECT_EQ(json["reason"], RevisionReasonName(ticket.reason));
      seen.insert(json["cause"].get<std::string>());
    }
  }
  EXPECT_EQ(seen.size(), static_cast<size_t>(kCauseCount));
}

}  // namespace ticket_json_test
}  // namespace signinwatch::words
