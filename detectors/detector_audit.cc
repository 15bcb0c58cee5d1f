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
  const AuditDetail& detail = message.audits[signal.audit];
  const std::string operation = NormalizeOperation(message.Text(detail.operation));
  const OperationTable::Actor actor{message.Text(detail.actor_user_principal_name),
                                    message.Text(detail.actor_app_display_name),
                                    message.Text(detail.actor_service_principal_name)};
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
  if (credentials_.size() >= config_.limits.all_credential_events) EvictCredentialEvent();
  const UserKey key(TenantOf(signal, message), signal.user);
  CredentialEvent event{.time = signal.event_time,
                        .kind = meaning.kind,
                        .sync_stamp = meaning.sync_stamp,
                        .disables = meaning.disables};
  const AuditDetail& detail = message.audits[signal.audit];
  event.operation = pool_.Intern(message.Text(detail.operation));
  event.record_id = signal.id.form == IdForm::kGuid
                        ? pool_.Intern(FormatGuid(signal.id.hi, signal.id.lo))
                        : pool_.Intern(message.Text(signal.id_text));
  event.actor = ActorText(detail, message);
  text_scratch_ = message.Text(signal.user_principal_name);
  LowerAscii(text_scratch_);
  event.user_principal_name = pool_.Intern(text_scratch_);
  if (const UserState* state = users_.Find(key);
      !key.by_name() && state != nullptr && state->detail != nullptr) {
    event.after_bad_password =
        state->detail->bad_passwords.CountIn(event.time - kBadPasswordSpan, event.time) > 0;
  }
  const bool first = credentials_.Find(key) == nullptr;
  credentials_.Add(key, event);
  MarkCredentials(key);
  if (first) ArmCredentials(key);
  TouchForChange(key, event.user_principal_name, moment, late);
}

TextId Detector::Impl::ActorText(const AuditDetail& detail, const ParsedMessage& message) {
  for (const TextRef ref : {detail.actor_user_principal_name, detail.actor_user_id,
                            detail.actor_app_display_name, detail.actor_service_principal_name,
                            detail.actor_service_principal_id, detail.actor_app_id}) {
    if (!ref.empty()) return pool_.Intern(message.Text(ref));
  }
  return 0;
}

}  // namespace signinwatch
