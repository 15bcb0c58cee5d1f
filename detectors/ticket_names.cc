// The words of the ticket's enumerations, and the severity of each cause.
#include <iterator>

#include "detectors/ticket.h"

namespace signinwatch {
namespace {

template <typename Enum, size_t kSize>
constexpr const char* NameOf(const char* const (&names)[kSize], Enum value) {
  return names[static_cast<size_t>(value)];
}

// Each in the order of its enumerators.
constexpr const char* kStateNames[] = {"open", "resolved", "merged"};
constexpr const char* kResolutionNames[] = {nullptr, "quiet", "reauthenticated"};
constexpr const char* kSeverityNames[] = {"info", "low", "medium", "high", "critical"};
constexpr const char* kReasonNames[] = {"opened",           "reopened",         "cause_changed",
                                        "findings_changed", "severity_changed", "parent_changed",
                                        "count_doubled",    "resolved",         "merged"};
static_assert(std::size(kStateNames) == static_cast<size_t>(TicketState::kMerged) + 1);
static_assert(std::size(kResolutionNames) == static_cast<size_t>(Resolution::kReauthenticated) + 1);
static_assert(std::size(kSeverityNames) == static_cast<size_t>(Severity::kCritical) + 1);
static_assert(std::size(kReasonNames) == static_cast<size_t>(RevisionReason::kMerged) + 1);

// SPEC 6.2; `mixed` is SPEC 6.3.
struct CauseWords {
  Cause cause;
  const char* name;
  Severity severity;
};
constexpr CauseWords kCauses[] = {
    {Cause::kPasswordChanged, "password_changed", Severity::kLow},
    {Cause::kPasswordReset, "password_reset", Severity::kLow},
    {Cause::kPasswordResetByAdmin, "password_reset_by_admin", Severity::kLow},
    {Cause::kPasswordSynced, "password_synced", Severity::kLow},
    {Cause::kSyncDelay, "sync_delay", Severity::kMedium},
    {Cause::kSessionsRevoked, "sessions_revoked", Severity::kMedium},
    {Cause::kPasswordExpired, "password_expired", Severity::kMedium},
    {Cause::kIncorrectPassword, "incorrect_password", Severity::kMedium},
    {Cause::kHomeTenant, "home_tenant", Severity::kMedium},
    {Cause::kUnexplained, "unexplained", Severity::kHigh},
    {Cause::kPending, "pending", Severity::kInfo},
    {Cause::kMixed, "mixed", Severity::kHigh},
};

constexpr bool CausesAreInOrder() {
  for (size_t i = 0; i < std::size(kCauses); ++i) {
    if (kCauses[i].cause != static_cast<Cause>(i)) return false;
  }
  return std::size(kCauses) == kCauseCount;
}
static_assert(CausesAreInOrder());

}  // namespace

const char* TicketStateName(TicketState state) { return NameOf(kStateNames, state); }
const char* ResolutionName(Resolution resolution) { return NameOf(kResolutionNames, resolution); }
const char* SeverityName(Severity severity) { return NameOf(kSeverityNames, severity); }
const char* RevisionReasonName(RevisionReason reason) { return NameOf(kReasonNames, reason); }
const char* CauseName(Cause cause) { return kCauses[static_cast<size_t>(cause)].name; }
Severity CauseSeverity(Cause cause) { return kCauses[static_cast<size_t>(cause)].severity; }

}  // namespace signinwatch
