// What is known of each user: familiar sources of all, and more of the few that fail.
//
// Bytes per tracked user: an entry of kEntryBytes in the table (110 at its usual load) and 24 for
// each address network, country and device; a user with two networks, one country and two devices
// takes about 256, for five sources take six places. tests/detectors/user_table_test.cc holds
// that.
#ifndef SIGNINWATCH_DETECTORS_USER_TABLE_H_
#define SIGNINWATCH_DETECTORS_USER_TABLE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "detectors/failure_times.h"
#include "detectors/familiarity.h"
#include "detectors/keys.h"
#include "detectors/session.h"
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
 public:
  static constexpr size_t kEntryBytes = sizeof(std::pair<UserKey, UserState>) + 1;

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
    Shard& shard = ShardOf(key);
    const size_t slots = shard.capacity();
    const auto [it, created] = shard.try_emplace(key);
    slots_ += shard.capacity() - slots;
    if (created && ++size_ > users_max_) {
      UserKey victim;
      if (ChooseVictim(shard, key, users_of, &victim)) {
        Erase(shard, shard.find(victim));
        ++evicted_;
        forgotten(victim);
        return shard.find(key)->second;
      }
    }
    return it->second;
  }
  // Makes room in a part of the table: a quarter of its users without detail go, or some of the
  // tenant that has most of them, those that signed in longest ago first. Counted and passed to
  // `forgotten` as above. False: there is none in the whole table.
  template <typename Forgotten>
  bool EvictSome(const UsersOf& users_of, Forgotten forgotten) {
    for (size_t i = 0; i < kShards; ++i) {
      Shard& shard = shards_[next_eviction_];
      next_eviction_ = (next_eviction_ + 1) % kShards;
      const std::vector<UserKey> victims = ChooseVictims(shard, users_of);
      for (const UserKey& victim : victims) {
        Erase(shard, shard.find(victim));
        ++evicted_;
        forgotten(victim);
      }
      if (victims.empty()) continue;
      Shrink(shard);
      return true;
    }
    return false;
  }
  [[nodiscard]] const UserState* Find(const UserKey& key) const {
    const Shard& shard = ShardOf(key);
    const auto found = shard.find(key);
    return found == shard.end() ? nullptr : &found->second;
  }
  [[nodiscard]] UserState* Find(const UserKey& key) {
    return const_cast<UserState*>(std::as_const(*this).Find(key));
  }
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
  void Prefetch(const UserKey& key) const { ShardOf(key).prefetch(key); }

  // Visits a part of the table at each call, the whole of it every few hours of event time:
  // `visit(key, state)` says what became of the user.
  enum class Visit : uint8_t { kKeep, kDropDetail, kErase };
  template <typename F>
  void Sweep(EventTime watermark, F visit) {
    if (next_sweep_ == kBeginningOfTime) next_sweep_ = watermark + kSweepStep;
    for (size_t i = 0; i < kShards && watermark >= next_sweep_; ++i, next_sweep_ += kSweepStep) {
      Shard& shard = shards_[next_shard_];
      next_shard_ = (next_shard_ + 1) % kShards;
      for (auto it = shard.begin(); it != shard.end();) {
        const Visit outcome = visit(it->first, it->second);
        if (outcome != Visit::kKeep && it->second.detail != nullptr) {
          DropDetail(it->first, it->second);
        }
        if (outcome == Visit::kErase) {
          Erase(shard, it++);
        } else {
          ++it;
        }
      }
      Shrink(shard);
    }
    next_sweep_ = std::max(next_sweep_, watermark);
  }

  template <typename F>
  void ForEach(F visit) const {
    for (const Shard& shard : shards_) {
      for (const auto& [key, state] : shard) visit(key, state);
    }
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

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  // Estimate of what users without detail take; O(1).
  [[nodiscard]] size_t held_bytes() const { return slots_ * kEntryBytes + source_bytes_; }

 private:
  using Shard = absl::flat_hash_map<UserKey, UserState, TableHash>;
  // Many small tables: one that grows or is swept stops the fold only for a moment.
  static constexpr size_t kShards = 1024;
  static constexpr Duration kSweepStep =
      std::chrono::duration_cast<Duration>(std::chrono::hours(6)) / kShards;

  [[nodiscard]] Shard& ShardOf(const UserKey& key) { return shards_[hash_(key) >> 54]; }
  [[nodiscard]] const Shard& ShardOf(const UserKey& key) const { return shards_[hash_(key) >> 54]; }
  [[nodiscard]] static bool ChooseVictim(const Shard& shard, const UserKey& newcomer,
                                         const UsersOf& users_of, UserKey* victim);
  [[nodiscard]] static std::vector<UserKey> ChooseVictims(const Shard& shard,
                                                          const UsersOf& users_of);
  void Erase(Shard& shard, Shard::iterator user) {
    source_bytes_ -= user->second.familiar.bytes();
    shard.erase(user);
    --size_;
  }
  // Gives memory back that many users took who are gone.
  void Shrink(Shard& shard) {
    if (shard.size() > shard.capacity() / 4) return;
    slots_ -= shard.capacity();
    shard.rehash(0);
    slots_ += shard.capacity();
  }

  const TableHash hash_;  // as the shards'
  size_t users_max_;
  size_t size_ = 0;
  uint64_t evicted_ = 0;
  std::array<Shard, kShards> shards_;
  size_t slots_ = 0;         // of all shards
  size_t source_bytes_ = 0;  // of all familiar sources
  size_t next_shard_ = 0;
  size_t next_eviction_ = 0;
  EventTime next_sweep_ = kBeginningOfTime;
  absl::flat_hash_set<UserKey, TableHash> detailed_;
  TenantShares failing_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_USER_TABLE_H_
