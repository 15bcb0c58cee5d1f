#include "detectors/session.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "detectors/row_archive.h"

namespace signinwatch {
namespace {

constexpr Duration kChangeRecords = std::chrono::minutes(5);

bool ByTime(const Failure& a, const Failure& b) { return a.time < b.time; }

struct BeforeTime {
  bool operator()(const Failure& failure, EventTime t) const { return failure.time < t; }
  bool operator()(EventTime t, const Failure& failure) const { return t < failure.time; }
};

}  // namespace

Session::Session(const Failure& failure) {
  failures_.push_back(failure);
  sorted_ = 1;
  first_ = last_ = dirty_from_ = dirty_to_ = failure.time;
  dirty_ = 1;
  if (failure.user.text != 0) users_.insert(failure.user);
}

void Session::Add(const Failure& failure, const BurstRule& rule) {
  const EventTime t = failure.time;
  if (sorted_ == failures_.size() && (failures_.empty() || failures_.back().time <= t)) ++sorted_;
  failures_.push_back(failure);
  first_ = std::min(first_, t);
  last_ = std::max(last_, t);
  if (hot()) {
    if (t >= start_) ++count_;
    if (t >= hot_at_) return;  // can't make an earlier event hot
  } else if (users_.size() < rule.min_users && failure.user.text != 0) {
    users_.insert(failure.user);
  }
  ++dirty_;
  dirty_from_ = std::min(dirty_from_, t);
  dirty_to_ = std::max(dirty_to_, t);
}

Session::Settling Session::SettlingDue(const BurstRule& rule) const {
  if (dirty_ == 0) return Settling::kNeedless;
  if (!hot()) {
    if (failures_.size() < rule.threshold) return Settling::kNeedless;
    if (rule.group_by == GroupBy::kTenant && users_.size() < rule.min_users) {
      return Settling::kNeedless;
    }
  }
  constexpr size_t kCheap = 64;
  constexpr size_t kCostPerAddition = 32;
  if (failures_.size() <= kCheap) return Settling::kNow;
  const auto end = failures_.begin() + static_cast<ptrdiff_t>(sorted_);
  const auto from =
      std::lower_bound(failures_.begin(), end, dirty_from_ - rule.window, BeforeTime());
  const auto to = std::lower_bound(from, end, dirty_to_ + rule.window, BeforeTime());
  // Sorting the tail in moves what is later than the earliest addition, at memory speed.
  const auto moved =
      sorted_ == failures_.size() ? end : std::lower_bound(from, end, dirty_from_, BeforeTime());
  const auto cost = static_cast<size_t>((to - from) + (end - moved) / 16);
  return cost <= kCheap + kCostPerAddition * dirty_ ? Settling::kNow : Settling::kLater;
}

void Session::SortTail() {
  if (sorted_ == failures_.size()) return;
  const auto middle = failures_.begin() + static_cast<ptrdiff_t>(sorted_);
  if (sorted_ + 1 == failures_.size()) {  // nearly always; the general way allocates memory
    std::rotate(std::upper_bound(failures_.begin(), middle, middle->time, BeforeTime()), middle,
                failures_.end());
    sorted_ = failures_.size();
    return;
  }
  std::stable_sort(middle, failures_.end(), ByTime);
  // Only what is later than the earliest addition has to move.
  const auto from = std::upper_bound(failures_.begin(), middle, middle->time, BeforeTime());
  std::inplace_merge(from, middle, failures_.end(), ByTime);
  sorted_ = failures_.size();
}

bool Session::Settle(const BurstRule& rule, WindowUsers* scratch) {
  if (dirty_ == 0) return false;
  SortTail();
  const EventTime old_start = start_;
  const bool moved = FindHot(rule, scratch);
  dirty_ = 0;
  dirty_from_ = kEndOfTime;
  dirty_to_ = kBeginningOfTime;
  if (!hot()) return false;
  if (!moved) {
    // The same first hot event, but its span may begin earlier now.
    const auto first_in_span =
        std::upper_bound(failures_.begin(), failures_.end(), hot_at_ - rule.window, BeforeTime());
    if (first_in_span != failures_.end()) start_ = std::min(start_, first_in_span->time);
  }
  if (start_ == old_start) return false;
  Recount();
  users_.clear();
  return true;
}

// Slides the window over the failures from `next` on whose time is before `until`; those before are
// in the first window from `low` on. visit(t, low, next) for each time: the failures of [low, next)
// are those in (t - window, t], and *users are theirs, where the rule counts them. Ends where visit
// is true.
template <typename Visit>
bool Session::SlideWindow(const BurstRule& rule, size_t low, size_t next, EventTime until,
                          WindowUsers* users, const Visit& visit) const {
  const bool count_users = rule.group_by == GroupBy::kTenant;
  users->clear();
  const auto take = [&](const Failure& failure) {
    if (count_users && failure.user.text != 0) ++(*users)[failure.user];
  };
  const auto drop = [&](const Failure& failure) {
    if (!count_users || failure.user.text == 0) return;
    const auto user = users->find(failure.user);
    if (--user->second == 0) users->erase(user);
  };
  const size_t n = failures_.size();
  for (size_t i = low; i < next; ++i) take(failures_[i]);
  while (next < n) {
    const EventTime t = failures_[next].time;
    if (t >= until) return false;
    while (next < n && failures_[next].time == t) take(failures_[next++]);
    while (failures_[low].time <= t - rule.window) drop(failures_[low++]);
    if (visit(t, low, next)) return true;
  }
  return false;
}

// Every event at or after dirty_from_ and less than a window after dirty_to_ may have become hot.
bool Session::FindHot(const BurstRule& rule, WindowUsers* scratch) {
  if (failures_.size() < rule.threshold) return false;
  const bool count_users = rule.group_by == GroupBy::kTenant;
  const auto next = static_cast<size_t>(
      std::lower_bound(failures_.begin(), failures_.end(), dirty_from_, BeforeTime()) -
      failures_.begin());
  const auto low = static_cast<size_t>(std::upper_bound(failures_.begin(), failures_.end(),
                                                        dirty_from_ - rule.window, BeforeTime()) -
                                       failures_.begin());
  return SlideWindow(rule, low, next, std::min(dirty_to_ + rule.window, hot_at_), scratch,
                     [&](EventTime t, size_t from, size_t to) {
                       if (to - from < rule.threshold) return false;
                       if (count_users && scratch->size() < rule.min_users) return false;
                       hot_at_ = t;
                       start_ = failures_[from].time;
                       return true;
                     });
}

std::optional<Session::Peak> Session::NearMiss(const BurstRule& rule, WindowUsers* scratch) const {
  // Within a fifth of what would have made it a burst.
  const auto is_near = [](uint64_t count, uint64_t threshold) {
    return 5 * count >= 4 * threshold;
  };
  if (hot() || !is_near(failures_.size(), rule.threshold)) return std::nullopt;
  const bool count_users = rule.group_by == GroupBy::kTenant;
  std::optional<Peak> peak;
  SlideWindow(rule, 0, 0, kEndOfTime, scratch, [&](EventTime t, size_t from, size_t to) {
    const uint64_t users = count_users ? scratch->size() : 1;
    if (is_near(to - from, rule.threshold) && (!count_users || is_near(users, rule.min_users)) &&
        (!peak || to - from > peak->events)) {
      peak = {.events = to - from, .users = users, .first = failures_[from].time, .last = t};
    }
    return false;
  });
  return peak;
}

void Session::Recount() {
  count_ = folded_ != nullptr ? folded_->count() : 0;
  for (const Failure& failure : failures_) count_ += failure.time >= start_ ? 1 : 0;
}

void Session::Reconsider(const BurstRule& rule) {
  if (hot() || failures_.empty()) return;
  users_.clear();
  for (const Failure& failure : failures_) {
    if (users_.size() < rule.min_users && failure.user.text != 0) users_.insert(failure.user);
  }
  dirty_ = failures_.size();
  dirty_from_ = first_;
  dirty_to_ = last_;
}

void Session::StartSummary(size_t distinct_max, GroupBy scope) {
  summary_ = folded_ != nullptr ? std::make_unique<BurstSummary>(*folded_)
                                : std::make_unique<BurstSummary>(distinct_max, scope);
  summarized_from_ = start_;
  for (Failure& failure : failures_) failure.summarized = false;
}

void Session::Absorb(Session&& later) {
  ForgetSummary();
  SortTail();
  later.SortTail();
  failures_.insert(failures_.end(), later.failures_.begin(), later.failures_.end());
  SortTail();
  first_ = std::min(first_, later.first_);
  last_ = std::max(last_, later.last_);
  if (later.hot_at_ < hot_at_) {
    hot_at_ = later.hot_at_;
    start_ = later.start_;
  }
  if (later.dirty_ > 0) {
    dirty_ += later.dirty_;
    dirty_from_ = std::min(dirty_from_, later.dirty_from_);
    dirty_to_ = std::max(dirty_to_, later.dirty_to_);
  }
  users_.insert(later.users_.begin(), later.users_.end());
  if (hot()) Recount();
}

std::unique_ptr<Session> Session::SplitAt(EventTime boundary, const BurstRule& rule,
                                          WindowUsers* scratch) {
  ForgetSummary();
  SortTail();
  const auto from = std::lower_bound(failures_.begin(), failures_.end(), boundary, BeforeTime());
  if (from == failures_.end()) return nullptr;
  auto rest = std::make_unique<Session>();
  for (auto failure = from; failure != failures_.end(); ++failure) rest->Add(*failure, rule);
  rest->continues = true;
  failures_.erase(from, failures_.end());
  sorted_ = failures_.size();
  last_ = failures_.empty() ? folded_until_ : std::max(failures_.back().time, folded_until_);
  // The hot event may have gone with the rest: look again, but what has a ticket stays a burst.
  const EventTime start = start_;
  hot_at_ = start_ = kEndOfTime;
  dirty_ = 1;
  dirty_from_ = first_;
  dirty_to_ = last_;
  (void)Settle(rule, scratch);
  if (!hot() && ticket != 0) {
    (void)rest->Settle(rule, scratch);
    if (rest->hot()) {
      std::swap(rest->ticket, ticket);
      notify_at = 0;
      grace_over = long_noted = false;
    } else {
      hot_at_ = last_;
      start_ = std::min(start, last_);
    }
  }
  if (hot()) Recount();
  return rest;
}

size_t Session::ForgetBefore(EventTime time) {
  const auto end = std::lower_bound(failures_.begin(), failures_.end(), time, BeforeTime());
  const auto count = static_cast<size_t>(end - failures_.begin());
  failures_.erase(failures_.begin(), end);
  sorted_ = failures_.size();
  // Not again before there is as much to do as it costs.
  let_go_at_ = failures_.size() + failures_.size() / 2;
  return count;
}

const Failure* Session::FirstOfBurst(const TextPool& pool) const {
  const Failure* first = nullptr;
  for (auto it = std::lower_bound(failures_.begin(), failures_.end(), start_, BeforeTime());
       it != failures_.end() && it->time == start_; ++it) {
    if (first == nullptr || EventId::Compare(it->id, first->id, pool) < 0) first = &*it;
  }
  return first;
}

void Session::MarkTexts(TextPool& pool, FailureProfiles& profiles) const {
  for (const Failure& failure : failures_) {
    pool.Mark(failure.id.text);
    pool.Mark(failure.user.text);
    pool.Mark(failure.user_principal_name);
    pool.Mark(failure.app_id);
    pool.Mark(failure.app_name);
    pool.Mark(failure.device);
    pool.Mark(failure.country);
    pool.Mark(failure.session);
    profiles.Mark(failure.profile);
  }
  for (const UserText& user : users_) pool.Mark(user.text);
  if (folded_ != nullptr) folded_->MarkTexts(pool, profiles);
}

void Session::NoteCodes(std::vector<bool>* used) const {
  for (const Failure& failure : failures_) (*used)[failure.code_index] = true;
  if (folded_ != nullptr) folded_->NoteCodes(used);
}

void Session::RenameCodes(const std::vector<uint16_t>& renamed) {
  ForgetSummary();
  for (Failure& failure : failures_) failure.code_index = renamed[failure.code_index];
  if (folded_ != nullptr) folded_->RenameCodes(renamed);
}

size_t Session::bytes() const {
  return sizeof(*this) + failures_.capacity() * sizeof(Failure) +
         (users_.capacity() + sources_.capacity()) * 9 +
         (folded_ != nullptr ? folded_->bytes() : 0) + summary_bytes_;
}

EventTime CloseDue(const BurstRule& rule, Duration max_clock_skew, EventTime start, EventTime end) {
  const EventTime skewed = rule.group_by == GroupBy::kUser ? start : end;
  return std::max({end + rule.quiet, end + kChangeRecords + kTick,
                   skewed + max_clock_skew + kChangeRecords + kTick});
}

namespace {

// Whether a failure at t that no open session takes would be in a session that is open still.
bool OpenAlone(const Track& track, EventTime t, const BurstRule& rule, Duration max_clock_skew,
               EventTime watermark) {
  if (watermark >= CloseDue(rule, max_clock_skew, t, t)) return false;
  return std::none_of(track.past.begin(), track.past.end(), [&](const PastBurst& burst) {
    return t > burst.start - rule.quiet && t < burst.end + rule.quiet;
  });
}

void SplitLongSessions(Track* track, size_t index, const BurstRule& rule, WindowUsers* scratch) {
  for (size_t i = index; i < track->sessions.size(); ++i) {
    Session& session = *track->sessions[i];
    if (session.last() - session.first() < rule.max_duration) return;
    std::unique_ptr<Session> rest =
        session.SplitAt(session.first() + rule.max_duration, rule, scratch);
    if (rest == nullptr) return;
    track->sessions.insert(track->sessions.begin() + static_cast<ptrdiff_t>(i) + 1,
                           std::move(rest));
  }
}

}  // namespace

void AdoptRule(Track* track, const BurstRule& rule, WindowUsers* scratch) {
  for (const auto& session : track->sessions) session->Reconsider(rule);
  for (size_t i = 0; i < track->sessions.size(); ++i) SplitLongSessions(track, i, rule, scratch);
}

void NoteCodes(const Track& track, std::vector<bool>* used) {
  for (const auto& session : track.sessions) session->NoteCodes(used);
}

void RenameCodes(Track* track, const std::vector<uint16_t>& renamed) {
  for (const auto& session : track->sessions) session->RenameCodes(renamed);
}

TrackUpdate AddToTrack(Track* track, const Failure& failure, const BurstRule& rule,
                       Duration max_clock_skew, EventTime watermark, WindowUsers* scratch) {
  auto& sessions = track->sessions;
  const EventTime t = failure.time;
  // `right` is the first session that begins after t, the one before it may hold t.
  size_t right = sessions.size();
  while (right > 0 && sessions[right - 1]->first() > t) --right;
  Session* before = right > 0 ? sessions[right - 1].get() : nullptr;
  Session* after = right < sessions.size() ? sessions[right].get() : nullptr;
  const bool near_before = before != nullptr && t - before->last() < rule.quiet;
  const bool fits_before = near_before && t - before->first() < rule.max_duration;
  const bool fits_after = after != nullptr && after->first() - t < rule.quiet;
  TrackUpdate update;
  if (fits_before) {
    update.session = before;
    update.end_before = before->last();
    before->Add(failure, rule);
    if (fits_after && !after->continues && !after->folded()) {
      update.joined = true;
      if (before->ticket == 0) {
        before->ticket = after->ticket;
      } else if (after->ticket != 0) {
        update.kept_ticket = before->ticket;
        update.joined_ticket = after->ticket;
      }
      before->Absorb(std::move(*after));
      sessions.erase(sessions.begin() + static_cast<ptrdiff_t>(right));
      SplitLongSessions(track, right - 1, rule, scratch);
    }
    return update;
  }
  if (fits_after) {
    update.session = after;
    update.end_before = after->last();
    after->Add(failure, rule);
    SplitLongSessions(track, right, rule, scratch);
    return update;
  }
  if (t < watermark && !OpenAlone(*track, t, rule, max_clock_skew, watermark)) return update;
  auto session = std::make_unique<Session>(failure);
  update.session = session.get();
  update.end_before = t;
  session->continues = near_before;
  sessions.insert(sessions.begin() + static_cast<ptrdiff_t>(right), std::move(session));
  return update;
}

template <typename A>
void Session::Archive(A& a) {
  a(failures_, sorted_, first_, last_, hot_at_, start_, count_, dirty_, dirty_from_, dirty_to_,
    folded_until_, ticket, continues, notify_at, grace_over, long_noted);
  bool folded = folded_ != nullptr;
  a(folded);
  if constexpr (A::kReading) {
    if (folded) folded_ = std::make_unique<BurstSummary>();
    if (sorted_ > failures_.size()) return a.Fail();
    for (const Failure& failure : failures_) {
      if (!hot() && failure.user.text != 0) users_.insert(failure.user);
    }
  }
  if (folded) folded_->Archive(a);
}
template void Session::Archive(RowWriter& a);
template void Session::Archive(RowReader& a);

template <typename A>
void Fields(A& a, PastBurst& burst) {
  a(burst.start, burst.end, burst.count, burst.ticket, burst.continues, burst.guest);
  Texts(a, burst.names);
}

template <typename A>
void Track::Archive(A& a) {
  uint64_t count = sessions.size();
  a(past, count);
  for (uint64_t i = 0; i < count; ++i) {
    if constexpr (A::kReading) {
      if (!a.ok()) return;
      sessions.push_back(std::make_unique<Session>());
    }
    sessions[i]->Archive(a);
  }
}
template void Track::Archive(RowWriter& a);
template void Track::Archive(RowReader& a);

}  // namespace signinwatch
