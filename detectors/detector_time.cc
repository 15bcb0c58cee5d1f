// Timers, the watermark, and sweeping.
#include <algorithm>
#include <string>
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

constexpr Duration kTick{1};
constexpr Duration kSecond = std::chrono::seconds(1);

}  // namespace

EventTime Detector::Impl::TrackDue(const Track& track, const TrackRef& ref) const {
  EventTime due = kEndOfTime;
  for (const auto& session : track.sessions) {
    const EventTime start = session->hot() ? session->start() : session->first();
    due = std::min(due, CloseDue(config_.rules[ref.rule], config_.time.max_clock_skew, start,
                                 session->last()));
    if (session->hot() && !session->grace_over) {
      due = std::min(due, start + config_.correlation.correlation_grace + kTick);
    }
  }
  for (const PastBurst& burst : track.past) {
    due = std::min(due, burst.end + PastSpan(config_.rules[ref.rule].group_by) + kTick);
  }
  return due;
}

void Detector::Impl::ArmTrack(const TrackRef& ref, Track* track) {
  const EventTime due = TrackDue(*track, ref);
  if (due >= track->timer_due) return;  // the timer that is set looks again when it fires
  track->timer_due = due;
  timers_.push({due, false, ref});
}

void Detector::Impl::ArmCredentials(const UserKey& user) {
  const CredentialLog::History* history = credentials_.Find(user);
  if (history == nullptr) return;
  const EventTime due = history->front().time + credentials_span_ + kChangeSpan;
  timers_.push({std::max(due, watermark_ + kTick), true, {0, user}});
}

void Detector::Impl::FireTrack(const Timer& timer, EventTime moment) {
  const TrackRef& ref = timer.ref;
  Track* track = FindTrack(ref);
  // An earlier timer has taken this one's place, or all that it was for is gone.
  if (track == nullptr || track->timer_due != timer.due) return;
  const BurstRule& rule = config_.rules[ref.rule];
  track->timer_due = kEndOfTime;
  bool assign = false;
  for (const auto& session : track->sessions) {
    assign |= session->Settle(rule, &window_users_);
  }
  if (assign) AssignTickets(ref, track, moment);
  for (size_t i = 0; i < track->sessions.size();) {
    Session& session = *track->sessions[i];
    const EventTime start = session.hot() ? session.start() : session.first();
    if (session.hot() && !session.grace_over &&
        watermark_ > start + config_.correlation.correlation_grace) {
      session.grace_over = true;
      desk_.Touch(session.ticket, moment);
    }
    if (watermark_ >= CloseDue(rule, config_.time.max_clock_skew, start, session.last())) {
      Close(ref, track, i, moment);
    } else {
      ++i;
    }
  }
  ForgetPast(rule.group_by, track, moment);
  MarkTrack(ref);
  ArmTrack(ref, track);
  if (ref.key.form == IdForm::kNone && track->empty()) ReleaseTenant(ref.key.tenant);
}

void Detector::Impl::FireTimers(EventTime watermark, EventTime moment) {
  while (!timers_.empty() && timers_.top().due <= watermark) {
    const Timer timer = timers_.top();
    timers_.pop();
    // One step after another, as if the watermark had come by each.
    watermark_ = std::max(watermark_, timer.due);
    if (timer.credentials) {
      if (credentials_.Find(timer.ref.key) == nullptr) continue;  // evicted
      credentials_.PruneUser(timer.ref.key, watermark_ - credentials_span_);
      if (credentials_.Find(timer.ref.key) != nullptr) {
        MarkCredentials(timer.ref.key);
      } else {
        DeleteCredentialsRow(timer.ref.key);
        ReleaseTenant(timer.ref.key.tenant);
      }
      ArmCredentials(timer.ref.key);
    } else {
      FireTrack(timer, moment);
    }
  }
}

void Detector::Impl::AdvanceTo(EventTime watermark, EventTime moment) {
  if (!pending_.empty() && moment - settled_at_ >= kSecond) SettlePending(moment);
  if (watermark > watermark_) {
    FireTimers(watermark, moment);
    watermark_ = watermark;
    Sweep();
  }
  if (desk_.next_due() <= moment) RunReviews(moment);
}

