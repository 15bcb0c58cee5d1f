#include "detectors/detector.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>
#include <vector>

#include "detectors/detector_impl.h"
#include "detectors/failure.h"

namespace signinwatch {
namespace {

// A failure of an open session, or an empty one.
Failure AnyFailureOf(const TrackTable::Tracks* tracks) {
  if (tracks == nullptr) return {};
  for (const Track& track : *tracks) {
    if (track.sessions.empty()) continue;
    if (const Failure* failure = track.sessions.back()->any_failure()) return *failure;
  }
  return {};
}

std::vector<EventTime> EndsOf(const TrackTable::Tracks* tracks) {
  std::vector<EventTime> ends;
  if (tracks == nullptr) return ends;
  for (const Track& track : *tracks) {
    for (const auto& session : track.sessions) ends.push_back(session->last());
  }
  return ends;
}

}  // namespace

const char* EvictionName(Eviction eviction) {
  switch (eviction) {
    case Eviction::kTenants:
      return "tenants";
    case Eviction::kFailingUsers:
      return "failing_users";
    case Eviction::kTexts:
      return "texts";
    case Eviction::kUsers:
      return "users";
    case Eviction::kDedupIds:
      return "dedup_ids";
    case Eviction::kLiveEvents:
      return "live_events";
    case Eviction::kFamiliarSources:
      return "familiar_sources";
    case Eviction::kCredentialEvents:
      return "credential_events";
    case Eviction::kRiskEvents:
      return "risk_events";
    case Eviction::kAuditEvents:
      return "audit_events";
    case Eviction::kMfaMethods:
      return "mfa_methods";
    case Eviction::kTickets:
      return "tickets";
    case Eviction::kDistinctValues:
      return "distinct_values";
    case Eviction::kFailureProfiles:
      return "failure_profiles";
  }
  return "";
}

Detector::Detector(const DetectionConfig& config) : impl_(std::make_unique<Impl>(config)) {}
Detector::~Detector() = default;
Outcome Detector::Apply(const Signal& signal, const ParsedMessage& message, EventTime moment) {
  return impl_->Apply(signal, message, moment);
}
void Detector::Prefetch(const Signal& signal) { impl_->Prefetch(signal); }
void Detector::AdvanceTo(EventTime watermark, EventTime moment) {
  impl_->AdvanceTo(watermark, moment);
}
void Detector::Finish(EventTime moment) { impl_->Finish(moment); }
std::vector<NearMiss> Detector::TakeNearMisses() { return impl_->TakeNearMisses(); }
std::vector<Ticket> Detector::TakeRevisions() { return impl_->TakeRevisions(); }
void Detector::ForEachTicket(const std::function<void(const Ticket&)>& visit) const {
  impl_->ForEachTicket(visit);
}
EventTime Detector::watermark() const { return impl_->watermark(); }
const DetectorCounters& Detector::counters() const { return impl_->counters(); }
DetectorSizes Detector::sizes() const { return impl_->sizes(); }
void Detector::Save(const std::function<void(StateRow)>& emit) { impl_->Save(emit); }
void Detector::SaveChanges(const std::function<void(StateRow)>& emit) { impl_->SaveChanges(emit); }
bool Detector::Load(const std::function<void(const StateVisitor&)>& rows, EventTime now) {
  return impl_->Load(rows, now);
}
Duration Detector::set_back_from() const { return impl_->set_back_from(); }

Detector::Impl::Impl(const DetectionConfig& config)
    : config_(config),
      operations_(config.correlation),
      audit_operations_(config.correlation),
      rules_(config),
      pool_(std::min(config.limits.text_bytes, TextShare(config.limits.state_bytes))),
      profiles_(config.limits.failure_profiles),
      dedup_(config.limits.dedup_ids),
      tenants_(config.limits.tenants),
      users_(config.limits.users),
      mfa_methods_(config.limits.mfa_methods),
      credentials_(&pool_, config.limits.credential_events),
      risks_(&pool_, config.limits.risk_events),
      audits_(&pool_, config.limits.audit_events),
      tracks_(&config_, &rules_, &pool_, &journal_),
      explainer_(&config_, &pool_, &credentials_, &users_),
      evidence_({.config = &config_,
                 .pool = &pool_,
                 .users = &users_,
                 .credentials = &credentials_,
                 .methods = &mfa_methods_,
                 .risks = &risks_,
                 .audits = &audits_}),
      facts_(&config_, &rules_, &pool_, &profiles_, &users_, &tracks_, &explainer_, &evidence_),
      tickets_({.config = &config_,
                .rules = &rules_,
                .pool = &pool_,
                .users = &users_,
                .explainer = &explainer_,
                .facts = &facts_,
                .tenants = &tenants_,
                .tracks = &tracks_,
                .journal = &journal_}) {}

Outcome Detector::Impl::Apply(const Signal& signal, const ParsedMessage& message,
                              EventTime moment) {
  Outcome outcome;
  if (--room_check_in_ <= 0) MakeRoom(moment);
  bool changes = true;
  if (signal.is_audit()) {
    ApplyAudit(signal, message, moment, &outcome);
  } else if (signal.is_risk_event()) {
    ApplyRisk(signal, message, moment);
  } else {
    changes = ApplySignIn(signal, message, moment, &outcome);
  }
  if (changes && tickets_.next_due() <= moment) tickets_.RunReviews(At(moment));
  if (tenants_.any_may_be_idle()) ReleaseIdleTenants();
  return outcome;
}

bool Detector::Impl::ApplySignIn(const Signal& signal, const ParsedMessage& message,
                                 EventTime moment, Outcome* outcome) {
  const CodeClass* code = rules_.ClassOf(signal.code);
  if (code != nullptr && IsDuplicate(signal, config_.time.dedup_horizon)) {
    outcome->duplicate = true;
    ++counters_.duplicates;
    return false;
  }
  NoteLate(signal, outcome);
  if (code == nullptr && !signal.is_success()) return false;
  const bool watched = code != nullptr && code->rules != 0;
  if (!signal.user.present() && !watched) return false;
  const TenantIndex tenant = TenantOf(signal.tenant, message.Text(signal.tenant_text));
  // Hashed once for all that is looked up by it.
  const Hashed<UserKey> key = users_.Hash(UserKey(tenant, signal.user));
  if (code != nullptr && !RoomForFailure(key.key)) {
    tenants_.MayBeIdle(tenant);
    return false;
  }
  if (signal.user.present()) {
    if (signal.is_success()) ApplySuccess(key, signal, message, moment);
    if (code != nullptr) ApplyFailure(key, signal, *code, moment);
  }
  if (!watched) return true;
  const Failure failure =
      MakeFailure(signal, message, code->index, AnyFailureOf(tracks_.Of(key)), &pool_, &profiles_);
  bool taken = false;
  for (uint64_t rules = code->rules; rules != 0; rules &= rules - 1) {
    const auto rule = static_cast<uint16_t>(std::countr_zero(rules));
    if (rules_[rule].group_by == GroupBy::kTenant) {
      taken |= AddToRule(rule, users_.Hash(UserKey(tenant, UserId())), failure, moment);
    } else if (signal.user.present()) {
      taken |= AddToRule(rule, key, failure, moment);
    }
  }
  if (!taken) {
    outcome->late_dropped = outcome->late;
    counters_.late_dropped += outcome->late ? 1 : 0;
    tenants_.MayBeIdle(tenant);
  }
  return true;
}

void Detector::Impl::ApplySuccess(const Hashed<UserKey>& hashed, const Signal& signal,
                                  const ParsedMessage& message, EventTime moment) {
  const UserKey& key = hashed.key;
  UserState& state = User(hashed);
  const EventTime t = signal.event_time;
  const bool had_detail = state.detail != nullptr;
  bool changed = false;
  // Whoever holds an AD FS server can forge its sign-ins: they make nothing familiar.
  if (signal.category != Category::kAdfsSignIn) {
    const SourceKey sources[] = {AddressSource(signal.address), CountrySource(signal.country_key),
                                 DeviceSource(signal.device_key),
                                 mfa_methods_.Note(message.Text(signal.mfa_method), t)};
    const size_t bytes_before = state.familiar.bytes();
    changed =
        state.NoteSources(sources, t, watermark_, config_, &spill_scratch_, &sources_evicted_);
    users_.NoteResized(bytes_before, state);
  }
  if (!spill_scratch_.empty()) {
    std::vector<SpilledDay>& spilled = Detail(key, state).spilled;
    spilled.insert(spilled.end(), spill_scratch_.begin(), spill_scratch_.end());
    spill_scratch_.clear();
  }
  bool returned = false;
  if (signal.interactive && signal.modern_client) {
    returned = state.NoteReturn(t, watermark_);
    if (state.returns.size() > UserState::kReturnsMax) {
      sources_evicted_ += state.ThinReturns(watermark_, EndsOf(tracks_.Of(key)));
    }
  }
  if (changed || returned) journal_.MarkUser(key);
  if (changed && had_detail) {
    tracks_.ForgetSummaries(key);
    tickets_.TouchUser(key, At(moment));
  }
}

void Detector::Impl::ApplyFailure(const Hashed<UserKey>& hashed, const Signal& signal,
                                  const CodeClass& code, EventTime moment) {
  const UserKey& key = hashed.key;
  UserState& state = User(hashed);
  const EventTime t = signal.event_time;
  Detail(key, state).NoteFailure(code, t);
  journal_.MarkUser(key);
  if (code.bad_password && !key.by_name() && credentials_.NoteBadPassword(key, t)) {
    journal_.Mark(RowKind::kCredentials, key);
    tickets_.TouchForChange(key, 0, At(moment), false);
  }
  if ((code.bad_password || code.expired) && tracks_.Of(key) != nullptr) {
    tickets_.TouchUser(key, At(moment));
    tickets_.TouchTenant(key.tenant, At(moment), BurstTickets::Weight::kSlight);
  }
}

bool Detector::Impl::AddToRule(uint16_t rule, const Hashed<UserKey>& key, const Failure& failure,
                               EventTime moment) {
  const TrackRef ref{rule, key.key};
  Track& track = tracks_.Get(ref, key);
  const TrackUpdate update = tracks_.Add(ref, &track, failure, watermark_);
  if (update.session == nullptr) {
    tracks_.Tidy(ref.key);
    return false;
  }
  tickets_.NoteJoined(&track, update, At(moment));
  const bool moved = tracks_.SettleSome(ref, &track) || update.joined;
  tickets_.NoteFailure(ref, &track, update, failure, moved, At(moment));
  if (update.session->WantsToLetGo(config_.limits.session_events)) {
    (void)tracks_.LetGo(ref, update.session, watermark_, false, UnfamiliarTo(ref.key));
  }
  tracks_.Arm(ref, &track);
  return true;
}

bool Detector::Impl::IsDuplicate(const Signal& signal, Duration horizon) {
  return signal.id.present() &&
         dedup_.SeenBefore(DedupKey(signal), signal.event_time + horizon, watermark_);
}

void Detector::Impl::NoteLate(const Signal& signal, Outcome* outcome) {
  if (signal.event_time >= watermark_) return;
  outcome->late = true;
  outcome->late_by = watermark_ - signal.event_time;
  ++counters_.late;
}

TenantIndex Detector::Impl::TenantOf(const TenantId& id, std::string_view text) {
  const auto known = tenants_.Find(id);
  if (known && !tenants_.text(*known).empty()) return *known;
  TenantIndex index = known.value_or(0);
  if (!known) {
    ReleaseIdleTenants();
    if (tenants_.full()) EvictTenant();
    index = tenants_.Add(id);
    journal_.MarkTenant(index);
  }
  tenants_.text(index) = std::string(text);
  return index;
}

UserState& Detector::Impl::User(const Hashed<UserKey>& key) {
  return users_.Get(key, [this](const UserKey& forgotten) { ForgetUser(forgotten); });
}

UserDetail& Detector::Impl::Detail(const UserKey& key, UserState& state) {
  if (state.detail == nullptr && users_.failing().total() >= config_.limits.failing_users) {
    (void)EvictFailingUser(true);
  }
  return users_.Detail(key, state);
}

void Detector::Impl::ReleaseIdleTenants() {
  tenants_.ReleaseIdle(
      [this](TenantIndex index) {
        return !users_.HasTenant(index) && !tickets_.HasTenant(index) &&
               !credentials_.HasTenant(index) && !risks_.HasTenant(index) &&
               !audits_.HasTenant(index) && tracks_.Of(UserKey(index, UserId())) == nullptr;
      },
      [this](TenantIndex index) {
        journal_.MarkDeleted(RowKind::kTenant, tenants_.id(index), UserId());
      });
}

void Detector::Impl::ForEachTicket(const std::function<void(const Ticket&)>& visit) const {
  tickets_.ForEach([&](TicketNumber, const TicketEntry& entry) {
    if (entry.last.revision > 0) visit(entry.last);
  });
}

const DetectorCounters& Detector::Impl::counters() {
  counters_.bursts_opened = tickets_.bursts_opened();
  uint64_t* evictions = counters_.evictions;
  evictions[static_cast<size_t>(Eviction::kTenants)] = tenants_evicted_;
  evictions[static_cast<size_t>(Eviction::kFailingUsers)] = failing_evicted_;
  evictions[static_cast<size_t>(Eviction::kTexts)] = pool_.evicted();
  evictions[static_cast<size_t>(Eviction::kUsers)] = users_.evicted();
  evictions[static_cast<size_t>(Eviction::kDedupIds)] = dedup_.evicted();
  evictions[static_cast<size_t>(Eviction::kLiveEvents)] = tracks_.evicted();
  evictions[static_cast<size_t>(Eviction::kFamiliarSources)] = sources_evicted_;
  evictions[static_cast<size_t>(Eviction::kCredentialEvents)] = credentials_.evicted();
  evictions[static_cast<size_t>(Eviction::kRiskEvents)] = risks_.evicted();
  evictions[static_cast<size_t>(Eviction::kAuditEvents)] = audits_.evicted();
  evictions[static_cast<size_t>(Eviction::kMfaMethods)] = mfa_methods_.evicted();
  evictions[static_cast<size_t>(Eviction::kTickets)] = tickets_.evicted();
  evictions[static_cast<size_t>(Eviction::kDistinctValues)] = tickets_.values_evicted();
  evictions[static_cast<size_t>(Eviction::kFailureProfiles)] = profiles_.evicted();
  return counters_;
}

DetectorSizes Detector::Impl::sizes() const {
  DetectorSizes sizes;
  sizes.tenants = tenants_.size();
  sizes.users = users_.size();
  sizes.failing_users = users_.failing().total();
  sizes.dedup_ids = dedup_.size();
  sizes.live_events = tracks_.live_events().total();
  sizes.tickets = tickets_.size();
  tickets_.ForEach([&](TicketNumber, const TicketEntry& entry) {
    if (entry.last.state == TicketState::kOpen) ++sizes.open_tickets;
  });
  sizes.bytes = StateBytes();
  return sizes;
}

}  // namespace signinwatch
