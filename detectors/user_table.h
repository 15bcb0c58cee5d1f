// The users of all tenants, and which of them fail.
//
// Bytes per tracked user: an entry of kEntryBytes in the table (110 at its usual load) and 24 for
// each address network, country, device and method of MFA; a user with two networks, one country,
// two devices and one method takes about 256. tests/detectors/user_table_test.cc holds that.
#ifndef SIGNINWATCH_DETECTORS_USER_TABLE_H_
#define SIGNINWATCH_DETECTORS_USER_TABLE_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "detectors/keys.h"
#include "detectors/sharded_map.h"
#include "detectors/tenant_shares.h"
#include "detectors/user_state.h"
#include "parser/event_time.h"

namespace signinwatch {

class UserTable {
  using Map = ShardedMap<UserKey, UserState, 1024>;

 public:
  static constexpr size_t kEntryBytes = Map::kEntryBytes;

  explicit UserTable(size_t users_max) : users_max_(users_max) {}

  // Created when it is new; at users_max a user without detail makes room: of a few, one of the
  // tenant that has most, and of these the one that signed in longest ago. It is counted in
  // evicted() and passed to `forgotten`. The reference is valid until the next call of Get,
  // EvictSome or Sweep.
  template <typename Forgotten>
  [[nodiscard]] UserState& Get(const Hashed<UserKey>& hashed, const Forgotten& forgotten) {
    const UserKey& key = hashed.key;
    const auto [state, created] = map_.TryEmplace(hashed);
    if (!created) return *state;
    // Before the newcomer is counted: it weighs on nobody's share yet.
    if (map_.size() > users_max_) {
      if (const auto victim = ChooseVictim(map_.ShardOf(hashed), key)) Evict(*victim, forgotten);
    }
    of_tenants_.Add(key.tenant, 1);
    return *state;
  }
  template <typename Forgotten>
  [[nodiscard]] UserState& Get(const UserKey& key, const Forgotten& forgotten) {
    return Get(map_.Hash(key), forgotten);
  }
  // Makes room in a part of the table: a quarter of its users without detail go, or some of the
  // tenant that has most of them, those that signed in longest ago first. Counted and passed to
  // `forgotten` as above. False: there is none in the whole table.
  template <typename Forgotten>
  bool EvictSome(const Forgotten& forgotten) {
    for (size_t i = 0; i < Map::kShards; ++i) {
      const size_t shard = std::exchange(next_eviction_, (next_eviction_ + 1) % Map::kShards);
      const std::vector<UserKey> victims = ChooseVictims(shard);
      for (const UserKey& victim : victims) Evict(victim, forgotten);
      if (victims.empty()) continue;
      map_.Shrink(shard);
      return true;
    }
    return false;
  }
  [[nodiscard]] Hashed<UserKey> Hash(const UserKey& key) const { return map_.Hash(key); }
  [[nodiscard]] const UserState* Find(const Hashed<UserKey>& key) const { return map_.Find(key); }
  [[nodiscard]] const UserState* Find(const UserKey& key) const { return map_.Find(key); }
  [[nodiscard]] UserState* Find(const UserKey& key) { return map_.Find(key); }
  // The detail of a user, nullptr where there is none.
  [[nodiscard]] const UserDetail* FindDetail(const UserKey& key) const {
    const UserState* state = Find(key);
    return state == nullptr ? nullptr : state->detail.get();
  }
  void Prefetch(const Hashed<UserKey>& key) const { map_.Prefetch(key); }

