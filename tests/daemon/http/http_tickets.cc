#include "tests/daemon/http/http_tickets.h"

#include <chrono>

namespace signinwatch::http {

using std::chrono::minutes;

std::string TicketId(uint64_t number) {
  const std::string digits = std::to_string(number);
  return "00000000-0000-5000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

Ticket UserTicketNumber(uint64_t number) {
  Ticket ticket;
  ticket.ticket_id = TicketId(number);
  ticket.revision = 1;
  ticket.detector = "user-session-invalid";
  ticket.tenant_id = "11111111-2222-3333-4444-555555555555";
  ticket.user_id = "aaaaaaaa-0000-0000-0000-" + TicketId(number).substr(24);
  ticket.user_principal_name = "ada" + std::to_string(number) + "@contoso.example";
  ticket.severity = Severity::kLow;
  ticket.cause = Cause::kPasswordResetByAdmin;
  ticket.first_event_time =
      *ParseEventTime("2026-11-24T10:00:00Z") - minutes(static_cast<int64_t>(number));
  ticket.last_event_time = ticket.first_event_time + minutes(9);
  ticket.opened_at = ticket.first_event_time + minutes(5);
  ticket.event_count = ticket.total_event_count = 37;
  ticket.distinct_users = 1;
  ticket.threshold_events = 10;
  ticket.threshold_users = 1;
  ticket.threshold_window = minutes(10);
  ticket.codes = {{50132, 30}, {50173, 7}};
  ticket.apps = {{{"app-1", "Outlook Mobile", 20}, {"", "Teams", 17}}, 2};
  for (Counted& app : ticket.apps.shown) {
    app.first_event_time = ticket.first_event_time;
    app.last_event_time = ticket.last_event_time;
  }
  ticket.ip_addresses = {{{"203.0.113.7", "", 37}}, 1};
  ticket.countries = {{{"DE", "", 37}}, 1};
  ticket.devices = {{{"device-1", "", 3}}, 25};
  ticket.changes = {{ticket.first_event_time - minutes(14),
                     ChangeKind::kAdminReset,
                     840,
                     false,
                     {"Reset password (by admin)"},
                     "admin@contoso.example",
                     {"audit-1"}}};
  ticket.evidence = {"record-1", "record-2"};
  return ticket;
}

Ticket TenantTicketNumber(uint64_t number) {
  Ticket ticket = UserTicketNumber(number);
  ticket.detector = "tenant-session-invalid";
  ticket.scope = GroupBy::kTenant;
  ticket.user_id.clear();
  ticket.user_principal_name.clear();
  ticket.severity = Severity::kMedium;
  ticket.changes.clear();
  ticket.distinct_users = 34;
  ticket.threshold_events = 50;
  ticket.threshold_users = 15;
  ticket.users = {{{"id-1", "ada@contoso.example", 9}, {"", "bo@contoso.example", 8}}, 34};
  ticket.users_by_cause = {{Cause::kPasswordResetByAdmin, 20}, {Cause::kUnexplained, 14}};
  ticket.changes_by_kind = {{ChangeKind::kAdminReset, 40}};
  ticket.changes_by_actor = {{"admin@contoso.example", "", 38}};
  return ticket;
}

Ticket Resolved(Ticket ticket) {
  ++ticket.revision;
  ticket.reason = RevisionReason::kResolved;
  ticket.state = TicketState::kResolved;
  ticket.resolution = Resolution::kReauthenticated;
  ticket.reauthenticated_at = ticket.last_event_time + minutes(2);
  ticket.resolved_at = ticket.last_event_time + minutes(40);
  return ticket;
}

}  // namespace signinwatch::http
