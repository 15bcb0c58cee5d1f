// What is known of each user: familiar sources of all, and more of the few that fail.
//
// Bytes per tracked user: an entry of kEntryBytes in the table (110 at its usual load) and 24 for
// each address network, country and device; a user with two networks, one country and two devices
// takes about 256, for five sources take six places. tests/detectors/user_table_test.cc holds
// that.
#ifndef SIGNINWATCH_DETECTORS_USER_TABLE_H_
#define SIGNINWATCH_DETECTORS_USER_TABLE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "detectors/failure_times.h"
#include "detectors/familiarity.h"
#include "detectors/keys.h"
#include "detectors/session.h"
#include "detectors/sharded_map.h"
#include "detectors/tenant_shares.h"
#include "parser/event_time.h"

namespace signinwatch {

// Of a user with watched failures or a 50126, 50055 or 50144 failure.
struct UserDetail {
  // The earliest watched failure that an open session may hold; kEndOfTime: none does.
  EventTime failing_since = kEndOfTime;
  EventTime last_failure = kBeginningOfTime;
  FailureTimes bad_passwords;  // 50126
  FailureTimes expired;        // 50055, 50144
  std::vector<SpilledDay> spilled;
  std::vector<Track> tracks;  // one for each rule of user scope
};

struct UserState {
  FamiliarSources familiar;
  // When the user came back: successful interactive sign-ins (SPEC 6.4), sorted, those that an open
  // or coming session can still ask for.
  absl::InlinedVector<EventTime, 2> returns;
  std::unique_ptr<UserDetail> detail;

  // What is asked of the user is asked for times from here on.
  [[nodiscard]] EventTime Horizon(EventTime watermark) const {
    return detail == nullptr ? watermark : std::min(watermark, detail->failing_since);
  }
};

class UserTable {
  using Map = ShardedMap<UserKey, UserState, 1024>;

 public:
  static constexpr size_t kEntryBytes = Map::kEntryBytes;

  explicit UserTable(size_t users_max) : users_max_(users_max) {}

  // How many users a tenant has.
  using UsersOf = std::function<uint64_t(TenantIndex)>;

  // Created when it is new; at users_max a user without detail makes room: of a few, one of the
  // tenant that has most, and of these the one that signed in longest ago. It is counted in
  // evicted() and passed to `forgotten`. The reference is valid until the next call of Get,
  // EvictSome or Sweep.
  template <typename Forgotten>
  [[nodiscard]] UserState& Get(const UserKey& key, Forgotten forgotten) {
    return Get(key, forgotten, [](TenantIndex) { return 1u; });
  }
  template <typename Forgotten, typename Users>
  [[nodiscard]] UserState& Get(const UserKey& key, Forgotten forgotten, Users users_of) {
    const Map::Hashed hashed = map_.Hash(key);
    const auto [state, created] = map_.TryEmplace(hashed);
    if (created && map_.size() > users_max_) {
      UserKey victim;
      if (ChooseVictim(map_.shard(map_.ShardOf(hashed)), key, users_of, &victim)) {
        Erase(victim);
        ++evicted_;
        forgotten(victim);
        return *map_.Find(hashed);
      }
    }
    return *state;
  }
  // Makes room in a part of the table: a quarter of its users without detail go, or some of the
  // tenant that has most of them, those that signed in longest ago first. Counted and passed to
  // `forgotten` as above. False: there is none in the whole table.
  template <typename Forgotten>
  bool EvictSome(const UsersOf& users_of, Forgotten forgotten) {
    for (size_t i = 0; i < Map::kShards; ++i) {
      const size_t shard = std::exchange(next_eviction_, (next_eviction_ + 1) % Map::kShards);
      const std::vector<UserKey> victims = ChooseVictims(map_.shard(shard), users_of);
      for (const UserKey& victim : victims) {
        Erase(victim);
        ++evicted_;
        forgotten(victim);
      }
      if (victims.empty()) continue;
      map_.Shrink(shard);
      return true;
    }
    return false;
  }
  [[nodiscard]] const UserState* Find(const UserKey& key) const { return map_.Find(key); }
  [[nodiscard]] UserState* Find(const UserKey& key) { return map_.Find(key); }
  [[nodiscard]] UserDetail& Detail(const UserKey& key, UserState& state) {
    if (state.detail == nullptr) {
      state.detail = std::make_unique<UserDetail>();
      detailed_.insert(key);
      failing_.Add(key.tenant, 1);
    }
    return *state.detail;
  }
  void DropDetail(const UserKey& key, UserState& state) {
    state.detail.reset();
    if (detailed_.erase(key) > 0) failing_.Remove(key.tenant, 1);
  }
  void Prefetch(const UserKey& key) const { map_.Prefetch(map_.Hash(key)); }

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
                     const Visit outcome = visit(key, state);
                     if (outcome != Visit::kKeep && state.detail != nullptr) DropDetail(key, state);
                     if (outcome == Visit::kErase) source_bytes_ -= state.familiar.bytes();
                     return outcome == Visit::kErase;
                   });
    }
    next_sweep_ = std::max(next_sweep_, watermark);
  }

  template <typename F>
  void ForEach(F visit) const {
    map_.ForEach(visit);
  }
  // Users with detail.
  [[nodiscard]] const absl::flat_hash_set<UserKey, TableHash>& detailed() const {
    return detailed_;
  }
  // How many of them each tenant has.
  [[nodiscard]] const TenantShares& failing() const { return failing_; }

  // The user's familiar sources took `bytes_before` before they were changed.
  void NoteResized(size_t bytes_before, const UserState& state) {
    source_bytes_ += state.familiar.bytes() - bytes_before;
  }

  [[nodiscard]] size_t size() const { return map_.size(); }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  // Estimate of what users without detail take; O(1).
  [[nodiscard]] size_t held_bytes() const { return map_.bytes() + source_bytes_; }

 private:
  using Shard = Map::Shard;
  static constexpr Duration kSweepStep =
      std::chrono::duration_cast<Duration>(std::chrono::hours(6)) / Map::kShards;

  [[nodiscard]] static bool ChooseVictim(const Shard& shard, const UserKey& newcomer,
                                         const UsersOf& users_of, UserKey* victim);
  [[nodiscard]] static std::vector<UserKey> ChooseVictims(const Shard& shard,
                                                          const UsersOf& users_of);
  void Erase(const UserKey& key) {
    source_bytes_ -= map_.Find(key)->familiar.bytes();
    map_.Erase(key);
  }

  size_t users_max_;
  uint64_t evicted_ = 0;
  Map map_;
  size_t source_bytes_ = 0;  // of all familiar sources
  size_t next_shard_ = 0;
  size_t next_eviction_ = 0;
  EventTime next_sweep_ = kBeginningOfTime;
  absl::flat_hash_set<UserKey, TableHash> detailed_;
  TenantShares failing_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_USER_TABLE_H_
