// Events of users, each user's sorted by time: what the logs of credential events, other audit
// records and risk events have in common.
//
// An Event is plain data with `time` and `user_principal_name` (lower-cased; 0: none), and beside
// it
//   bool ComesBefore(const Event&, const Event&, const TextPool&)   a total order, by time first
//   void MarkTextsOf(const Event&, TextPool*)
//   Fields (row_archive.h)
//
// An event takes sizeof(Event) and about kPlaceBytes for its places in the indexes.
#ifndef SIGNINWATCH_DETECTORS_USER_LOG_H_
#define SIGNINWATCH_DETECTORS_USER_LOG_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "detectors/keys.h"
#include "detectors/row_archive.h"
#include "detectors/tenant_shares.h"
#include "detectors/text_pool.h"
#include "detectors/timer_queue.h"
#include "parser/event_time.h"
#include "parser/ids.h"

namespace signinwatch {

template <typename Event>
class UserLog {
 public:
  using History = std::vector<Event>;
  static constexpr size_t kPlaceBytes = 208;

  // At most `events_max` events of one user; beyond it the oldest are forgotten, counted in
  // evicted().
  UserLog(const TextPool* pool, size_t events_max) : pool_(pool), events_max_(events_max) {}

  void Add(const UserKey& user, const Event& event) {
    History& history = histories_[user];
    const auto place = std::upper_bound(
        history.begin(), history.end(), event,
        [this](const Event& a, const Event& b) { return ComesBefore(a, b, *pool_); });
    history.insert(place, event);
    Index(user, event);
    if (history.size() <= events_max_) return;
    ++evicted_;
    Erase(user, 0, 1);
  }

  // nullptr: none.
  [[nodiscard]] const History* Find(const UserKey& user) const {
    const auto found = histories_.find(user);
    return found == histories_.end() ? nullptr : &found->second;
  }
  // Users known by object id that have an event which bears `name`.
  [[nodiscard]] const std::vector<UserKey>* FindByName(const UserKey& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &found->second;
  }
  // Users of the tenant with an event in [from, to], each once.
  [[nodiscard]] std::vector<UserKey> UsersIn(TenantIndex tenant, EventTime from,
                                             EventTime to) const {
    std::vector<UserKey> users;
    for (auto it = by_time_.lower_bound({tenant, from, {}});
         it != by_time_.end() && it->first.tenant == tenant && it->first.time <= to; ++it) {
      users.push_back(it->first.user);
    }
    std::sort(users.begin(), users.end());
    users.erase(std::unique(users.begin(), users.end()), users.end());
    return users;
  }

  // Whose event is the earliest of the tenant that has most. Only when there is any.
  [[nodiscard]] UserKey OldestOwner() const {
    return by_time_.lower_bound({events_of_tenant_.heaviest(), kBeginningOfTime, {}})->first.user;
  }
  // Forgets that event; counted in evicted(). Returns whose it was.
  UserKey EvictOldest() {
    const UserKey user = OldestOwner();
    Erase(user, 0, 1);
    ++evicted_;
    return user;
  }
  // Forgets the user's events before `horizon`.
  void PruneUser(const UserKey& user, EventTime horizon) {
    const History* history = Find(user);
    if (history == nullptr) return;
    const auto kept = std::find_if(history->begin(), history->end(),
                                   [horizon](const Event& event) { return event.time >= horizon; });
    Erase(user, 0, static_cast<size_t>(kept - history->begin()));
  }
  // Sets a timer for when the user's earliest event may be forgotten, `span` after it; next_due
  // says when the next fires, and TakeDue whose it was.
  void Arm(const UserKey& user, EventTime watermark, Duration span) {
    const History* history = Find(user);
    if (history == nullptr) return;
    timers_.Set(std::max(history->front().time + span + kTick, watermark + kTick), user);
  }
  [[nodiscard]] EventTime next_due() const { return timers_.next_due(); }
  [[nodiscard]] UserKey TakeDue() { return timers_.Take().subject; }

