#include "detectors/track_table.h"

#include <algorithm>
#include <utility>

#include "detectors/row_archive.h"

namespace signinwatch {
namespace {

size_t SummaryBytes(const Track& track) {
  size_t bytes = 0;
  for (const auto& session : track.sessions) bytes += session->summary_bytes();
  return bytes;
}

}  // namespace

Track* TrackTable::Find(const TrackRef& ref) {
  Tracks* tracks = map_.Find(ref.key);
  return tracks == nullptr ? nullptr : &(*tracks)[rules_->SlotOf(ref.rule)];
}

Track& TrackTable::Get(const TrackRef& ref, const Hashed<UserKey>& key) {
  const auto [tracks, created] = map_.TryEmplace(key);
  if (created) *tracks = Tracks(rules_->CountOf(ScopeOf(ref.key)));
  return (*tracks)[rules_->SlotOf(ref.rule)];
}

void TrackTable::Tidy(const UserKey& key) {
  const Tracks* tracks = map_.Find(key);
  if (tracks == nullptr) return;
  for (const Track& track : *tracks) {
    if (!track.empty()) return;
  }
  Erase(key);
}

void TrackTable::Erase(const UserKey& key) {
  map_.Erase(key);
  map_.Shrink(map_.ShardOf(map_.Hash(key)));
}

TrackUpdate TrackTable::Add(const TrackRef& ref, Track* track, const Failure& failure,
                            EventTime watermark) {
  const size_t sessions = track->sessions.size();
  const size_t summaries = SummaryBytes(*track);
  const TrackUpdate update = AddToTrack(track, failure, (*rules_)[ref.rule],
                                        config_->time.max_clock_skew, watermark, &window_users_);
  open_sessions_ += track->sessions.size() - sessions;
  summary_bytes_ += SummaryBytes(*track) - summaries;
  if (update.session != nullptr) {
    live_events_.Add(ref.key.tenant, 1);
    journal_->MarkTracks(ref.key);
  }
  return update;
}

bool TrackTable::SettleSome(const TrackRef& ref, Track* track) {
  const BurstRule& rule = (*rules_)[ref.rule];
  bool moved = false;
  for (const auto& session : track->sessions) {
    switch (session->SettlingDue(rule)) {
      case Session::Settling::kNow:
        moved |= session->Settle(rule, &window_users_);
        break;
      case Session::Settling::kLater:
        waiting_.insert(ref);
        break;
      case Session::Settling::kNeedless:
        break;
    }
  }
  return moved;
}

bool TrackTable::Settle(const TrackRef& ref, Track* track) {
  bool moved = false;
  for (const auto& session : track->sessions) moved |= SettleOne(ref, session.get());
  return moved;
}

bool TrackTable::SettleOne(const TrackRef& ref, Session* session) {
  return session->Settle((*rules_)[ref.rule], &window_users_);
}

EventTime TrackTable::CloseDueOf(const TrackRef& ref, const Session& session) const {
  const EventTime start = session.hot() ? session.start() : session.first();
  return CloseDue((*rules_)[ref.rule], config_->time.max_clock_skew, start, session.last());
}

EventTime TrackTable::DueOf(const TrackRef& ref, const Track& track) const {
  EventTime due = kEndOfTime;
  for (const auto& session : track.sessions) {
    due = std::min(due, CloseDueOf(ref, *session));
    if (session->hot() && !session->grace_over) {
      due = std::min(due, session->start() + config_->correlation.correlation_grace + kTick);
    }
  }
  for (const PastBurst& burst : track.past) {
    due = std::min(due, burst.end + rules_->PastSpan(ScopeOf(ref.key)) + kTick);
  }
  return due;
}

void TrackTable::Arm(const TrackRef& ref, Track* track) {
  const EventTime due = DueOf(ref, *track);
  if (due >= track->timer_due) return;  // the timer that is set looks again when it fires
  track->timer_due = due;
  timers_.Set(due, ref);
}

std::optional<TrackRef> TrackTable::TakeDue() {
  const auto timer = timers_.Take();
  Track* track = Find(timer.subject);
  // An earlier timer has taken this one's place, or all that it was for is gone.
  if (track == nullptr || track->timer_due != timer.due) return std::nullopt;
  track->timer_due = kEndOfTime;
  return timer.subject;
}

void TrackTable::ForgetSummaries(const UserKey& key) {
  Tracks* tracks = map_.Find(key);
  if (tracks == nullptr) return;
  for (const Track& track : *tracks) {
    summary_bytes_ -= SummaryBytes(track);
    for (const auto& session : track.sessions) session->ForgetSummary();
  }
}

void TrackTable::Close(const TrackRef& ref, Track* track, size_t index,
                       std::optional<PastBurst> past) {
  const Session& session = *track->sessions[index];
  live_events_.Remove(ref.key.tenant, session.held());
  folded_bytes_ -= std::min(folded_bytes_, session.folded_bytes());
  summary_bytes_ -= session.summary_bytes();
  --open_sessions_;
  track->sessions.erase(track->sessions.begin() + static_cast<ptrdiff_t>(index));
  if (!past) return;
  const auto place =
      std::upper_bound(track->past.begin(), track->past.end(), *past,
                       [](const PastBurst& a, const PastBurst& b) { return a.start < b.start; });
  track->past.insert(place, *std::move(past));
}

size_t TrackTable::LetGo(const TrackRef& ref, Session* session, EventTime watermark, bool early,
                         const Unfamiliar& unfamiliar) {
  if (SettleOne(ref, session) && session->hot()) waiting_.insert(ref);
  const size_t folded = session->folded_bytes();
  summary_bytes_ -= session->summary_bytes();
  const auto let_go = [&](EventTime until) {
    return session->LetGo(
        until, (*rules_)[ref.rule], *pool_, config_->limits.distinct_values,
        [&](const Failure& failure) { return unfamiliar(failure, session->start()); });
  };
  size_t gone = let_go(watermark);
  if (early && gone == 0) {
    // What the watermark has not passed goes too, and is counted.
    gone = let_go(session->last());
    evicted_ += gone;
  }
  live_events_.Remove(ref.key.tenant, gone);
  summary_bytes_ += session->summary_bytes();
  folded_bytes_ += session->folded_bytes() - std::min(folded, session->folded_bytes());
  if (gone > 0) journal_->MarkTracks(ref.key);
  return gone;
}

bool TrackTable::FoldEarly(const UserKey& key, EventTime watermark, const Unfamiliar& unfamiliar) {
  Tracks* tracks = map_.Find(key);
  if (tracks == nullptr) return false;
  bool any = false;
  for (size_t slot = 0; slot < tracks->size(); ++slot) {
    const TrackRef ref{rules_->RuleOf(ScopeOf(key), slot), key};
    for (const auto& session : (*tracks)[slot].sessions) {
      any |= LetGo(ref, session.get(), watermark, true, unfamiliar) > 0;
    }
  }
  return any;
}

bool TrackTable::DropSessions(const UserKey& key) {
  const Tracks* tracks = map_.Find(key);
  if (tracks == nullptr) return true;
  for (const Track& track : *tracks) {
    if (!track.past.empty()) return false;
    for (const auto& session : track.sessions) {
      if (session->hot()) return false;
    }
  }
  for (const Track& track : *tracks) {
    open_sessions_ -= track.sessions.size();
    summary_bytes_ -= SummaryBytes(track);
    for (const auto& session : track.sessions) live_events_.Remove(key.tenant, session->held());
  }
  Erase(key);
  return true;
}

size_t TrackTable::bytes() const {
  constexpr size_t kPiece = 16;  // of what the allocator adds to each piece of memory
  const size_t slots = std::max(rules_->CountOf(GroupBy::kUser), rules_->CountOf(GroupBy::kTenant));
  // By what is held, and not by what the table has room for, so that evicting shows.
  return map_.size() * (map_.kEntryBytes * 3 / 2 + slots * sizeof(Track) + kPiece) +
         live_events_.total() * sizeof(Failure) * 3 / 2 +
         open_sessions_ * (sizeof(Session) + 2 * kPiece) + folded_bytes_ + summary_bytes_;
}

void TrackTable::MarkTexts(TextPool* pool, FailureProfiles* profiles) const {
  map_.ForEach([pool, profiles](const UserKey&, const Tracks& tracks) {
    for (const Track& track : tracks) {
      for (const auto& session : track.sessions) session->MarkTexts(*pool, *profiles);
      for (const PastBurst& burst : track.past) {
        for (const TextId name : burst.names) pool->Mark(name);
      }
    }
  });
}

// ---------------------------------------------------------------------------------------- saving

void TrackTable::Write(const UserKey& key, RowWriter* row) {
  Tracks none(key.is_tenant() ? rules_->CountOf(GroupBy::kTenant) : 0);
  Tracks* held = map_.Find(key);
  Tracks& tracks = held == nullptr ? none : *held;
  uint64_t count = tracks.size();
  (*row)(count);
  for (Track& track : tracks) track.Archive(*row);
}

bool TrackTable::Read(const UserKey& key, const SavedRules& saved, RowReader* row) {
  uint64_t count = 0;
  (*row)(count);
  if (count == 0) return row->done() && (!key.is_tenant() || saved.CountOf(GroupBy::kTenant) == 0);
  if (!row->ok() || count != saved.CountOf(ScopeOf(key))) return false;
  Tracks tracks(count);
  for (Track& track : tracks) track.Archive(*row);
  if (!row->done()) return false;
  Count(key, tracks);
  *map_.TryEmplace(map_.Hash(key)).value = std::move(tracks);
  Tidy(key);
  return true;
}

void TrackTable::NoteRules(const SavedRules& saved, std::vector<bool>* used) const {
  map_.ForEach([&](const UserKey& key, const Tracks& tracks) {
    auto track = tracks.begin();
    for (size_t i = 0; i < saved.rules.size(); ++i) {
      if (saved.rules[i].group_by != ScopeOf(key)) continue;
      if (!track->empty()) (*used)[i] = true;
      ++track;
    }
  });
}

void TrackTable::AdoptRules(const SavedRules& saved, const RuleBook::Places& places) {
  map_.ForEach([&](const UserKey& key, Tracks& tracks) {
    Tracks adopted(rules_->CountOf(ScopeOf(key)));
    auto from = tracks.begin();
    for (size_t i = 0; i < saved.rules.size(); ++i) {
      if (saved.rules[i].group_by != ScopeOf(key)) continue;
      Track& track = *from++;
      if (places[i] == RuleBook::kNowhere) continue;
      const BurstRule& rule = (*rules_)[places[i]];
      if (rule != saved.rules[i]) AdoptRule(&track, rule, &window_users_);
      adopted[rules_->SlotOf(places[i])] = std::move(track);
    }
    tracks = std::move(adopted);
  });
}

void TrackTable::NoteCodes(std::vector<bool>* used) const {
  map_.ForEach([used](const UserKey&, const Tracks& tracks) {
    for (const Track& track : tracks) signinwatch::NoteCodes(track, used);
  });
}

void TrackTable::RenameCodes(const RuleBook::Places& places) {
  map_.ForEach([&places](const UserKey&, Tracks& tracks) {
    for (Track& track : tracks) signinwatch::RenameCodes(&track, places);
  });
}

void TrackTable::Count(const UserKey& key, const Tracks& tracks) {
  for (const Track& track : tracks) {
    open_sessions_ += track.sessions.size();
    for (const auto& session : track.sessions) {
      live_events_.Add(key.tenant, session->held());
      folded_bytes_ += session->folded_bytes();
    }
  }
}

void TrackTable::AfterLoad() {
  // Anew, as sessions may have been cut by the rules of now.
  live_events_ = {};
  open_sessions_ = folded_bytes_ = 0;
  map_.ForEach([this](const UserKey& key, Tracks& tracks) {
    Count(key, tracks);
    for (size_t slot = 0; slot < tracks.size(); ++slot) {
      const TrackRef ref{rules_->RuleOf(ScopeOf(key), slot), key};
      for (const auto& session : tracks[slot].sessions) {
        if (session->SettlingDue((*rules_)[ref.rule]) != Session::Settling::kNeedless) {
          waiting_.insert(ref);
        }
      }
      tracks[slot].timer_due = kEndOfTime;
      if (!tracks[slot].empty()) Arm(ref, &tracks[slot]);
    }
  });
}

}  // namespace signinwatch
