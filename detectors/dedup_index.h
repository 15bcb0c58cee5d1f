// The ids of records that count, remembered so that a second copy has no effect (SPEC 4).
//
// An id is kept as the 128-bit hash of (tenant, category, id) with the watermark up to which it is
// remembered: 24 bytes, about 40 with the table's slack.
#ifndef SIGNINWATCH_DETECTORS_DEDUP_INDEX_H_
#define SIGNINWATCH_DETECTORS_DEDUP_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "parser/event_time.h"
#include "parser/ids.h"
#include "parser/table_hash.h"

namespace signinwatch {

class DedupIndex {
  // The key is a hash already, but one that anybody can compute.
  using Shard = absl::flat_hash_map<Hash128, EventTime, TableHash>;

 public:
  // At most about `ids_max` ids; beyond that those nearest to their expiry are forgotten early and
  // counted by evicted().
  explicit DedupIndex(size_t ids_max);

  // True when `key` is remembered, that is a copy was counted and the watermark has not passed that
  // copy's `remember_until`. Otherwise remembers it from now on (unless that is over already).
  [[nodiscard]] bool SeenBefore(const Hash128& key, EventTime remember_until, EventTime watermark);
  void Prefetch(const Hash128& key) const { ShardOf(key).prefetch(key); }

  // Makes room: a quarter of a part goes, those nearest to their expiry first. Counted in
  // evicted(). False: there are none.
  bool EvictSome();

  // Forgets what the watermark has passed, a part at each call, so that no call takes long.
  void Sweep(EventTime watermark);

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  [[nodiscard]] size_t bytes() const { return slots_ * (sizeof(Shard::value_type) + 1); }

  // For saving. The journal has the keys that were remembered or forgotten since it was last taken;
  // it is kept from the first call of TakeJournal on.
  [[nodiscard]] std::vector<Hash128> TakeJournal();
  // kBeginningOfTime: not remembered.
  [[nodiscard]] EventTime RememberedUntil(const Hash128& key) const;
  template <typename F>
  void ForEach(F visit) const {
    for (const Shard& shard : shards_) {
      for (const auto& [key, until] : shard) visit(key, until);
    }
  }
  void Restore(const Hash128& key, EventTime remember_until);

 private:
  // Many small tables: a table that grows or is swept stops the fold only for a moment.
  static constexpr size_t kShards = 256;

  [[nodiscard]] Shard& ShardOf(const Hash128& key) { return shards_[hash_(key) >> 56]; }
  [[nodiscard]] const Shard& ShardOf(const Hash128& key) const { return shards_[hash_(key) >> 56]; }
  void EvictFrom(Shard& shard);
  void SweepShard(Shard& shard, EventTime watermark);
  void Insert(Shard& shard, const Hash128& key, EventTime remember_until);
  void Journal(const Hash128& key) {
    if (journaling_) journal_.push_back(key);
  }

  const TableHash hash_;  // as the shards'
  size_t ids_max_;
  size_t size_ = 0;
  uint64_t evicted_ = 0;
  std::array<Shard, kShards> shards_;
  size_t slots_ = 0;  // of all shards
  size_t next_shard_ = 0;
  size_t next_eviction_ = 0;
  EventTime next_sweep_ = kBeginningOfTime;
  bool journaling_ = false;
  std::vector<Hash128> journal_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_DEDUP_INDEX_H_
