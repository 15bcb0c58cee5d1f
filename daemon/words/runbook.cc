#include "daemon/words/runbook.h"

#include <algorithm>
#include <iterator>

#include "daemon/words/answers.h"
#include "daemon/words/runbook_fields.h"
#include "daemon/words/runbook_plan.h"

namespace signinwatch::words {
namespace {

constexpr uint64_t kManyUsers = 10;

// Whether the sessions of many users of a tenant were revoked, mostly by no person: people are
// shown by their user principal names, applications by a name without an @.
bool RevokedByApplication(const Ticket& ticket) {
  if (ticket.scope != GroupBy::kTenant) return false;
  const auto revoked = ticket.users_by_cause.find(Cause::kSessionsRevoked);
  const bool many = ticket.cause == Cause::kMixed && revoked != ticket.users_by_cause.end() &&
                    revoked->second >= kManyUsers;
  if (ticket.cause != Cause::kSessionsRevoked && !many) return false;
  return ticket.changes_by_actor.empty() ||
         ticket.changes_by_actor.front().id.find('@') == std::string::npos;
}

}  // namespace

std::vector<RunbookStep> TicketRunbook(const Ticket& ticket) {
  const ScopePlan& scope =
      ticket.scope == GroupBy::kTenant ? TenantRunbookPlan() : UserRunbookPlan();
  const CausePlan& plan = scope.causes[static_cast<size_t>(ticket.cause)];
  const bool persistent = ticket.findings.persistent;
  std::vector<RunbookStep> steps;
  const auto add = [&](const StepText* step) {
    if (step == nullptr) return;
    if (step->answered != nullptr && AnswerTo(step->question, ticket)) step = step->answered;
    steps.push_back({FillStep(step->title, ticket), FillStep(step->detail, ticket)});
  };
  // SPEC 7: contain first where somebody else may hold a session.
  if (ticket.findings.unfamiliar_source && ticket.cause == Cause::kHomeTenant) {
    std::for_each(std::begin(scope.contain_guest), std::end(scope.contain_guest), add);
  } else if (ticket.findings.unfamiliar_source || ticket.cause == Cause::kUnexplained) {
    std::for_each(std::begin(scope.contain), std::end(scope.contain), add);
  } else if (ticket.findings.session_elsewhere || ticket.findings.risk_detected) {
    add(scope.judge);
  }
  if (RevokedByApplication(ticket)) add(scope.revoked_by_app);
  std::for_each(std::begin(plan.clarify), std::end(plan.clarify), add);
  if (persistent) add(scope.persistent);
  std::for_each(std::begin(plan.repair), std::end(plan.repair), add);
  add(persistent ? scope.escalate_persistent : scope.escalate);
  return steps;
}

}  // namespace signinwatch::words
