// Audit records: credential events, and operations that the table lacks.
#include <optional>
#include <string>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

constexpr size_t kOperationNameMax = 256;

}  // namespace

void Detector::Impl::ApplyAudit(const Signal& signal, const ParsedMessage& message,
                                EventTime moment, Outcome* outcome) {
  const AuditDetail& detail = message.audits[signal.detail];
  const std::string operation = NormalizeOperation(message.Text(detail.operation));
  const OperationTable::Actor actor{message.Text(detail.actor_user_principal_name),
                                    message.Text(detail.actor_app_display_name),
                                    message.Text(detail.actor_service_principal_name)};
  const AuditSubject subject = audit_operations_.SubjectOf(operation);
  if (subject != AuditSubject::kNothing && detail.success) {
    ApplyAuditEvent(signal, message, subject, moment);
  }
  const std::optional<OperationTable::Meaning> meaning = operations_.Classify(operation, actor);
  if (!meaning) {
    auto& unknown = counters_.unknown_password_operations;
    if (operation.size() <= kOperationNameMax && operation.find("password") != std::string::npos &&
        (unknown.contains(operation) || unknown.size() < config_.limits.operation_names)) {
      ++unknown[operation];
    }
  }
  if (!meaning || meaning->kind == ChangeKind::kIgnore || !detail.success ||
      !signal.user.present()) {
    NoteLate(signal, outcome);
    return;
  }
  if (IsDuplicate(signal, config_.correlation.lookback)) {
    outcome->duplicate = true;
    ++counters_.duplicates;
    return;
  }
  NoteLate(signal, outcome);
  ++counters_.credential_events[static_cast<size_t>(meaning->kind)];
  AddCredentialEvent(signal, message, *meaning, moment, outcome->late);
}

void Detector::Impl::AddCredentialEvent(const Signal& signal, const ParsedMessage& message,
                                        const OperationTable::Meaning& meaning, EventTime moment,
                                        bool late) {
  if (credentials_.size() >= config_.limits.all_credential_events) {
    (void)EvictFromLog(RowKind::kCredentials);
  }
  const UserKey key(TenantOf(signal.tenant, message.Text(signal.tenant_text)), signal.user);
  CredentialEvent event = MakeCredentialEvent(signal, message, meaning, &pool_);
  if (const UserDetail* detail = users_.FindDetail(key); detail != nullptr && !key.by_name()) {
    event.after_bad_password =
        detail->bad_passwords.CountIn(event.time - kBadPasswordSpan, event.time) > 0;
  }
  const bool first = credentials_.Find(key) == nullptr;
  credentials_.Add(key, event);
  journal_.Mark(RowKind::kCredentials, key);
  if (first) credentials_.Arm(key, watermark_, rules_.credentials_span() + kChangeSpan);
  tickets_.TouchForChange(key, event.user_principal_name, At(moment), late);
}

}  // namespace signinwatch
