#include "detectors/detector.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

constexpr Duration kClosingSlack = std::chrono::minutes(10);
constexpr int64_t kBadPassword = 50126;
constexpr int64_t kExpiredCodes[] = {50055, 50144};
constexpr Duration kBadPasswordBucket = std::chrono::minutes(30);
constexpr size_t kBadPasswordKeep = 5;
constexpr Duration kExpiredBucket = std::chrono::hours(1);
constexpr size_t kReturnsMax = 64;
constexpr size_t kWatchingRulesMax = 64;  // the bits of CodeClass::rules

}  // namespace

Hash128 Detector::Impl::DedupKey(const Signal& signal) {
  struct {
    uint64_t tenant_hi, tenant_lo, id_hi, id_lo;
    uint64_t rest;
  } bytes{signal.tenant.hi, signal.tenant.lo, signal.id.hi, signal.id.lo,
          uint64_t(signal.category) << 16 | uint64_t(signal.tenant.form) << 8 |
              uint64_t(signal.id.form)};
  return HashText128({reinterpret_cast<const char*>(&bytes), sizeof(bytes)});
}

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
    case Eviction::kTickets:
      return "tickets";
    case Eviction::kDistinctValues:
      return "distinct_values";
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
      pool_(std::min(config.limits.text_bytes, TextShare(config.limits.state_bytes))),
      dedup_(config.limits.dedup_ids),
      users_(config.limits.users),
      credentials_(&pool_, config.limits.credential_events),
      desk_(config.limits.tickets, config.limits.ticket_bytes),
      ids_(kIdsMin + kIdsPerTicket * config.limits.tickets),
      explainer_(&config_, &pool_, &credentials_, &users_) {
  codes_ = {kBadPassword, kExpiredCodes[0], kExpiredCodes[1]};
  for (const BurstRule& rule : config_.rules) {
    codes_.insert(codes_.end(), rule.codes.begin(), rule.codes.end());
    AddRule(rule);
  }
  std::sort(codes_.begin(), codes_.end());
  codes_.erase(std::unique(codes_.begin(), codes_.end()), codes_.end());
  for (const int64_t code : codes_) {
    CodeClass code_class{.rules = 0,
                         .index = static_cast<uint16_t>(code_classes_.size()),
                         .bad_password = code == kBadPassword,
                         .expired = code == kExpiredCodes[0] || code == kExpiredCodes[1]};
    for (size_t i = 0; i < config_.rules.size(); ++i) {
      const std::vector<int64_t>& codes = config_.rules[i].codes;
      if (std::find(codes.begin(), codes.end(), code) != codes.end()) {
        code_class.rules |= uint64_t{1} << i;
      }
    }
    code_classes_.push_back(code_class);
  }
  SetSpans();
}

void Detector::Impl::AddRule(const BurstRule& rule) {
  slot_.push_back(rule.group_by == GroupBy::kUser ? user_rules_++ : tenant_rules_++);
}

void Detector::Impl::SetSpans() {
  for (const BurstRule& rule : config_.rules) {
    session_span_ = std::max(session_span_, rule.max_duration + rule.quiet +
                                                config_.time.max_clock_skew + kClosingSlack);
  }
  past_span_ =
      std::max({config_.tickets.reopen_within, config_.tickets.revise_for, kDay}) + session_span_;
  credentials_span_ = std::max(config_.correlation.lookback, kDay) + past_span_;
}

// ---------------------------------------------------------------------------------------- records