  template <typename Visit>
  void ForEachUser(const Visit& visit) const {
    for (const auto& [user, history] : histories_) visit(user);
  }
  void MarkTexts(TextPool* pool) const {
    for (const auto& [user, history] : histories_) {
      for (const Event& event : history) MarkTextsOf(event, pool);
    }
  }
  // The user's row. Read is false where it is damaged.
  void Write(const UserKey& user, RowWriter* row) const {
    History history = *Find(user);
    (*row)(history);
  }
  [[nodiscard]] bool Read(const UserKey& user, RowReader* row) {
    History history;
    (*row)(history);
    if (!row->done() || history.empty()) return false;
    for (const Event& event : history) Index(user, event);
    histories_[user] = std::move(history);
    return true;
  }

  [[nodiscard]] size_t size() const { return events_of_tenant_.total(); }
  // Estimate of the memory held; O(1).
  [[nodiscard]] size_t bytes() const { return size() * (sizeof(Event) + kPlaceBytes); }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  // Whether any user of the tenant, or the tenant itself, has an event.
  [[nodiscard]] bool HasTenant(TenantIndex tenant) const {
    return events_of_tenant_.of(tenant) > 0;
  }

 protected:
  [[nodiscard]] const TextPool& pool() const { return *pool_; }
  // nullptr: none. Neither times nor names may be changed.
  [[nodiscard]] History* Edit(const UserKey& user) {
    const auto found = histories_.find(user);
    return found == histories_.end() ? nullptr : &found->second;
  }
  void Erase(const UserKey& user, size_t first, size_t count) {
    const auto found = histories_.find(user);
    History& history = found->second;
    const auto begin = history.begin() + static_cast<ptrdiff_t>(first);
    const History erased(begin, begin + static_cast<ptrdiff_t>(count));
    history.erase(begin, begin + static_cast<ptrdiff_t>(count));
    for (const Event& event : erased) {
      const auto timed = by_time_.find({user.tenant, event.time, user});
      if (--timed->second == 0) by_time_.erase(timed);
      events_of_tenant_.Remove(user.tenant, 1);
      EraseName(user, event.user_principal_name, history);
    }
    if (history.empty()) histories_.erase(found);
  }

 private:
  void Index(const UserKey& user, const Event& event) {
    ++by_time_[{user.tenant, event.time, user}];
    events_of_tenant_.Add(user.tenant, 1);
    if (user.by_name() || event.user_principal_name == 0) return;
    std::vector<UserKey>& users = by_name_[NameKey(user.tenant, event.user_principal_name)];
    if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
  }
  // An event that bore the name is gone; `left` are those that stay.
  void EraseName(const UserKey& user, TextId name, const History& left) {
    if (user.by_name() || name == 0) return;
    const bool borne = std::any_of(left.begin(), left.end(), [name](const Event& event) {
      return event.user_principal_name == name;
    });
    const auto named = by_name_.find(NameKey(user.tenant, name));
    if (borne || named == by_name_.end()) return;
    std::erase(named->second, user);
    if (named->second.empty()) by_name_.erase(named);
  }
  [[nodiscard]] UserKey NameKey(TenantIndex tenant, TextId name) const {
    return UserKey(tenant, MakeNameId(pool_->Get(name)));
  }

  const TextPool* pool_;
  size_t events_max_;
  uint64_t evicted_ = 0;
  absl::flat_hash_map<UserKey, History, TableHash> histories_;
  // By the name that events bear, as a UserKey of form kName.
  absl::flat_hash_map<UserKey, std::vector<UserKey>, TableHash> by_name_;
  // (tenant, time, user): a user's events of one time count once, so it is a multiset by count.
  struct TimedUser {
    TenantIndex tenant;
    EventTime time;
    UserKey user;
    friend auto operator<=>(const TimedUser&, const TimedUser&) = default;
  };
  std::map<TimedUser, uint32_t> by_time_;
  TenantShares events_of_tenant_;
  TimerQueue<UserKey> timers_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_USER_LOG_H_
