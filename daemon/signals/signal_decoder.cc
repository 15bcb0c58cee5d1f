#include <algorithm>
#include <limits>
#include <utility>

#include "daemon/signals/signal_layout.h"
#include "daemon/signals/signal_message.h"
#include "daemon/signals/wire.h"

namespace signinwatch::signals {
namespace {

constexpr size_t kTopicNameMax = 249;
// Fewer bytes no signal, source partition or topic has.
constexpr size_t kSignalBytesMin = 4, kSourceBytesMin = 5, kTopicBytesMin = 3;
constexpr uint64_t kOffsetMax = std::numeric_limits<int64_t>::max() - 1;
constexpr uint64_t kPartitionMax = std::numeric_limits<int32_t>::max();

EventTime TimeOf(uint64_t micros) { return EventTime(Duration(static_cast<int64_t>(micros))); }
constexpr uint64_t kMicrosMax = static_cast<uint64_t>(kEndOfTime.time_since_epoch().count());

// Less, where the sum is beyond every time.
int64_t Sum(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? -1 : sum;
}

std::string_view Name(WireReader* r) {
  const std::string_view name = r->Raw(r->Number(kTopicNameMax));
  if (name.empty()) r->Fail();
  return name;
}

// A number of things that have so many bytes at least.
size_t Count(WireReader* r, size_t most, size_t bytes_min) {
  return r->Number(std::min(most, r->left() / bytes_min));
}

FailureDetail ReadFailure(WireReader* r, ParsedMessage* out) {
  FailureDetail detail;
  const uint64_t choices = r->Number(15);
  detail.conditional_access = static_cast<ConditionalAccessStatus>(choices & 3);
  detail.risk = static_cast<SignInRisk>(choices >> 2);
  for (TextRef* text : {&detail.client, &detail.token_type, &detail.session}) *text = r->Text();
  detail.policies_begin = static_cast<uint32_t>(out->failing_policies.size());
  const size_t policies = Count(r, kFailingPoliciesMax, 1);
  for (size_t i = 0; i < policies; ++i) out->failing_policies.push_back(r->Text());
  detail.policies_end = static_cast<uint32_t>(out->failing_policies.size());
  return detail;
}

AuditDetail ReadAudit(WireReader* r) {
  AuditDetail detail;
  detail.success = r->Number(1) == 1;
  for (TextRef* text :
       {&detail.operation, &detail.actor_user_principal_name, &detail.actor_user_id,
        &detail.actor_app_display_name, &detail.actor_service_principal_name,
        &detail.actor_service_principal_id, &detail.actor_app_id, &detail.target_name}) {
    *text = r->Text();
  }
  return detail;
}

RiskDetail ReadRisk(int64_t event_time, WireReader* r) {
  RiskDetail detail;
  for (TextRef* text : {&detail.type, &detail.level, &detail.state}) *text = r->Text();
  const int64_t updated = Sum(event_time, r->Signed());
  if (updated < 0 || static_cast<uint64_t>(updated) > kMicrosMax) r->Fail();
  detail.last_updated = TimeOf(static_cast<uint64_t>(updated));
  return detail;
}

// The readers of one message of signals, field by field.
class SignalReader {
 public:
  SignalReader(WireReader* r, SignalsMessage* out) : r_(*r), out_(*out) {}

  void Read();

 private:
  void ReadOrigin();
  void ReadSignal();
  void ReadFields(uint64_t has, Signal* signal);
  void ReadId(uint64_t has, Signal* signal);
  void ReadDetail(Signal* signal);
  [[nodiscard]] TextRef TextIf(uint64_t has, uint32_t bit) {
    return (has & bit) != 0 ? r_.PresentText() : TextRef{};
  }