Outcome Detector::Impl::Apply(const Signal& signal, const ParsedMessage& message,
                              EventTime moment) {
  Outcome outcome;
  if (--room_check_in_ <= 0) MakeRoom(moment);
  if (signal.is_audit()) {
    ApplyAudit(signal, message, moment, &outcome);
  } else {
    const CodeClass* code = ClassOf(signal.code);
    if (code != nullptr && IsDuplicate(signal, config_.time.dedup_horizon)) {
      outcome.duplicate = true;
      ++counters_.duplicates;
      return outcome;
    }
    NoteLate(signal, &outcome);
    if (code == nullptr && !signal.is_success()) return outcome;
    if (!signal.user.present() && (code == nullptr || code->rules == 0)) return outcome;
    const TenantIndex tenant = TenantOf(signal, message);
    const UserKey key(tenant, signal.user);
    if (code != nullptr && !RoomForFailure(key)) {
      ReleaseTenant(tenant);
      return outcome;
    }
    if (signal.user.present()) {
      if (signal.is_success()) ApplySuccess(key, signal, moment);
      if (code != nullptr) ApplyFailure(key, signal, *code, moment);
    }
    if (code != nullptr && code->rules != 0) {
      const Failure failure = MakeFailure(signal, message, code->index, AnyFailureOf(key));
      bool taken = false;
      for (size_t i = 0; i < std::min(config_.rules.size(), kWatchingRulesMax); ++i) {
        if ((code->rules >> i & 1) == 0) continue;
        if (config_.rules[i].group_by == GroupBy::kTenant) {
          taken |= AddToRule(i, UserKey(tenant, UserId()), failure, moment);
        } else if (signal.user.present()) {
          taken |= AddToRule(i, key, failure, moment);
        }
      }
      if (!taken) {
        outcome.late_dropped = outcome.late;
        counters_.late_dropped += outcome.late ? 1 : 0;
        ReleaseTenant(tenant);
      }
    }
  }
  if (desk_.next_due() <= moment) RunReviews(moment);
  return outcome;
}