  // The user's detail, made where there is none. The bound is the caller's to keep, by failing()
  // and NextFailing.
  [[nodiscard]] UserDetail& Detail(const UserKey& key, UserState& state) {
    if (state.detail == nullptr) AddDetail(key, state);
    return *state.detail;
  }
  void DropDetail(const UserKey& key, UserState& state);
  // How many users with detail each tenant has.
  [[nodiscard]] const TenantShares& failing() const { return failing_; }
  [[nodiscard]] bool IsFailing(const UserKey& key) const { return detailed_.contains(key); }
  template <typename F>
  void ForEachFailing(F visit) const {
    for (const UserKey& key : detailed_) visit(key);
  }
  // Takes the user of the tenant that failed first, of those with detail, out of the order;
  // nullopt: there is none. PutBack places it behind the others.
  [[nodiscard]] std::optional<UserKey> NextFailing(TenantIndex tenant);
  void PutBack(const UserKey& key) { orders_[key.tenant].keys.push_back(key); }

  // Visits a part of the table at each call, the whole of it every few hours of event time:
  // `visit(key, state)` says what became of the user.
  enum class Visit : uint8_t { kKeep, kDropDetail, kErase };
  template <typename F>
  void Sweep(EventTime watermark, F visit) {
    if (next_sweep_ == kBeginningOfTime) next_sweep_ = watermark + kSweepStep;
    for (size_t i = 0; i < Map::kShards && watermark >= next_sweep_;
         ++i, next_sweep_ += kSweepStep) {
      map_.EraseIf(std::exchange(next_shard_, (next_shard_ + 1) % Map::kShards),
                   [&](const UserKey& key, UserState& state) {
                     const size_t bytes_before = state.familiar.bytes();
                     const Visit outcome = visit(key, state);
                     NoteResized(bytes_before, state);
                     if (outcome != Visit::kKeep && state.detail != nullptr) DropDetail(key, state);
                     if (outcome == Visit::kErase) NoteGone(key, state);
                     return outcome == Visit::kErase;
                   });
    }
    next_sweep_ = std::max(next_sweep_, watermark);
  }

  template <typename F>
  void ForEach(F visit) const {
    map_.ForEach(visit);
  }

  // The user's familiar sources took `bytes_before` before they were changed.
  void NoteResized(size_t bytes_before, const UserState& state) {
    source_bytes_ += state.familiar.bytes() - bytes_before;
  }

  [[nodiscard]] size_t size() const { return map_.size(); }
  [[nodiscard]] bool HasTenant(TenantIndex tenant) const { return of_tenants_.of(tenant) > 0; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  // Estimate of what users without detail take; O(1).
  [[nodiscard]] size_t held_bytes() const { return map_.bytes() + source_bytes_; }
  // Of all detail.
  [[nodiscard]] size_t detail_bytes() const;

 private:
  static constexpr Duration kSweepStep =
      std::chrono::duration_cast<Duration>(std::chrono::hours(6)) / Map::kShards;

  [[nodiscard]] std::optional<UserKey> ChooseVictim(size_t shard, const UserKey& newcomer) const;
  [[nodiscard]] std::vector<UserKey> ChooseVictims(size_t shard) const;
  template <typename Forgotten>
  void Evict(const UserKey& key, const Forgotten& forgotten) {
    NoteGone(key, *map_.Find(key));
    map_.Erase(key);
    ++evicted_;
    forgotten(key);
  }
  void NoteGone(const UserKey& key, const UserState& state) {
    source_bytes_ -= state.familiar.bytes();
    of_tenants_.Remove(key.tenant, 1);
  }
  void AddDetail(const UserKey& key, UserState& state);

  // Users of a tenant with detail in the order of its coming; some have lost it since. Those before
  // `next` have been taken out.
  struct FailingOrder {
    std::vector<UserKey> keys;
    size_t next = 0;
  };

  size_t users_max_;
  uint64_t evicted_ = 0;
  Map map_;
  TenantShares of_tenants_;  // users
  size_t source_bytes_ = 0;  // of all familiar sources
  size_t next_shard_ = 0;
  size_t next_eviction_ = 0;
  EventTime next_sweep_ = kBeginningOfTime;
  absl::flat_hash_set<UserKey, TableHash> detailed_;
  TenantShares failing_;
  absl::flat_hash_map<TenantIndex, FailingOrder, TableHash> orders_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_USER_TABLE_H_