void Detector::Impl::Finish(EventTime moment) {
  SettlePending(moment);
  while (open_sessions_ > 0) {
    // The processing clock goes on with the watermark: reviews that are due before come before.
    const EventTime due = timers_.top().due;
    while (desk_.next_due() < due) {
      moment = std::max(moment, desk_.next_due());
      RunReviews(moment);
    }
    moment = std::max(moment, due);
    FireTimers(due, moment);
  }
  while (desk_.next_due() != kEndOfTime) {
    moment = std::max(moment, desk_.next_due());
    RunReviews(moment);
  }
  watermark_ = kEndOfTime;
}

void Detector::Impl::Sweep() {
  dedup_.Sweep(watermark_);
  ids_.ForgetBefore(watermark_ - past_span_);
  users_.Sweep(watermark_,
               [this](const UserKey& key, UserState& state) { return SweepUser(key, state); });
  if (pool_.wants_sweep()) SweepTexts();
}

UserTable::Visit Detector::Impl::SweepUser(const UserKey& key, UserState& state) {
  UserDetail* detail = state.detail.get();
  bool changed = false;
  bool drop_detail = false;
  if (detail != nullptr) {
    if (detail->failing_since != kEndOfTime && watermark_ > detail->last_failure + session_span_) {
      detail->failing_since = kEndOfTime;
      changed = true;
    }
    const EventTime kept = watermark_ - kDay - past_span_;
    changed |= detail->bad_passwords.Prune(kept);
    changed |= detail->expired.Prune(kept);
    changed |= std::erase_if(detail->spilled, [&](const SpilledDay& day) {
                 return DayOf(day.first) <
                        DayOf(state.Horizon(watermark_)) - config_.correlation.familiar_days;
               }) > 0;
    drop_detail = detail->failing_since == kEndOfTime && detail->bad_passwords.empty() &&
                  detail->expired.empty() && detail->spilled.empty() && !HasTracks(*detail);
  }
  const EventTime horizon = state.Horizon(watermark_);
  const size_t bytes_before = state.familiar.bytes();
  changed |= state.familiar.Prune(horizon, config_.correlation.familiar_days);
  users_.NoteResized(bytes_before, state);
  const auto stale = std::lower_bound(state.returns.begin(), state.returns.end(), horizon);
  changed |= stale != state.returns.begin();
  state.returns.erase(state.returns.begin(), stale);
  const bool erase =
      (detail == nullptr || drop_detail) && state.familiar.empty() && state.returns.empty();
  if (changed || drop_detail) MarkUser(key);
  if (erase) {
    DeleteUserRow(key);
    --tenants_[key.tenant]->users;
    ReleaseTenant(key.tenant);
    return UserTable::Visit::kErase;
  }
  return drop_detail ? UserTable::Visit::kDropDetail : UserTable::Visit::kKeep;
}

bool Detector::Impl::HasTracks(const UserDetail& detail) {
  return std::any_of(detail.tracks.begin(), detail.tracks.end(),
                     [](const Track& track) { return !track.empty(); });
}

void Detector::Impl::SweepTexts() {
  pool_.BeginSweep();
  const auto mark_tracks = [this](const std::vector<Track>& tracks) {
    for (const Track& track : tracks) {
      for (const auto& session : track.sessions) session->MarkTexts(pool_);
      for (const PastBurst& burst : track.past) {
        for (const TextId name : burst.names) pool_.Mark(name);
      }
    }
  };
  for (const UserKey& key : users_.detailed()) mark_tracks(users_.Find(key)->detail->tracks);
  for (const auto& tenant : tenants_) {
    if (tenant != nullptr) mark_tracks(tenant->tracks);
  }
  credentials_.ForEach([this](const UserKey&, const CredentialLog::History& history) {
    for (const CredentialEvent& event : history) {
      pool_.Mark(event.record_id);
      pool_.Mark(event.operation);
      pool_.Mark(event.actor);
      pool_.Mark(event.user_principal_name);
    }
  });
  pool_.EndSweep();
}

}  // namespace signinwatch
