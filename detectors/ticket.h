// A ticket as it is sent (SPEC 7), as facts. What it says in words and as JSON is made from these
// where it is committed or printed (daemon/words).
#ifndef SIGNINWATCH_DETECTORS_TICKET_H_
#define SIGNINWATCH_DETECTORS_TICKET_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "detectors/config.h"
#include "detectors/ticket_context.h"
#include "parser/event_time.h"
#include "parser/ids.h"

namespace signinwatch {

enum class TicketState : uint8_t { kOpen, kResolved, kMerged };
enum class Resolution : uint8_t { kNone, kQuiet, kReauthenticated };
enum class Severity : uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };

// SPEC 6.2 and 6.3. kMixed is a tenant's only.
enum class Cause : uint8_t {
  kPasswordChanged,
  kPasswordReset,
  kPasswordResetByAdmin,
  kPasswordSynced,
  kSyncDelay,
  kSessionsRevoked,
  kPasswordExpired,
  kIncorrectPassword,
  kHomeTenant,
  kUnexplained,
  kPending,
  kMixed,
};
inline constexpr int kCauseCount = 12;

// Why a revision was sent.
enum class RevisionReason : uint8_t {
  kOpened,
  kReopened,
  kCauseChanged,
  kFindingsChanged,
  kSeverityChanged,
  kParentChanged,
  kCountDoubled,
  kResolved,
  kMerged,
};

[[nodiscard]] const char* TicketStateName(TicketState state);
[[nodiscard]] const char* ResolutionName(Resolution resolution);  // kNone: nullptr
[[nodiscard]] const char* SeverityName(Severity severity);
[[nodiscard]] const char* CauseName(Cause cause);
[[nodiscard]] const char* RevisionReasonName(RevisionReason reason);

// Of the cause alone, findings aside. Tenant tickets: one above the user's, kMixed is kHigh.
[[nodiscard]] Severity CauseSeverity(Cause cause);

struct Findings {
  bool unfamiliar_source = false;
  bool persistent = false;
  // SPEC 6.5; of user tickets.
  bool session_elsewhere = false;
  bool risk_detected = false;
  bool security_info_changed = false;
  friend bool operator==(const Findings&, const Findings&) = default;
};
// All of them, by their names in the order in which they are listed.
struct FindingName {
  const char* name;
  bool Findings::*holds;
};
inline constexpr FindingName kFindingNames[] = {
    {"unfamiliar_source", &Findings::unfamiliar_source},
    {"persistent", &Findings::persistent},
    {"session_elsewhere", &Findings::session_elsewhere},
    {"risk_detected", &Findings::risk_detected},
    {"security_info_changed", &Findings::security_info_changed},
};

// A counted value; `name` is used by apps and users. Empty id or name: null.
struct Counted {
  std::string id;
  std::string name;
  uint64_t count = 0;
  Cause cause = Cause::kPending;  // of users
  // Of apps: of their failures.
  EventTime first_event_time = kBeginningOfTime;
  EventTime last_event_time = kBeginningOfTime;
  friend bool operator==(const Counted&, const Counted&) = default;
};
// Sorted by count (down), then value; at most kShownMax.
using CountedList = ShownOf<Counted>;

struct TicketChange {
  EventTime time;
  ChangeKind kind;
  int64_t age_seconds = 0;  // burst start less time, cut towards zero
  bool during = false;
  std::vector<std::string> operations;
  std::string actor;  // empty: null
  std::vector<std::string> record_ids;
  friend bool operator==(const TicketChange&, const TicketChange&) = default;
};

struct Ticket {
  std::string ticket_id;
  uint32_t revision = 0;
  RevisionReason reason = RevisionReason::kOpened;
  TicketState state = TicketState::kOpen;
  Resolution resolution = Resolution::kNone;
  std::string detector;
  GroupBy scope = GroupBy::kUser;
  std::string tenant_id;
  std::string user_id;              // empty: null
  std::string user_principal_name;  // empty: null
  Severity severity = Severity::kInfo;
  Cause cause = Cause::kPending;
  Findings findings;
  EventTime first_event_time;
  EventTime last_event_time;
  EventTime opened_at;
  std::optional<EventTime> resolved_at;
  uint64_t event_count = 0;
  uint64_t total_event_count = 0;
  uint64_t distinct_users = 0;
  uint32_t threshold_events = 0;
  uint32_t threshold_users = 0;
  Duration threshold_window{};
  std::map<int64_t, uint64_t> codes;
  CountedList apps;
  CountedList ip_addresses;  // value in Counted::id, for this and the next two
  CountedList countries;
  CountedList devices;
  CountedList users;                               // tenant tickets
  std::map<Cause, uint64_t> users_by_cause;        // tenant tickets
  std::map<ChangeKind, uint64_t> changes_by_kind;  // tenant tickets
  std::vector<Counted> changes_by_actor;           // tenant tickets; value in Counted::id
  std::vector<TicketChange> changes;               // user tickets
  std::vector<ShownId> evidence;
  std::optional<EventTime> reauthenticated_at;
  std::string parent_ticket_id;  // empty: null, as the next two
  std::string continues;
  std::string merged_into;
  uint32_t reopened = 0;
  TicketContext context;
  Timeline timeline;
  // Of the configuration, by which nobody is told; empty: none. Given where the ticket is
  // committed: detection knows of none.
  std::string exception;
  friend bool operator==(const Ticket&, const Ticket&) = default;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TICKET_H_
