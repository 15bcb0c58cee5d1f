#include "daemon/words/example_ticket.h"

#include <chrono>

namespace signinwatch::words {

Ticket ExampleTicket(EventTime now) {
  using std::chrono::minutes;
  Ticket t;
  t.ticket_id = "6f6f4c5e-0000-5000-8000-000000000001";
  t.revision = 1;
  t.detector = "user-session-invalid";
  t.tenant_id = "11111111-2222-3333-4444-555555555555";
  t.user_id = "aaaaaaaa-0000-0000-0000-000000000001";
  t.user_principal_name = "ada@contoso.example";
  t.severity = Severity::kMedium;
  t.cause = Cause::kPasswordResetByAdmin;
  t.findings.persistent = true;
  t.first_event_time = now - minutes(18);
  t.last_event_time = t.opened_at = now;
  t.event_count = 37;
  t.total_event_count = 52;
  t.distinct_users = 1;
  t.threshold_events = 10;
  t.threshold_users = 1;
  t.threshold_window = minutes(10);
  t.codes = {{50132, 30}, {50173, 7}};
  t.apps = {{{"app-1", "Outlook Mobile", 20}, {"app-2", "Microsoft Teams", 17}}, 2};
  t.ip_addresses = {{{"203.0.113.7", "", 37}}, 1};
  t.countries = {{{"DE", "", 37}}, 1};
  t.devices = {{{"device-1", "", 37}}, 1};
  t.changes = {{.time = t.first_event_time - minutes(14),
                .kind = ChangeKind::kAdminReset,
                .age_seconds = 14 * 60,
                .during = false,
                .operations = {"Reset password (by admin)"},
                .actor = "admin@contoso.example",
                .record_ids = {"audit-1"}}};
  t.evidence = {"record-1", "record-2"};
  t.parent_ticket_id = "6f6f4c5e-0000-5000-8000-000000000002";
  t.continues = "6f6f4c5e-0000-5000-8000-000000000003";
  t.reopened = 1;
  return t;
}

}  // namespace signinwatch::words
