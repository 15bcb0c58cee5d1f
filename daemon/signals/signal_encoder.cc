#include "daemon/signals/signal_encoder.h"

#include <algorithm>
#include <utility>

#include "daemon/signals/signal_layout.h"

namespace signinwatch::signals {
namespace {

void PutHead(SignalKind kind, WireWriter* w) {
  w->Raw(kSignalMagic);
  w->Number(kSignalFormatVersion);
  w->Number(static_cast<uint64_t>(kind));
}

void PutName(std::string_view name, WireWriter* w) {
  w->Number(name.size());
  w->Raw(name);
}

uint64_t BitIf(bool it_is, uint64_t bit) { return it_is ? bit : 0; }

uint32_t HasOf(const Signal& signal) {
  uint32_t has = 0;
  const auto note = [&has](bool it_has, SignalHas bit) { has |= it_has ? bit : 0u; };
  note(signal.user.present(), kHasUser);
  note(signal.user.form == IdForm::kName, kHasUserName);
  note(signal.address.is_v4(), kHasAddress4);
  note(signal.address.present && !signal.address.is_v4(), kHasAddress6);
  note(!signal.country.empty(), kHasCountry);
  note(!signal.device_id.empty(), kHasDevice);
  note(!signal.mfa_method.empty(), kHasMfaMethod);
  note(signal.code != 0, kHasCode);
  note(signal.id.form == IdForm::kGuid, kHasGuidId);
  note(signal.id.form == IdForm::kText, kHasTextId);
  note(!signal.user_principal_name.empty(), kHasUserPrincipalName);
  note(!signal.app_id.empty(), kHasAppId);
  note(!signal.app_name.empty(), kHasAppName);
  note(!signal.home_tenant.empty(), kHasHomeTenant);
  return has;
}

void PutFields(const Signal& signal, const ParsedMessage& parsed, uint32_t has, WireWriter* w) {
  const auto text = [&](TextRef ref) {
    if (!ref.empty()) w->Text(parsed.Text(ref));
  };
  if (has & kHasUser) w->Text(parsed.Text(signal.user_text));
  if (has & kHasAddress4) w->Fixed(signal.address.lo, 4);
  if (has & kHasAddress6) {
    w->Fixed(signal.address.hi, 8);
    w->Fixed(signal.address.lo, 8);
  }
  text(signal.country);
  text(signal.device_id);
  text(signal.mfa_method);
  if (has & kHasCode) w->Signed(signal.code);
  if (has & kHasGuidId) {
    w->Fixed(signal.id.hi, 8);
    w->Fixed(signal.id.lo, 8);
  }
  if (has & kHasTextId) w->Text(parsed.Text(signal.id_text));
  text(signal.user_principal_name);
  text(signal.app_id);
  text(signal.app_name);
  text(signal.home_tenant);
}

void PutFailure(const FailureDetail& detail, const ParsedMessage& parsed, WireWriter* w) {
  w->Number(static_cast<uint64_t>(detail.conditional_access) | static_cast<uint64_t>(detail.risk)
                                                                   << 2);
  for (const TextRef ref : {detail.client, detail.token_type, detail.session}) {
    w->Text(parsed.Text(ref));
  }
  const uint32_t end = std::min<uint32_t>(detail.policies_end,
                                          detail.policies_begin + uint32_t{kFailingPoliciesMax});
  w->Number(end - detail.policies_begin);
  for (uint32_t i = detail.policies_begin; i < end; ++i) {
    w->Text(parsed.Text(parsed.failing_policies[i]));
  }
}

void PutAudit(const AuditDetail& detail, const ParsedMessage& parsed, WireWriter* w) {
  w->Number(detail.success ? 1 : 0);
  for (const TextRef ref :
       {detail.operation, detail.actor_user_principal_name, detail.actor_user_id,
        detail.actor_app_display_name, detail.actor_service_principal_name,
        detail.actor_service_principal_id, detail.actor_app_id, detail.target_name}) {
    w->Text(parsed.Text(ref));
  }
}

void PutRisk(const RiskDetail& detail, EventTime event_time, const ParsedMessage& parsed,
             WireWriter* w) {
  for (const TextRef ref : {detail.type, detail.level, detail.state}) w->Text(parsed.Text(ref));
  w->Signed(MicrosOf(detail.last_updated) - MicrosOf(event_time));
}

}  // namespace

Signal SentForm(Signal signal) {
  signal.export_time = kBeginningOfTime;
  signal.correlation_id = {};
  if (!signal.is_success()) return signal;
  signal.id = {};
  signal.id_text = signal.user_principal_name = signal.app_id = signal.app_name =
      signal.home_tenant = {};
  signal.guest = false;
  return signal;
}

void SignalEncoder::Encode(const SignalOrigin& origin, EventTime broker_time,
                           const ParsedMessage& parsed, const Wants& wants,
                           std::vector<EncodedSignals>* out) {
  out->clear();
  SortByTenant(parsed);
  uint32_t index = 0;
  for (size_t tenant = 0; tenant < tenant_count_; ++tenant) {
    const std::vector<uint32_t>& numbers = by_tenant_[tenant];
    const std::string_view name = parsed.Text(parsed.signals[numbers.front()].tenant_text);
    for (const uint32_t number : numbers) {
      const uint32_t at = index++;
      const Signal& signal = parsed.signals[number];
      if (!wants(signal)) continue;
      if (signals_ == 0) Begin(origin, broker_time, name);
      Add(SentForm(signal), parsed, at);
      if (body_.size() >= kSignalMessageBytes || signals_ == kSignalsPerMessageMax) {
        End(origin, name, out);
      }
    }
    if (signals_ > 0) End(origin, name, out);
  }
}

void SignalEncoder::SortByTenant(const ParsedMessage& parsed) {
  tenants_.clear();
  tenant_count_ = 0;
  const TenantId* last = nullptr;
  uint32_t tenant = 0;
  for (uint32_t i = 0; i < parsed.signals.size(); ++i) {
    const Signal& signal = parsed.signals[i];
    if (last == nullptr || signal.tenant != *last) {
      last = &signal.tenant;
      const auto [known, is_new] = tenants_.try_emplace(signal.tenant, tenant_count_);
      tenant = known->second;
      if (is_new && ++tenant_count_ > by_tenant_.size()) by_tenant_.emplace_back();
      if (is_new) by_tenant_[tenant].clear();
    }
    by_tenant_[tenant].push_back(i);
  }
}

void SignalEncoder::Begin(const SignalOrigin& origin, EventTime broker_time,
                          std::string_view tenant) {
  PutHead(SignalKind::kSignals, &head_);
  PutName(origin.topic, &head_);
  head_.Number(static_cast<uint64_t>(origin.partition));
  head_.Number(origin.log);
  head_.Number(static_cast<uint64_t>(origin.offset));
  const int64_t broker = std::max<int64_t>(MicrosOf(broker_time), 0);
  head_.Number(broker_time >= kEndOfTime ? 0 : static_cast<uint64_t>(broker) + 1);
  body_.Text(tenant);
  last_time_ = kBeginningOfTime;
  next_index_ = 0;
}

void SignalEncoder::Add(const Signal& signal, const ParsedMessage& parsed, uint32_t index) {
  body_.Number(index - next_index_);
  next_index_ = index + 1;
  ++signals_;
  body_.Number(static_cast<uint64_t>(signal.category) |
               BitIf(signal.interactive, kHeadInteractive) | BitIf(signal.guest, kHeadGuest) |
               BitIf(signal.modern_client, kHeadModernClient));
  const uint32_t has = HasOf(signal);
  body_.Number(has);
  body_.Signed(MicrosOf(signal.event_time) - MicrosOf(last_time_));
  last_time_ = signal.event_time;
  PutFields(signal, parsed, has, &body_);
  const bool has_detail = signal.detail != kNoDetail;
  if (signal.is_audit()) {
    PutAudit(has_detail ? parsed.audits[signal.detail] : AuditDetail(), parsed, &body_);
  } else if (signal.is_risk_event()) {
    const RiskDetail none{.type = {}, .level = {}, .state = {}, .last_updated = signal.event_time};
    PutRisk(has_detail ? parsed.risks[signal.detail] : none, signal.event_time, parsed, &body_);
  } else if (!signal.is_success()) {
    PutFailure(has_detail ? parsed.failures[signal.detail] : FailureDetail(), parsed, &body_);
  }
}

void SignalEncoder::End(const SignalOrigin& origin, std::string_view tenant,
                        std::vector<EncodedSignals>* out) {
  head_.Number(signals_);
  EncodedSignals message{
      .tenant = std::string(tenant),
      .value = head_.Take(),
      .last = {.log = origin.log, .offset = origin.offset, .index = next_index_ - 1},
      .signals = std::exchange(signals_, 0)};
  message.value += body_.Take();
  out->push_back(std::move(message));
}

std::string EncodeWatermarks(const WatermarksMessage& message) {
  WireWriter w;
  PutHead(SignalKind::kWatermarks, &w);
  w.Number(static_cast<uint64_t>(MicrosOf(message.wall_time)));
  w.Number(message.sources.size());
  for (const SourceWatermark& source : message.sources) {
    w.Text(source.topic);
    w.Number(static_cast<uint64_t>(source.partition));
    w.Number(BitIf(source.at_end, kSourceAtEnd) | BitIf(source.idle, kSourceIdle) |
             BitIf(source.last_sent.has_value(), kSourceHasLast) |
             BitIf(source.watermark > kBeginningOfTime, kSourceHasWatermark));
    w.Number(source.log);
    w.Number(static_cast<uint64_t>(source.next_offset));
    if (source.last_sent) {
      w.Number(static_cast<uint64_t>(source.last_sent->offset));
      w.Number(source.last_sent->index);
    }
    if (source.watermark > kBeginningOfTime) {
      w.Number(static_cast<uint64_t>(MicrosOf(source.watermark)));
    }
  }
  return w.Take();
}

std::string EncodeSources(const SourcesMessage& message) {
  WireWriter w;
  PutHead(SignalKind::kSources, &w);
  w.Number(message.version);
  w.Number(message.topics.size());
  for (const SourceTopic& topic : message.topics) {
    PutName(topic.topic, &w);
    w.Number(static_cast<uint64_t>(topic.partitions));
  }
  return w.Take();
}

}  // namespace signinwatch::signals
