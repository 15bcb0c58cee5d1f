// What tells around bursts beside password changes (SPEC 6.5): other audit records, risk events.
#include "detectors/detector_impl.h"

namespace signinwatch {

void Detector::Impl::ApplyAuditEvent(const Signal& signal, const ParsedMessage& message,
                                     AuditSubject subject, EventTime moment) {
  if (signal.event_time < watermark_ - rules_.audits_span()) return;
  const auto [user, event] = MakeAuditEvent(signal, message, subject, &pool_);
  if (subject == AuditSubject::kSecurityInfo && !user.present()) return;
  if (audits_.size() >= config_.limits.all_audit_events) (void)EvictFromLog(RowKind::kAudits);
  const UserKey key(TenantOf(signal.tenant, message.Text(signal.tenant_text)), user);
  const bool first = audits_.Find(key) == nullptr;
  if (!audits_.Add(key, event)) return;
  journal_.Mark(RowKind::kAudits, key);
  if (first) audits_.Arm(key, watermark_, rules_.audits_span());
  // A policy alone is no finding: it is told with what is sent next.
  if (!key.is_tenant()) {
    tickets_.TouchForSecurityInfo(key, event.user_principal_name, At(moment));
  }
}

void Detector::Impl::ApplyRisk(const Signal& signal, const ParsedMessage& message,
                               EventTime moment) {
  if (!signal.user.present() || signal.event_time < watermark_ - rules_.risks_span()) return;
  if (risks_.size() >= config_.limits.all_risk_events) (void)EvictFromLog(RowKind::kRisks);
  const UserKey key(TenantOf(signal.tenant, message.Text(signal.tenant_text)), signal.user);
  const bool first = risks_.Find(key) == nullptr;
  if (!risks_.Add(key, MakeRiskEntry(signal, message, &pool_))) return;
  journal_.Mark(RowKind::kRisks, key);
  if (first) risks_.Arm(key, watermark_, rules_.risks_span());
  tickets_.TouchForRisk(key, At(moment));
}

}  // namespace signinwatch
