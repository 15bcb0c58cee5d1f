#include "tests/daemon/words/sample_tickets.h"

#include <map>
#include <utility>

namespace signinwatch::words {
namespace {

// The kind of change that decides `cause`; kForceChange where none does.
ChangeKind KindOf(Cause cause) {
  static const std::map<Cause, ChangeKind> kKinds = {
      {Cause::kPasswordChanged, ChangeKind::kChange},
      {Cause::kPasswordReset, ChangeKind::kSelfReset},
      {Cause::kPasswordResetByAdmin, ChangeKind::kAdminReset},
      {Cause::kPasswordSynced, ChangeKind::kSync},
      {Cause::kSyncDelay, ChangeKind::kSync},
      {Cause::kSessionsRevoked, ChangeKind::kRevoke}};
  const auto found = kKinds.find(cause);
  return found == kKinds.end() ? ChangeKind::kForceChange : found->second;
}

}  // namespace

EventTime At(std::string_view text) { return *ParseEventTime(text); }

TicketChange Change(std::string_view time, ChangeKind kind, int64_t age_seconds,
                    std::string actor) {
  return {At(time), kind, age_seconds, false, {"operation"}, std::move(actor), {"audit-1"}};
}

Ticket UserTicket(Cause cause) {
  Ticket t;
  t.ticket_id = kSampleTicket;
  t.detector = "user-session-invalid";
  t.tenant_id = kSampleTenant;
  t.user_id = kSampleUser;
  t.user_principal_name = "ada@contoso.example";
  t.cause = cause;
  t.first_event_time = At("2026-11-24T09:00:00Z");
  t.last_event_time = At("2026-11-24T09:18:05Z");
  t.event_count = t.total_event_count = 37;
  t.distinct_users = 1;
  t.codes = {{50132, 30}, {50173, 7}};
  t.apps = {{{"app-1", "Outlook Mobile", 20}, {"app-2", "Teams", 17}}, 2};
  t.countries = {{{"DE", "", 37}}, 1};
  t.ip_addresses = {{{"203.0.113.7", "", 37}}, 1};
  t.evidence = {"record-1", "record-2"};
  if (KindOf(cause) != ChangeKind::kForceChange) {
    t.changes = {Change("2026-11-24T08:46:00Z", KindOf(cause), 840, "admin@contoso.example")};
  }
  return t;
}

Ticket TenantTicket(Cause cause) {
  Ticket t = UserTicket(cause);
  t.scope = GroupBy::kTenant;
  t.detector = "tenant-session-invalid";
  t.user_id.clear();
  t.user_principal_name.clear();
  t.changes.clear();
  t.distinct_users = 34;
  t.users = {{{"id-1", "ada@contoso.example", 9}, {"id-2", "", 8}}, 34};
  t.users_by_cause = {{cause, 20}, {Cause::kUnexplained, 14}};
  t.changes_by_kind = {{ChangeKind::kAdminReset, 40}, {ChangeKind::kRevoke, 2}};
  t.changes_by_actor = {{"admin@contoso.example", "", 38}};
  return t;
}

Ticket MakeTicket(GroupBy scope, Cause cause) {
  return scope == GroupBy::kUser ? UserTicket(cause) : TenantTicket(cause);
}

std::string TicketCaseName(const ::testing::TestParamInfo<TicketCase>& info) {
  const TicketCase& c = info.param;
  std::string name = c.scope == GroupBy::kUser ? "user_" : "tenant_";
  name += CauseName(c.cause);
  for (const FindingName& finding : kFindingNames) {
    if (c.findings.*finding.holds) name += std::string("_") + finding.name;
  }
  return name;
}

std::vector<TicketCase> AllTicketCases() {
  std::vector<TicketCase> cases;
  for (const GroupBy scope : {GroupBy::kUser, GroupBy::kTenant}) {
    for (int cause = 0; cause < kCauseCount; ++cause) {
      for (const bool unfamiliar : {false, true}) {
        for (const bool persistent : {false, true}) {
          cases.push_back({scope, static_cast<Cause>(cause), {unfamiliar, persistent}});
        }
      }
      if (scope == GroupBy::kTenant) continue;
      cases.push_back({scope, static_cast<Cause>(cause), {.session_elsewhere = true}});
      cases.push_back({scope, static_cast<Cause>(cause), {.risk_detected = true}});
      cases.push_back({scope, static_cast<Cause>(cause), {.security_info_changed = true}});
    }
  }
  return cases;
}

}  // namespace signinwatch::words
