// Failures to sessions.
#include <algorithm>
#include <memory>
#include <utility>

#include "detectors/detector_impl.h"

namespace signinwatch {
namespace {

// What of a failure can change a burst's findings or cause: where it came from, under which name,
// and whether as a guest.
uint64_t FingerprintOf(const Failure& failure) {
  uint64_t hash = failure.address().FamiliarNetwork();
  for (const uint64_t part : {uint64_t{failure.country}, uint64_t{failure.device},
                              uint64_t{failure.user_principal_name} << 1 | failure.guest}) {
    hash = (hash ^ part) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  }
  return hash;
}

}  // namespace

Track* Detector::Impl::FindTrack(const TrackRef& ref) {
  const size_t slot = slot_[ref.rule];
  if (ref.key.form == IdForm::kNone) {
    Tenant* tenant = tenants_[ref.key.tenant].get();
    return tenant == nullptr ? nullptr : &tenant->tracks[slot];
  }
  UserState* state = users_.Find(ref.key);
  if (state == nullptr || state->detail == nullptr || state->detail->tracks.empty()) {
    return nullptr;
  }
  return &state->detail->tracks[slot];
}

Track& Detector::Impl::GetTrack(const TrackRef& ref) {
  const size_t slot = slot_[ref.rule];
  if (ref.key.form == IdForm::kNone) return tenants_[ref.key.tenant]->tracks[slot];
  UserDetail& detail = Detail(ref.key, User(ref.key));
  if (detail.tracks.empty()) detail.tracks.resize(user_rules_);
  return detail.tracks[slot];
}

bool Detector::Impl::AddToRule(size_t rule, const UserKey& key, const Failure& failure,
                               EventTime moment) {
  const TrackRef ref{static_cast<uint16_t>(rule), key};
  Track& track = GetTrack(ref);
  const size_t sessions = track.sessions.size();
  const TrackUpdate update = AddToTrack(&track, failure, config_.rules[rule],
                                        config_.time.max_clock_skew, watermark_, &window_users_);
  open_sessions_ += track.sessions.size() - sessions;
  if (update.session == nullptr) return false;
  live_events_.Add(key.tenant, 1);
  MarkTrack(ref);
  AfterAddition(ref, &track, update, failure, moment);
  return true;
}

void Detector::Impl::AfterAddition(const TrackRef& ref, Track* track, const TrackUpdate& update,
                                   const Failure& failure, EventTime moment) {
  const BurstRule& rule = config_.rules[ref.rule];
  bool assign = update.joined;
  if (update.joined_ticket != 0) {
    MergeTickets(track, update.kept_ticket, update.joined_ticket, moment);
  }
  bool moved = update.joined;
  for (const auto& session : track->sessions) {
    switch (session->SettlingDue(rule)) {
      case Session::Settling::kNow:
        moved |= session->Settle(rule, &window_users_);
        break;
      case Session::Settling::kLater:
        pending_.insert(ref);
        break;
      case Session::Settling::kNeedless:
        break;
    }
  }
  assign |= moved;
  Session& session = *update.session;
  if (session.hot()) {
    // A burst that has grown may have come near enough to its neighbour to share a ticket.
    assign |= session.ticket == 0 || track->sessions.size() + track->past.size() > 1;
  }
  if (assign) AssignTickets(ref, track, moment);
  if (moved) {
    // Also what another burst of the key says: a new one before it may make it persistent.
    for (const auto& other : track->sessions) desk_.Touch(other->ticket, moment);
  }
  if (session.hot()) {
    const bool of_user = rule.group_by == GroupBy::kUser;
    const Duration length = session.last() - session.start();
    const bool now_long = !session.long_noted && length > config_.tickets.persistent_after;
    session.long_noted |= now_long;
    if (session.count() >= session.notify_at || now_long ||
        (of_user && (session.NoteSource(FingerprintOf(failure)) ||
                     ReachesPasswordFailures(ref.key, update.end_before, session.last())))) {
      desk_.Touch(session.ticket, moment);
    } else if (!of_user) {
      desk_.Touch(session.ticket, moment, TicketDesk::Weight::kSlight);
    }
  }
  if (session.WantsToLetGo(config_.limits.session_events)) (void)LetGo(ref, &session, false);
  ArmTrack(ref, track);
}

// Failures with a wrong or an expired password up to a burst's end decide its cause.
bool Detector::Impl::ReachesPasswordFailures(const UserKey& key, EventTime end_before,
                                             EventTime end) const {
  if (end <= end_before) return false;
  const UserState* state = users_.Find(key);
  if (state == nullptr || state->detail == nullptr) return false;
  const EventTime from = end_before + Duration{1};
  return state->detail->bad_passwords.CountIn(from, end) > 0 ||
         state->detail->expired.CountIn(from, end) > 0;
}

void Detector::Impl::SettlePending(EventTime moment) {
  settled_at_ = moment;
  for (const TrackRef& ref : std::exchange(pending_, {})) {
    Track* track = FindTrack(ref);
    if (track == nullptr) continue;
    bool assign = false;
    bool moved = false;
    for (const auto& session : track->sessions) {
      moved |= session->Settle(config_.rules[ref.rule], &window_users_);
      assign |= session->hot();
    }
    if (!assign) continue;
    AssignTickets(ref, track, moment);
    using Weight = TicketDesk::Weight;
    for (const auto& session : track->sessions) {
      desk_.Touch(session->ticket, moment, moved ? Weight::kFull : Weight::kSlight);
    }
    ArmTrack(ref, track);
    MarkTrack(ref);
  }
}

}  // namespace signinwatch
