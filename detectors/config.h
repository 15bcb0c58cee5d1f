// What detection can be told (SPEC 12). Plain values with the contract's defaults; reading them
// from YAML, with bounds and error messages, is daemon/config's work.
#ifndef SIGNINWATCH_DETECTORS_CONFIG_H_
#define SIGNINWATCH_DETECTORS_CONFIG_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "parser/event_time.h"

namespace signinwatch {

enum class GroupBy : uint8_t { kUser, kTenant };

// SPEC 5. Sets are sorted vectors without repeats.
struct BurstRule {
  std::string name;
  std::vector<int64_t> codes{50132, 50133, 50173};
  GroupBy group_by = GroupBy::kUser;
  Duration window = std::chrono::minutes(10);
  uint32_t threshold = 10;
  uint32_t min_users = 1;                     // tenant rules only
  Duration quiet = std::chrono::minutes(10);  // never below window
  Duration max_duration = kDay;
  friend bool operator==(const BurstRule&, const BurstRule&) = default;
};

// SPEC 6.1, strongest first: the order of the enumerators is the order of the contract. The last is
// of no change: it is what the table says of operations that are known to complete nothing.
enum class ChangeKind : uint8_t {
  kAdminReset,
  kSelfReset,
  kChange,
  kSync,
  kRevoke,
  kForceChange,
  kIgnore,
};
inline constexpr int kChangeKindCount = 6;                  // without kIgnore
[[nodiscard]] const char* ChangeKindName(ChangeKind kind);  // "admin_reset", ..., "ignore"

struct TimeConfig {
  Duration allowed_lateness = std::chrono::minutes(30);
  Duration max_clock_skew = std::chrono::minutes(5);
  Duration idle_timeout = std::chrono::minutes(1);  // wall time; serve only
  Duration alignment = std::chrono::hours(1);       // serve only
  Duration dedup_horizon = kDay;
};

struct CorrelationConfig {
  Duration lookback = 30 * kDay;
  Duration correlation_grace = std::chrono::minutes(60);
  int familiar_days = 14;  // 1 to 31
  // Which of the three must be unfamiliar for `unfamiliar_source`.
  bool unfamiliar_address = true;
  bool unfamiliar_country = true;
  bool unfamiliar_device = true;
  // Normalised operation name (lower case, no outer blanks, no trailing dots) -> kind. Starts as
  // the table of SPEC 6.1; correlation.operations adds to it or moves a name to another kind.
  std::map<std::string, ChangeKind> operations = DefaultOperations();
  // Beginnings of names, compared without case.
  std::vector<std::string> sync_actors{"Sync_", "ADToAADSyncServiceAccount@"};
  std::vector<std::string> sync_apps{"ConnectSyncProvisioning_"};
  // SPEC 6.5. Names are compared without case; operations as NormalizeOperation has them.
  Duration risk_before = kDay;
  std::vector<std::string> theft_risks = DefaultTheftRisks();
  std::vector<std::string> security_info_operations = DefaultSecurityInfoOperations();

  [[nodiscard]] static std::map<std::string, ChangeKind> DefaultOperations();
  [[nodiscard]] static std::vector<std::string> DefaultTheftRisks();
  [[nodiscard]] static std::vector<std::string> DefaultSecurityInfoOperations();
};

// Lower case (ASCII), without outer blanks and trailing dots and blanks.
[[nodiscard]] std::string NormalizeOperation(std::string_view operation);

struct TicketConfig {
  Duration reopen_within = std::chrono::hours(1);
  Duration persistent_after = std::chrono::hours(4);
  Duration revise_for = kDay;
  Duration revise_risks_for = 3 * kDay;  // beyond a burst's end, by risk events
};

// Bounds of the detectors' containers (SPEC 11). What happens at each is at EvictionPolicy.
struct DetectionLimits {
  size_t tenants = 1'000'000;
  size_t users = 10'000'000;
  size_t failing_users = 2'000'000;  // users with watched failures not long ago
  size_t dedup_ids = 16'000'000;
  size_t session_events = 16'384;  // raw events kept of one session; older ones are folded
  size_t live_events = 8'000'000;  // raw events kept of all sessions
  size_t familiar_sources = 96;    // addresses, countries and devices remembered of one user
  size_t credential_events = 256;  // of one user
  size_t all_credential_events = 4'000'000;
  size_t audit_events = 256;  // of one user, and of one tenant: other audit records that are kept
  size_t all_audit_events = 1'000'000;
  size_t risk_events = 64;  // of one user
  size_t all_risk_events = 1'000'000;
  size_t mfa_methods = 1'000;  // of all users
  size_t tickets = 200'000;    // open, or resolved and still revisable
  size_t ticket_bytes = size_t{512} << 20;
  size_t failure_profiles = 65'536;     // of all failures: combinations of what FailureProfile has
  size_t distinct_values = 100'000;     // of each counted list of one burst
  size_t text_bytes = size_t{1} << 30;  // of all texts kept
  size_t state_bytes = SIZE_MAX;        // of all that is held; limits.memory sets it
  size_t operation_names = 100;         // unknown audit operations counted by name
};

struct DetectionConfig {
  TimeConfig time;
  std::vector<BurstRule> rules = DefaultRules();
  CorrelationConfig correlation;
  TicketConfig tickets;
  DetectionLimits limits;

  [[nodiscard]] static std::vector<BurstRule> DefaultRules();

  // The codes that some rule counts, ascending, each once.
  [[nodiscard]] std::vector<int64_t> CountedCodes() const;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_CONFIG_H_
