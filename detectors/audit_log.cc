#include "detectors/audit_log.h"

#include <algorithm>
#include <iterator>
#include <tuple>

#include "detectors/audit_record.h"

namespace signinwatch {
namespace {

// SPEC 6.5, `policy_changes`; as NormalizeOperation has them.
constexpr std::string_view kPolicyOperations[] = {"add conditional access policy",
                                                  "update conditional access policy",
                                                  "delete conditional access policy"};

}  // namespace

bool ComesBefore(const AuditEvent& a, const AuditEvent& b, const TextPool& pool) {
  const auto order = [&pool](const AuditEvent& event) {
    return std::tuple(event.time, pool.Get(event.record_id), pool.Get(event.operation),
                      pool.Get(event.actor), pool.Get(event.policy));
  };
  return order(a) < order(b);
}

void MarkTextsOf(const AuditEvent& event, TextPool* pool) {
  for (const TextId text :
       {event.record_id, event.operation, event.actor, event.policy, event.user_principal_name}) {
    pool->Mark(text);
  }
}

AuditOperations::AuditOperations(const CorrelationConfig& config) {
  for (const std::string& operation : config.security_info_operations) {
    security_info_.insert(NormalizeOperation(operation));
  }
}

AuditSubject AuditOperations::SubjectOf(const std::string& operation) const {
  if (security_info_.contains(operation)) return AuditSubject::kSecurityInfo;
  const bool policy = std::find(std::begin(kPolicyOperations), std::end(kPolicyOperations),
                                operation) != std::end(kPolicyOperations);
  return policy ? AuditSubject::kPolicy : AuditSubject::kNothing;
}

AuditOf MakeAuditEvent(const Signal& signal, const ParsedMessage& message, AuditSubject subject,
                       TextPool* pool) {
  const AuditDetail& detail = message.audits[signal.detail];
  AuditOf made{.user = {},
               .event = {.time = signal.event_time,
                         .record_id = InternRecordId(signal, message, pool),
                         .operation = pool->Intern(message.Text(detail.operation)),
                         .actor = InternActor(detail, message, pool)}};
  if (subject == AuditSubject::kPolicy) {
    made.event.policy = pool->Intern(message.Text(detail.target_name));
    return made;
  }
  made.user = signal.user;
  TextRef name = signal.user_principal_name;
  if (!made.user.present()) {
    std::string id(message.Text(detail.actor_user_id));
    LowerAscii(id);
    made.user = MakeId<UserId>(id);
    name = detail.actor_user_principal_name;
  }
  made.event.user_principal_name = InternName(name, message, pool);
  if (!made.user.present()) made.user = MakeNameId(pool->Get(made.event.user_principal_name));
  return made;
}

bool AuditLog::Add(const UserKey& key, const AuditEvent& event) {
  const History* history = event.record_id == 0 ? nullptr : Find(key);
  if (history != nullptr &&
      std::any_of(history->begin(), history->end(), [&event](const AuditEvent& known) {
        return known.record_id == event.record_id;
      })) {
    return false;
  }
  UserLog::Add(key, event);
  return true;
}

}  // namespace signinwatch