const Detector::Impl::CodeClass* Detector::Impl::ClassOf(int64_t code) const {
  // A handful of codes; nearly all records are successes and fail the first comparison.
  const auto end = codes_.begin() + static_cast<ptrdiff_t>(code_classes_.size());
  if (code < codes_.front() || code > *(end - 1)) return nullptr;
  const auto found = std::lower_bound(codes_.begin(), end, code);
  return *found == code ? &code_classes_[static_cast<size_t>(found - codes_.begin())] : nullptr;
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

TenantIndex Detector::Impl::TenantOf(const Signal& signal, const ParsedMessage& message) {
  if (signal.tenant == last_tenant_) return last_tenant_index_;
  return TenantById(signal.tenant, message.Text(signal.tenant_text));
}

TenantIndex Detector::Impl::TenantById(const TenantId& id, std::string_view text) {
  auto found = tenant_index_.find(id);
  if (found == tenant_index_.end()) {
    if (tenant_index_.size() >= config_.limits.tenants) EvictTenant();
    found = tenant_index_.emplace(id, NewTenant(id)).first;
  }
  Tenant& tenant = *tenants_[found->second];
  if (tenant.text.empty()) tenant.text = std::string(text);
  last_tenant_ = id;
  last_tenant_index_ = found->second;
  return found->second;
}

TenantIndex Detector::Impl::NewTenant(const TenantId& id) {
  TenantIndex index = static_cast<TenantIndex>(tenants_.size());
  if (free_tenants_.empty()) {
    tenants_.emplace_back();
  } else {
    index = free_tenants_.back();
    free_tenants_.pop_back();
  }
  tenants_[index] = std::make_unique<Tenant>();
  Tenant& tenant = *tenants_[index];
  tenant.id = id;
  tenant.serial = ++tenant_serial_;
  tenant.tracks.resize(tenant_rules_);
  if (tenant_order_.size() > 2 * tenant_index_.size() + 1024) {
    std::erase_if(tenant_order_, [this](const auto& entry) { return !IsTenant(entry); });
  }
  tenant_order_.emplace_back(index, tenant.serial);
  MarkTenant(index);
  return index;
}

bool Detector::Impl::HoldsTracksAlone(TenantIndex index) const {
  const Tenant& tenant = *tenants_[index];
  return tenant.users == 0 && tenant.tickets == 0 && !credentials_.HasTenant(index);
}

// A tenant of which nothing is held any more gives its number back.
void Detector::Impl::ReleaseTenant(TenantIndex index) {
  if (!HoldsTracksAlone(index)) return;
  Tenant& tenant = *tenants_[index];
  for (const Track& track : tenant.tracks) {
    if (!track.empty()) return;
  }
  if (journaling_) {
    EmitTenant(index, [this](StateRow row) { deleted_rows_.push_back({std::move(row.key), {}}); });
    changed_tenants_.erase(index);
  }
  if (last_tenant_ == tenant.id) last_tenant_ = {};
  tenant_index_.erase(tenant.id);
  tenants_[index].reset();
  free_tenants_.push_back(index);
}

UserState& Detector::Impl::User(const UserKey& key) {
  const size_t before = users_.size();
  std::optional<TenantIndex> lost_one;
  const auto forgotten = [&](const UserKey& user) {
    lost_one = user.tenant;
    DeleteUserRow(user);
    --tenants_[user.tenant]->users;
  };
  UserState& state =
      users_.Get(key, forgotten, [this](TenantIndex tenant) { return tenants_[tenant]->users; });
  if (users_.size() > before || lost_one) ++tenants_[key.tenant]->users;
  if (lost_one) ReleaseTenant(*lost_one);
  return state;
}

void Detector::Impl::ApplySuccess(const UserKey& key, const Signal& signal, EventTime moment) {
  UserState& state = User(key);
  const EventTime t = signal.event_time;
  UserDetail* detail = state.detail.get();
  const EventTime horizon = state.Horizon(watermark_);
  std::vector<SpilledDay>* spilled = detail == nullptr ? &spill_scratch_ : &detail->spilled;
  bool changed = false;
  const size_t bytes_before = state.familiar.bytes();
  for (const SourceKey source : {AddressSource(signal.address), CountrySource(signal.country_key),
                                 DeviceSource(signal.device_key)}) {
    // Whoever holds an AD FS server can forge its sign-ins: they make nothing familiar.
    if (signal.category == Category::kAdfsSignIn) break;
    changed |= state.familiar.Note(source, t, horizon, config_.correlation.familiar_days,
                                   config_.limits.familiar_sources, spilled, &sources_evicted_);
  }
  users_.NoteResized(bytes_before, state);
  if (!spill_scratch_.empty()) {
    UserDetail& made = Detail(key, state);
    made.spilled.insert(made.spilled.end(), spill_scratch_.begin(), spill_scratch_.end());
    spill_scratch_.clear();
  }
  bool returned = false;
  if (signal.interactive && signal.modern_client) returned = AddReturn(state, t);
  if (changed || returned) MarkUser(key);
  if (changed && detail != nullptr && HasTracks(*detail)) TouchUserBursts(key, moment);
}

// Keeps the times that a failure to come, or a session that is open, can still ask for.
bool Detector::Impl::AddReturn(UserState& state, EventTime t) {
  const EventTime from = state.Horizon(watermark_);
  auto& returns = state.returns;
  const size_t before = returns.size();
  returns.erase(returns.begin(), std::lower_bound(returns.begin(), returns.end(), from));
  bool changed = returns.size() != before;
  if (t < from) return changed;
  const auto place = std::lower_bound(returns.begin(), returns.end(), t);
  if (place != returns.end() && *place == t) return changed;
  returns.insert(place, t);
  if (returns.size() > kReturnsMax) ThinReturns(state);
  return true;
}

// Of the times that the watermark has passed, a burst of the user can only ask for the earliest at
// or after its last failure (which stays, or becomes later than the watermark), and a tenant's
// burst for the latest. Should all be later than the watermark, the middle ones go: that many
// interactive sign-ins of one user within the lateness are no person's.
void Detector::Impl::ThinReturns(UserState& state) {
  auto& returns = state.returns;
  absl::InlinedVector<EventTime, 2> kept;
  const auto passed = std::lower_bound(returns.begin(), returns.end(), watermark_);
  if (state.detail != nullptr) {
    for (const Track& track : state.detail->tracks) {
      for (const auto& session : track.sessions) {
        const auto first = std::lower_bound(returns.begin(), passed, session->last());
        if (first != passed) kept.push_back(*first);
      }
    }
  }
  if (passed != returns.begin()) kept.push_back(*(passed - 1));
  kept.insert(kept.end(), passed, returns.end());
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  while (kept.size() > kReturnsMax) {
    kept.erase(kept.begin() + kReturnsMax / 2);
    ++sources_evicted_;
  }
  returns = std::move(kept);
}

void Detector::Impl::ApplyFailure(const UserKey& key, const Signal& signal, const CodeClass& code,
                                  EventTime moment) {
  UserState& state = User(key);
  UserDetail& detail = Detail(key, state);
  const EventTime t = signal.event_time;
  MarkUser(key);
  if (code.bad_password) {
    (void)detail.bad_passwords.Add(t, kBadPasswordBucket, kBadPasswordKeep);
    if (!key.by_name() && credentials_.NoteBadPassword(key, t)) {
      MarkCredentials(key);
      TouchForChange(key, 0, moment, false);
    }
  }
  if (code.expired) (void)detail.expired.Add(t, kExpiredBucket, 1);
  if (code.rules != 0) {
    detail.failing_since = std::min(detail.failing_since, t);
    detail.last_failure = std::max(detail.last_failure, t);
  }
  if ((code.bad_password || code.expired) && HasTracks(detail)) {
    TouchUserBursts(key, moment);
    TouchTenantBursts(key.tenant, moment, TicketDesk::Weight::kSlight);
  }
}

Failure Detector::Impl::AnyFailureOf(const UserKey& user) const {
  const UserState* state = users_.Find(user);
  if (state == nullptr || state->detail == nullptr) return {};
  for (const Track& track : state->detail->tracks) {
    if (track.sessions.empty()) continue;
    if (const Failure* failure = track.sessions.back()->any_failure()) return *failure;
  }
  return {};
}

Failure Detector::Impl::MakeFailure(const Signal& signal, const ParsedMessage& message,
                                    uint16_t code_index, const Failure& like) {
  const auto text = [&](TextRef ref, TextId guess = 0) {
    return pool_.Intern(message.Text(ref), guess);
  };
  Failure failure;
  failure.time = signal.event_time;
  if (signal.id.form == IdForm::kGuid) {
    failure.id = {signal.id.hi, signal.id.lo, 0};
  } else if (signal.id.present()) {
    failure.id = {0, 0, text(signal.id_text)};
  }
  failure.address_hi = signal.address.hi;
  failure.address_lo = signal.address.lo;
  failure.has_address = signal.address.present;
  if (signal.user.present()) {
    failure.user = {text(signal.user_text, like.user.text), signal.user.form == IdForm::kName};
  }
  failure.user_principal_name = text(signal.user_principal_name, like.user_principal_name);
  failure.app_id = text(signal.app_id, like.app_id);
  failure.app_name = text(signal.app_name, like.app_name);
  failure.device = text(signal.device_id, like.device);
  failure.country = text(signal.country, like.country);
  failure.code_index = code_index;
  failure.guest = signal.guest;
  return failure;
}

const DetectorCounters& Detector::Impl::counters() {
  uint64_t* evictions = counters_.evictions;
  evictions[static_cast<size_t>(Eviction::kTenants)] = tenants_evicted_;
  evictions[static_cast<size_t>(Eviction::kFailingUsers)] = failing_evicted_;
  evictions[static_cast<size_t>(Eviction::kTexts)] = pool_.evicted();
  evictions[static_cast<size_t>(Eviction::kUsers)] = users_.evicted();
  evictions[static_cast<size_t>(Eviction::kDedupIds)] = dedup_.evicted();
  evictions[static_cast<size_t>(Eviction::kLiveEvents)] = live_evicted_;
  evictions[static_cast<size_t>(Eviction::kFamiliarSources)] = sources_evicted_;
  evictions[static_cast<size_t>(Eviction::kCredentialEvents)] = credentials_.evicted();
  evictions[static_cast<size_t>(Eviction::kTickets)] = desk_.evicted() + ids_.evicted();
  evictions[static_cast<size_t>(Eviction::kDistinctValues)] = values_evicted_;
  return counters_;
}

DetectorSizes Detector::Impl::sizes() const {
  DetectorSizes sizes;
  sizes.tenants = tenant_index_.size();
  sizes.users = users_.size();
  sizes.failing_users = users_.detailed().size();
  sizes.dedup_ids = dedup_.size();
  sizes.live_events = live_events_.total();
  sizes.tickets = desk_.size();
  desk_.ForEach([&](TicketNumber, const TicketEntry& entry) {
    if (entry.last.state == TicketState::kOpen) ++sizes.open_tickets;
  });
  sizes.bytes = StateBytes();
  return sizes;
}

}  // namespace signinwatch
