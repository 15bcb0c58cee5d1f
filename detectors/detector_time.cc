// Timers, the watermark, and sweeping.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

}  // namespace

void Detector::Impl::AdvanceTo(EventTime watermark, EventTime moment) {
  if (tracks_.any_waits() && moment - settled_at_ >= kSecond) SettleWaiting(moment);
  if (watermark > watermark_) {
    FireTimers(watermark, moment);
    watermark_ = watermark;
    Sweep();
  }
  if (tickets_.next_due() <= moment) tickets_.RunReviews(At(moment));
  ReleaseIdleTenants();
}

void Detector::Impl::Finish(EventTime moment) {
  SettleWaiting(moment);
  while (tracks_.open_sessions() > 0) {
    // The processing clock goes on with the watermark: reviews that are due before come before.
    const EventTime due = NextTimer();
    while (tickets_.next_due() < due) {
      moment = std::max(moment, tickets_.next_due());
      tickets_.RunReviews(At(moment));
    }
    moment = std::max(moment, due);
    FireTimers(due, moment);
  }
  while (tickets_.next_due() != kEndOfTime) {
    moment = std::max(moment, tickets_.next_due());
    tickets_.RunReviews(At(moment));
  }
  watermark_ = kEndOfTime;
  ReleaseIdleTenants();
}

EventTime Detector::Impl::NextTimer() const {
  return std::min(
      {tracks_.next_due(), credentials_.next_due(), risks_.next_due(), audits_.next_due()});
}

void Detector::Impl::FireTimers(EventTime watermark, EventTime moment) {
  for (EventTime due = NextTimer(); due != kEndOfTime && due <= watermark; due = NextTimer()) {
    // One step after another, as if the watermark had come by each.
    watermark_ = std::max(watermark_, due);
    if (tracks_.next_due() == due) {
      if (const auto ref = tracks_.TakeDue()) FireTrack(*ref, moment);
    } else if (credentials_.next_due() == due) {
      PruneLog(RowKind::kCredentials, &credentials_, rules_.credentials_span());
    } else if (risks_.next_due() == due) {
      PruneLog(RowKind::kRisks, &risks_, rules_.risks_span());
    } else {
      PruneLog(RowKind::kAudits, &audits_, rules_.audits_span());
    }
  }
}

void Detector::Impl::FireTrack(const TrackRef& ref, EventTime moment) {
  Track* track = tracks_.Find(ref);
  if (tracks_.Settle(ref, track)) tickets_.Assign(ref, track, At(moment));
  for (size_t i = 0; i < track->sessions.size();) {
    Session& session = *track->sessions[i];
    tickets_.NoteGrace(&session, At(moment));
    if (watermark_ < tracks_.CloseDueOf(ref, session)) {
      ++i;
    } else if (!tickets_.Close(ref, track, i, At(moment))) {
      NoteNearMiss(ref, session);
      tracks_.Close(ref, track, i, std::nullopt);
    }
  }
  tickets_.ForgetPast(rules_[ref.rule].group_by, track, At(moment));
  journal_.MarkTracks(ref.key);
  tracks_.Arm(ref, track);
  tracks_.Tidy(ref.key);
  if (ref.key.is_tenant()) tenants_.MayBeIdle(ref.key.tenant);
}

void Detector::Impl::NoteNearMiss(const TrackRef& ref, const Session& session) {
  const auto peak = tracks_.NearMissOf(ref, session);
  if (!peak) return;
  const BurstRule& rule = rules_[ref.rule];
  NearMiss miss{.detector = rule.name,
                .scope = rule.group_by,
                .tenant_id = std::string(ShownText(tenants_.text(ref.key.tenant))),
                .user = {},
                .events = peak->events,
                .users = peak->users,
                .threshold_events = rule.threshold,
                .threshold_users = rule.min_users,
                .first_event_time = peak->first,
                .last_event_time = peak->last};
  if (const Failure* failure = session.any_failure();
      failure != nullptr && rule.group_by == GroupBy::kUser) {
    std::string_view name = pool_.Get(failure->user_principal_name);
    if (name.empty()) name = pool_.Get(failure->user.text);
    miss.user = std::string(ShownText(name));
  }
  near_misses_.Add(std::move(miss));
}

void Detector::Impl::SettleWaiting(EventTime moment) {
  settled_at_ = moment;
  for (const TrackRef& ref : tracks_.TakeWaiting()) {
    Track* track = tracks_.Find(ref);
    if (track == nullptr) continue;
    const bool moved = tracks_.Settle(ref, track);
    if (std::none_of(track->sessions.begin(), track->sessions.end(),
                     [](const auto& session) { return session->hot(); })) {
      continue;
    }
    tickets_.NoteSettled(ref, track, moved, At(moment));
    tracks_.Arm(ref, track);
    journal_.MarkTracks(ref.key);
  }
}

template <typename Log>
void Detector::Impl::PruneLog(RowKind kind, Log* log, Duration span) {
  const UserKey user = log->TakeDue();
  if (log->Find(user) == nullptr) return;  // evicted
  log->PruneUser(user, watermark_ - span);
  NoteLost(kind, *log, user);
  log->Arm(user, watermark_, kind == RowKind::kCredentials ? span + kChangeSpan : span);
}

template <typename Log>
void Detector::Impl::NoteLost(RowKind kind, const Log& log, const UserKey& user) {
  if (log.Find(user) != nullptr) return journal_.Mark(kind, user);
  journal_.MarkDeleted(kind, tenants_.id(user.tenant), user.user());
  tenants_.MayBeIdle(user.tenant);
}
template void Detector::Impl::NoteLost(RowKind kind, const CredentialLog& log, const UserKey& user);
template void Detector::Impl::NoteLost(RowKind kind, const RiskLog& log, const UserKey& user);
template void Detector::Impl::NoteLost(RowKind kind, const AuditLog& log, const UserKey& user);

// No question that is still to come reaches a day before.
int64_t Detector::Impl::FirstMfaDay() const {
  return DayOf(watermark_ - rules_.session_span()) - config_.correlation.familiar_days;
}

void Detector::Impl::Sweep() {
  dedup_.Sweep(watermark_);
  tickets_.ForgetIds(watermark_);
  mfa_methods_.ForgetBefore(FirstMfaDay());
  users_.Sweep(watermark_,
               [this](const UserKey& key, UserState& state) { return SweepUser(key, state); });
  if (pool_.wants_sweep() || profiles_.wants_sweep()) SweepTexts();
}

UserTable::Visit Detector::Impl::SweepUser(const UserKey& key, UserState& state) {
  const bool has_tracks = state.detail != nullptr && tracks_.Of(key) != nullptr;
  const UserState::Pruned pruned =
      state.Prune(watermark_, rules_, config_.correlation.familiar_days, has_tracks);
  if (pruned.changed) journal_.MarkUser(key);
  if (pruned.is_idle) {
    ForgetUser(key);
    return UserTable::Visit::kErase;
  }
  return pruned.detail_is_idle ? UserTable::Visit::kDropDetail : UserTable::Visit::kKeep;
}

void Detector::Impl::SweepTexts() {
  pool_.BeginSweep();
  profiles_.BeginSweep();
  tracks_.MarkTexts(&pool_, &profiles_);
  profiles_.EndSweep(&pool_);
  credentials_.MarkTexts(&pool_);
  risks_.MarkTexts(&pool_);
  audits_.MarkTexts(&pool_);
  pool_.EndSweep();
}

}  // namespace signinwatch