  WireReader& r_;
  SignalsMessage& out_;
  TenantId tenant_;
  TextRef tenant_text_;
  uint64_t next_index_ = 0;
  int64_t last_time_ = 0;
};

void SignalReader::Read() {
  ReadOrigin();
  const size_t count = Count(&r_, kSignalsPerMessageMax, kSignalBytesMin);
  tenant_text_ = r_.PresentText();
  tenant_ = MakeId<TenantId>(r_.View(tenant_text_));
  if (!tenant_.present() || count == 0) r_.Fail();
  for (size_t i = 0; i < count && r_.ok(); ++i) ReadSignal();
  out_.parsed.records = out_.parsed.signals.size();
}

void SignalReader::ReadOrigin() {
  SignalOrigin& origin = out_.origin;
  origin.topic = Name(&r_);
  origin.partition = static_cast<int32_t>(r_.Number(kPartitionMax));
  origin.log = r_.Number();
  origin.offset = static_cast<int64_t>(r_.Number(kOffsetMax));
  const uint64_t broker_time = r_.Number(kMicrosMax);
  out_.broker_time = broker_time == 0 ? kEndOfTime : TimeOf(broker_time - 1);
}

void SignalReader::ReadSignal() {
  Signal signal;
  const uint64_t step = r_.Number(std::numeric_limits<uint32_t>::max());
  const uint64_t index = next_index_ + step;
  if (index > std::numeric_limits<uint32_t>::max()) r_.Fail();
  next_index_ = index + 1;
  const uint64_t head = r_.Number(kHeadAll);
  if ((head & kHeadCategory) >= kCategoryCount) return r_.Fail();
  signal.category = static_cast<Category>(head & kHeadCategory);
  signal.interactive = (head & kHeadInteractive) != 0;
  signal.guest = (head & kHeadGuest) != 0;
  signal.modern_client = (head & kHeadModernClient) != 0;
  const uint64_t has = r_.Number(kHasAll);
  last_time_ = Sum(last_time_, r_.Signed());
  if (!IsReadable(TimeOf(static_cast<uint64_t>(last_time_)))) return r_.Fail();
  signal.event_time = TimeOf(static_cast<uint64_t>(last_time_));
  signal.tenant = tenant_;
  signal.tenant_text = tenant_text_;
  ReadFields(has, &signal);
  ReadDetail(&signal);
  if (!r_.ok()) return;
  out_.parsed.signals.push_back(signal);
  out_.indices.push_back(static_cast<uint32_t>(index));
}

void SignalReader::ReadFields(uint64_t has, Signal* signal) {
  const auto both = [has](uint64_t a, uint64_t b) { return (has & a) != 0 && (has & b) != 0; };
  if (both(kHasAddress4, kHasAddress6) || both(kHasGuidId, kHasTextId) ||
      ((has & kHasUserName) != 0 && (has & kHasUser) == 0) ||
      ((has & kHasCode) != 0 && !signal->is_sign_in())) {
    return r_.Fail();
  }
  if ((has & kHasUser) != 0) {
    signal->user_text = r_.PresentText();
    const std::string_view user = r_.View(signal->user_text);
    signal->user = (has & kHasUserName) != 0 ? MakeNameId(user) : MakeId<UserId>(user);
    if (!signal->user.present()) r_.Fail();
  }
  if ((has & kHasAddress4) != 0) {
    signal->address = {.hi = 0, .lo = uint64_t{0xffff} << 32 | r_.Fixed(4), .present = true};
  }
  if ((has & kHasAddress6) != 0) {
    signal->address.hi = r_.Fixed(8);
    signal->address.lo = r_.Fixed(8);
    signal->address.present = true;
  }
  signal->country = TextIf(has, kHasCountry);
  if (!signal->country.empty()) signal->country_key = HashText64(r_.View(signal->country));
  signal->device_id = TextIf(has, kHasDevice);
  if (!signal->device_id.empty()) signal->device_key = HashText64(r_.View(signal->device_id));
  signal->mfa_method = TextIf(has, kHasMfaMethod);
  if ((has & kHasCode) != 0) {
    signal->code = r_.Signed();
    if (signal->code == 0) r_.Fail();
  }
  ReadId(has, signal);
  signal->user_principal_name = TextIf(has, kHasUserPrincipalName);
  signal->app_id = TextIf(has, kHasAppId);
  signal->app_name = TextIf(has, kHasAppName);
  signal->home_tenant = TextIf(has, kHasHomeTenant);
}

void SignalReader::ReadId(uint64_t has, Signal* signal) {
  if ((has & kHasGuidId) != 0) {
    const uint64_t hi = r_.Fixed(8);
    const uint64_t lo = r_.Fixed(8);
    if (hi == 0 && lo == 0) return r_.Fail();
    signal->id = {hi, lo, IdForm::kGuid};
  }
  if ((has & kHasTextId) != 0) {
    signal->id_text = r_.PresentText();
    signal->id = MakeId<RecordId>(r_.View(signal->id_text));
    if (signal->id.form != IdForm::kText) r_.Fail();
  }
}

void SignalReader::ReadDetail(Signal* signal) {
  ParsedMessage& parsed = out_.parsed;
  if (signal->is_audit()) {
    signal->detail = static_cast<uint32_t>(parsed.audits.size());
    parsed.audits.push_back(ReadAudit(&r_));
  } else if (signal->is_risk_event()) {
    signal->detail = static_cast<uint32_t>(parsed.risks.size());
    parsed.risks.push_back(ReadRisk(last_time_, &r_));
  } else if (!signal->is_success()) {
    signal->detail = static_cast<uint32_t>(parsed.failures.size());
    parsed.failures.push_back(ReadFailure(&r_, &parsed));
  }
}

void ReadWatermarks(WireReader* r, WatermarksMessage* out) {
  out->wall_time = TimeOf(r->Number(kMicrosMax));
  const size_t count = Count(r, kSourcePartitionsMax, kSourceBytesMin);
  for (size_t i = 0; i < count && r->ok(); ++i) {
    SourceWatermark source;
    source.topic = r->View(r->PresentText());
    source.partition = static_cast<int32_t>(r->Number(kPartitionMax));
    const uint64_t flags = r->Number(kSourceAll);
    source.at_end = (flags & kSourceAtEnd) != 0;
    source.idle = (flags & kSourceIdle) != 0;
    source.log = r->Number();
    source.next_offset = static_cast<int64_t>(r->Number(kOffsetMax));
    if ((flags & kSourceHasLast) != 0) {
      const auto offset = static_cast<int64_t>(r->Number(kOffsetMax));
      const auto index = static_cast<uint32_t>(r->Number(std::numeric_limits<uint32_t>::max()));
      source.last_sent = {.log = source.log, .offset = offset, .index = index};
    }
    if ((flags & kSourceHasWatermark) != 0) source.watermark = TimeOf(r->Number(kMicrosMax));
    out->sources.push_back(std::move(source));
  }
}

void ReadSources(WireReader* r, SourcesMessage* out) {
  out->version = r->Number();
  const size_t count = Count(r, kSourcePartitionsMax, kTopicBytesMin);
  int64_t partitions = 0;
  for (size_t i = 0; i < count && r->ok(); ++i) {
    SourceTopic topic;
    topic.topic = Name(r);
    topic.partitions = static_cast<int32_t>(r->Number(kSourcePartitionsMax));
    partitions += topic.partitions;
    out->topics.push_back(std::move(topic));
  }
  if (partitions > static_cast<int64_t>(kSourcePartitionsMax)) r->Fail();
}

}  // namespace

Decoded SignalDecoder::Decode(std::string_view bytes) { return Decode(bytes, &signals_); }

Decoded SignalDecoder::Decode(std::string_view bytes, SignalsMessage* signals) {
  signals->parsed.Clear();
  signals->indices.clear();
  watermarks_.sources.clear();
  sources_.topics.clear();
  text_.clear();
  const bool is_ours = bytes.starts_with(kSignalMagic);
  if (is_ours) bytes.remove_prefix(kSignalMagic.size());
  const bool is_signals = bytes.size() > 1 && bytes[0] == kSignalFormatVersion &&
                          bytes[1] == static_cast<char>(SignalKind::kSignals);
  WireReader r(bytes, is_signals ? &signals->parsed.text : &text_);
  const uint64_t version = r.Number();
  if (!is_ours || !r.ok() || version == 0) return Decoded::kMalformed;
  if (version > kSignalFormatVersion) return Decoded::kNewer;
  Decoded kind = Decoded::kMalformed;
  switch (static_cast<SignalKind>(r.Number(static_cast<uint64_t>(SignalKind::kSources)))) {
    case SignalKind::kSignals:
      SignalReader(&r, signals).Read();
      kind = Decoded::kSignals;
      break;
    case SignalKind::kWatermarks:
      ReadWatermarks(&r, &watermarks_);
      kind = Decoded::kWatermarks;
      break;
    case SignalKind::kSources:
      ReadSources(&r, &sources_);
      kind = Decoded::kSources;
      break;
  }
  return r.ok() && r.left() == 0 ? kind : Decoded::kMalformed;
}

}  // namespace signinwatch::signals
