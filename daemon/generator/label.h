// What a planted scenario must come to: the side file of `signinwatch generate --labels`.
//
// One JSON object a line, one line for each ticket that must come of a scenario, and one for each
// near miss, of which none must come (its cause is "none"). Fields are those of the ticket (SPEC
// 7), final state, besides `scenario`, `parent` (whether the ticket has a parent_ticket_id) and
// `context`, which says of a user ticket's what LabelToJson writes.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_LABEL_H_
#define SIGNINWATCH_DAEMON_GENERATOR_LABEL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/generator/ticks.h"

namespace signinwatch::generator {

inline constexpr std::string_view kUserDetector = "user-session-invalid";
inline constexpr std::string_view kTenantDetector = "tenant-session-invalid";

struct Label {
  std::string_view scenario;
  std::string_view detector = kUserDetector;  // empty for near misses
  std::string tenant_id;
  std::string user_id;              // empty: null
  std::string user_principal_name;  // empty: null
  std::string_view cause = "none";
  bool unfamiliar_source = false;
  bool persistent = false;
  bool session_elsewhere = false;
  bool risk_detected = false;
  bool security_info_changed = false;
  Ticks first = 0;
  Ticks last = 0;
  uint64_t event_count = 0;
  uint64_t total_event_count = 0;
  std::string_view resolution = "quiet";
  uint32_t reopened = 0;
  bool parent = false;
  // Of a user ticket's `context` (SPEC 6.5).
  std::vector<std::string_view> mfa_methods;  // sorted
  uint64_t blocked = 0;                       // failures by a Conditional Access policy
  uint64_t risk_events = 0;
  uint64_t policy_changes = 0;
  bool guest = false;  // whose home tenant is named
};

// By SPEC 6.2 and 6.3, from the cause, the findings and the scope; empty for near misses.
[[nodiscard]] std::string_view SeverityOf(const Label& label);

// With the line's end.
[[nodiscard]] std::string LabelToJson(const Label& label);

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_LABEL_H_
