#include "detectors/dedup_index.h"

#include <algorithm>
#include <chrono>

namespace signinwatch {
namespace {
// The whole index is swept once in two hours of event time. More often costs more than it frees: an
// id is looked at at each sweep of the day that it stays.
constexpr Duration kSweepStep = std::chrono::duration_cast<Duration>(std::chrono::hours(2)) / 256;
}  // namespace

DedupIndex::DedupIndex(size_t ids_max) : ids_max_(ids_max) {}

bool DedupIndex::SeenBefore(const Hash128& key, EventTime remember_until, EventTime watermark) {
  Shard& shard = ShardOf(key);
  const auto found = shard.find(key);
  if (found != shard.end()) {
    if (watermark <= found->second) return true;
    found->second = remember_until;
    Journal(key);
    return false;
  }
  if (watermark > remember_until) return false;
  if (size_ >= ids_max_) EvictFrom(shard);
  Insert(shard, key, remember_until);
  Journal(key);
  return false;
}

void DedupIndex::Insert(Shard& shard, const Hash128& key, EventTime remember_until) {
  const size_t slots = shard.capacity();
  if (shard.emplace(key, remember_until).second) ++size_;
  slots_ += shard.capacity() - slots;
}

bool DedupIndex::EvictSome() {
  if (size_ == 0) return false;
  while (shards_[next_eviction_].empty()) next_eviction_ = (next_eviction_ + 1) % kShards;
  EvictFrom(shards_[next_eviction_]);
  next_eviction_ = (next_eviction_ + 1) % kShards;
  return true;
}

void DedupIndex::EvictFrom(Shard& shard) {
  if (shard.empty()) return;
  std::vector<EventTime> untils;
  untils.reserve(shard.size());
  for (const auto& [key, until] : shard) untils.push_back(until);
  const auto quarter = untils.begin() + static_cast<ptrdiff_t>(untils.size() / 4);
  std::nth_element(untils.begin(), quarter, untils.end());
  const size_t before = size_;
  SweepShard(shard, *quarter + Duration(1));
  evicted_ += before - size_;
}

void DedupIndex::SweepShard(Shard& shard, EventTime watermark) {
  for (auto it = shard.begin(); it != shard.end();) {
    if (watermark > it->second) {
      Journal(it->first);
      shard.erase(it++);
      --size_;
    } else {
      ++it;
    }
  }
  if (shard.size() > shard.capacity() / 4) return;
  slots_ -= shard.capacity();
  shard.rehash(0);
  slots_ += shard.capacity();
}

void DedupIndex::Sweep(EventTime watermark) {
  if (next_sweep_ == kBeginningOfTime) next_sweep_ = watermark + kSweepStep;
  for (size_t i = 0; i < kShards && watermark >= next_sweep_; ++i) {
    SweepShard(shards_[next_shard_], watermark);
    next_shard_ = (next_shard_ + 1) % kShards;
    next_sweep_ += kSweepStep;
  }
  next_sweep_ = std::max(next_sweep_, watermark);
}

std::vector<Hash128> DedupIndex::TakeJournal() {
  journaling_ = true;
  return std::exchange(journal_, {});
}

EventTime DedupIndex::RememberedUntil(const Hash128& key) const {
  const Shard& shard = ShardOf(key);
  const auto found = shard.find(key);
  return found == shard.end() ? kBeginningOfTime : found->second;
}

void DedupIndex::Restore(const Hash128& key, EventTime remember_until) {
  Insert(ShardOf(key), key, remember_until);
}

}  // namespace signinwatch
