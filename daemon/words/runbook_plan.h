// Which steps a ticket's runbook has, in which order. The texts are in runbook_user.cc and
// runbook_tenant.cc, and have %fields% that the ticket fills in (runbook_fields.h).
//
// Places in the Entra admin center and the commands of Graph, Exchange Online and ADSync are named
// as in Microsoft's documentation of 2025 ("Revoke user access in Microsoft Entra ID", "Responding
// to a compromised email account", "Microsoft Entra Connect Sync: Scheduler").
#ifndef SIGNINWATCH_DAEMON_WORDS_RUNBOOK_PLAN_H_
#define SIGNINWATCH_DAEMON_WORDS_RUNBOOK_PLAN_H_

#include <cstddef>
#include <span>

#include "daemon/words/answers.h"
#include "detectors/ticket.h"

namespace signinwatch::words {

struct StepText {
  const char* title;
  const char* detail;
  // Stands in its place where the records answer `question`.
  const StepText* answered = nullptr;
  GuideQuestion question{};
};

// A step of users' and of tenants' runbooks alike.
inline constexpr StepText kClearCache = {
    "If a client still fails, clear its cache",
    "Browser: delete the cookies of login.microsoftonline.com, or try a private window. Stale "
    "cookies bring the old session back. Azure CLI: az logout, az account clear, az login. If "
    "az logout fails, move the folder ~/.azure away first. Azure PowerShell: Clear-AzContext "
    "-Force. Windows: close Office and Teams, and move the folder "
    "$env:LOCALAPPDATA\\Packages\\Microsoft.AAD.BrokerPlugin_cw5n1h2txyewy away. Then sign in "
    "again."};

// Of one cause. Steps that are not used are nullptr, behind those that are.
struct CausePlan {
  Cause cause;
  const StepText* clarify[3];
  const StepText* repair[7];
};

// Of users or of tenants. First what contains, where somebody else may hold a session; then what
// clarifies; where the burst persists, what finds the client; then what repairs.
struct ScopePlan {
  std::span<const CausePlan> causes;  // in the order of Cause
  const StepText* contain[5];
  const StepText* contain_guest[3];  // whose account is another tenant's
  const StepText* revoked_by_app;  // before all others, where no administrator revoked the sessions
  const StepText* judge;  // where a session or Entra points to somebody else, and nothing contains
  const StepText* persistent;
  const StepText* escalate;
  const StepText* escalate_persistent;
};

[[nodiscard]] const ScopePlan& UserRunbookPlan();
[[nodiscard]] const ScopePlan& TenantRunbookPlan();

// For static_assert: one plan of each cause.
[[nodiscard]] constexpr bool OnePlanOfEachCause(std::span<const CausePlan> plans) {
  for (size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].cause != static_cast<Cause>(i)) return false;
  }
  return plans.size() == kCauseCount;
}

}  // namespace signinwatch::words

#endif  // SIGNINWATCH_DAEMON_WORDS_RUNBOOK_PLAN_H_
