// The guide's questions, answered by the records (SPEC 6.5): `context` of a ticket, as facts.
//
// A function of the set of records, as everything of a ticket. s and e are the burst's start and
// end; "failures" are those of the burst.
#ifndef SIGNINWATCH_DETECTORS_TICKET_CONTEXT_H_
#define SIGNINWATCH_DETECTORS_TICKET_CONTEXT_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "parser/event_time.h"
#include "parser/signal.h"

namespace signinwatch {

inline constexpr size_t kShownMax = 20;

// A list of a ticket: what is shown of it, at most kShownMax, and how many there are.
template <typename T>
struct ShownOf {
  std::vector<T> shown;
  uint64_t total = 0;
  friend bool operator==(const ShownOf&, const ShownOf&) = default;
};

// How often a text occurs. Sorted by count (down), then text.
struct TextCount {
  std::string value;
  uint64_t count = 0;
  friend bool operator==(const TextCount&, const TextCount&) = default;
};

// By which the user passed MFA on the `familiar_days` UTC days before the day of s.
struct MfaMethod {
  std::string value;
  EventTime last_day;  // the beginning of the latest such day
  friend bool operator==(const MfaMethod&, const MfaMethod&) = default;
};

// Failures by what Conditional Access said of them.
struct ConditionalAccessContext {
  uint64_t success = 0;
  uint64_t failure = 0;
  uint64_t not_applied = 0;
  uint64_t unknown = 0;
  ShownOf<TextCount> failing_policies;
  friend bool operator==(const ConditionalAccessContext&,
                         const ConditionalAccessContext&) = default;
};

// A session of which failures came from two sources that differ in network and in country.
struct SessionPlace {
  std::string network;  // "203.0.113.0/24"
  std::string country;
  uint64_t count = 0;
  EventTime first_event_time;
  friend bool operator==(const SessionPlace&, const SessionPlace&) = default;
};
struct SessionElsewhere {
  std::string session_id;
  ShownOf<SessionPlace> places;  // by first time, network, country; the first are shown
  friend bool operator==(const SessionElsewhere&, const SessionElsewhere&) = default;
};

struct RiskEvent {
  EventTime time;
  std::string type;
  std::string level;  // empty: null, as state and id
  std::string state;
  std::string id;
  friend bool operator==(const RiskEvent&, const RiskEvent&) = default;
};

// An audit record that changes nothing of a password: of security info, or of a policy.
struct AuditChange {
  EventTime time;
  std::string operation;
  std::string policy;     // of policy changes: displayName of the first target; empty: null
  std::string actor;      // as TicketChange::actor
  std::string record_id;  // empty: null
  friend bool operator==(const AuditChange&, const AuditChange&) = default;
};

// Credential events of kind `sync` of the tenant's users in [s - 24 h, e].
struct SyncContext {
  std::optional<EventTime> last;
  uint64_t last_24h = 0;
  friend bool operator==(const SyncContext&, const SyncContext&) = default;
};

// Of a tenant's ticket: conditional_access, token_types, clients, sync, policy_changes over all its
// failures, and risky_users; the rest is a user's.
struct TicketContext {
  ShownOf<MfaMethod> mfa;  // the latest day first, then by value; empty: MFA was not seen
  ConditionalAccessContext conditional_access;
  ShownOf<TextCount> token_types;
  ShownOf<TextCount> clients;
  uint64_t sessions_total = 0;                   // distinct sessionIds of the failures
  ShownOf<SessionElsewhere> sessions_elsewhere;  // by id
  std::array<uint64_t, 4> sign_in_risk{};        // failures by SignInRisk; kNone is not shown
  ShownOf<RiskEvent> risk_events;                // by time, then id; the latest are shown
  ShownOf<AuditChange> security_info_changes;    // by time, then id; the latest are shown
  ShownOf<AuditChange> policy_changes;           // likewise; where a policy failed
  SyncContext sync;
  std::string home_tenant_id;  // of a guest; empty: null
  uint64_t risky_users = 0;    // with a failure of sign-in risk medium or high
  friend bool operator==(const TicketContext&, const TicketContext&) = default;
};

// The failures of the burst by time: counts[i] are those in [start + i * step, start + (i + 1) *
// step). An addition to SPEC 7, for drawing.
struct Timeline {
  static constexpr size_t kCountsMax = 60;

  EventTime start = kBeginningOfTime;  // a whole minute
  // The least of 1 min, 5 min, 15 min, 1 h, 2 h, 4 h, ... by which kCountsMax counts are enough.
  std::chrono::seconds step{60};
  std::vector<uint64_t> counts;
  friend bool operator==(const Timeline&, const Timeline&) = default;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TICKET_CONTEXT_H_
