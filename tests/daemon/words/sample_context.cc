#include "tests/daemon/words/sample_context.h"

#include <string_view>

namespace signinwatch::words {
namespace {

EventTime MomentOf(std::string_view text) { return *ParseEventTime(text); }

}  // namespace

TicketContext FullTenantContext() {
  TicketContext context;
  context.conditional_access = {.success = 13,
                                .failure = 2,
                                .not_applied = 3,
                                .unknown = 1,
                                .failing_policies = {{{"Require MFA", 2}, {"Block legacy", 1}}, 2}};
  context.token_types = {{{"refreshToken", 30}, {"primaryRefreshToken", 7}}, 2};
  context.clients = {{{"Mobile Apps and Desktop clients", 36}, {"Browser", 1}}, 2};
  context.policy_changes = {{{.time = MomentOf("2026-11-24T08:50:00Z"),
                              .operation = "Update conditional access policy",
                              .policy = "Require MFA",
                              .actor = "admin@contoso.example",
                              .record_id = "audit-9"}},
                            1};
  context.sync = {.last = MomentOf("2026-11-24T08:58:12.5Z"), .last_24h = 12};
  context.risky_users = 3;
  return context;
}

TicketContext FullUserContext() {
  TicketContext context = FullTenantContext();
  context.risky_users = 0;
  context.mfa = {{{"Mobile app notification", MomentOf("2026-11-23T00:00:00Z")},
                  {"Text message", MomentOf("2026-11-20T00:00:00Z")}},
                 2};
  context.sessions_total = 4;
  context.sessions_elsewhere = {
      {{.session_id = "session-1",
        .places = {{{"203.0.113.0/24", "DE", 30, MomentOf("2026-11-24T09:00:00Z")},
                    {"198.51.100.0/24", "BR", 3, MomentOf("2026-11-24T09:04:00Z")}},
                   2}}},
      1};
  context.sign_in_risk = {34, 0, 1, 2};
  context.risk_events = {
      {{MomentOf("2026-11-24T09:05:00Z"), "anomalousToken", "medium", "atRisk", "r-1"},
       {MomentOf("2026-11-24T09:06:00Z"), "unfamiliarFeatures", "", "", ""}},
      2};
  context.security_info_changes = {{{.time = MomentOf("2026-11-24T08:55:00Z"),
                                     .operation = "User registered security info",
                                     .policy = "",
                                     .actor = "ada@contoso.example",
                                     .record_id = "audit-8"}},
                                   1};
  context.home_tenant_id = "99999999-2222-3333-4444-555555555555";
  return context;
}

}  // namespace signinwatch::words
