// The ids of records that count, remembered so that a second copy has no effect (SPEC 4).
//
// An id is kept as the 128-bit hash of (tenant, category, id) with the watermark up to which it is
// remembered: 24 bytes, about 40 with the table's slack.
#ifndef SIGNINWATCH_DETECTORS_DEDUP_INDEX_H_
#define SIGNINWATCH_DETECTORS_DEDUP_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "detectors/sharded_map.h"
#include "parser/event_time.h"
#include "parser/ids.h"
#include "parser/signal.h"
#include "parser/table_hash.h"

namespace signinwatch {

// Of a signal with an id.
[[nodiscard]] Hash128 DedupKey(const Signal& signal);

class DedupIndex {
  // The key is a hash already, but one that anybody can compute.
  using Map = ShardedMap<Hash128, EventTime, 256>;

 public:
  // At most about `ids_max` ids; beyond that those nearest to their expiry are forgotten early and
  // counted by evicted().
  explicit DedupIndex(size_t ids_max);

  // True when `key` is remembered, that is a copy was counted and the watermark has not passed that
  // copy's `remember_until`. Otherwise remembers it from now on (unless that is over already).
  [[nodiscard]] bool SeenBefore(const Hash128& key, EventTime remember_until, EventTime watermark);
  void Prefetch(const Hash128& key) const { map_.Prefetch(map_.Hash(key)); }

  // Makes room: a quarter of a part goes, those nearest to their expiry first. Counted in
  // evicted(). False: there are none.
  bool EvictSome();

  // Forgets what the watermark has passed, a part at each call, so that no call takes long.
  void Sweep(EventTime watermark);

  [[nodiscard]] size_t size() const { return map_.size(); }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }
  [[nodiscard]] size_t bytes() const { return map_.bytes(); }

  // For saving. The journal has the keys that were remembered or forgotten since it was last taken;
  // it is kept from the first call of TakeJournal on.
  [[nodiscard]] std::vector<Hash128> TakeJournal();
  // kBeginningOfTime: not remembered.
  [[nodiscard]] EventTime RememberedUntil(const Hash128& key) const;
  template <typename F>
  void ForEach(F visit) const {
    map_.ForEach(visit);
  }
  void Restore(const Hash128& key, EventTime remember_until);

 private:
  void EvictFrom(size_t shard);
  void SweepShard(size_t shard, EventTime watermark);
  void Journal(const Hash128& key) {
    if (journaling_) journal_.push_back(key);
  }

  size_t ids_max_;
  uint64_t evicted_ = 0;
  Map map_;
  size_t next_shard_ = 0;
  size_t next_eviction_ = 0;
  EventTime next_sweep_ = kBeginningOfTime;
  bool journaling_ = false;
  std::vector<Hash128> journal_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_DEDUP_INDEX_H_
