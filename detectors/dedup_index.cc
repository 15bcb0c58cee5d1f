#include "detectors/dedup_index.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace signinwatch {
namespace {
// The whole index is swept once in two hours of event time. More often costs more than it frees: an
// id is looked at at each sweep of the day that it stays.
constexpr Duration kSweepStep = std::chrono::duration_cast<Duration>(std::chrono::hours(2)) / 256;
}  // namespace

Hash128 DedupKey(const Signal& signal) {
  struct {
    uint64_t tenant_hi, tenant_lo, id_hi, id_lo;
    uint64_t rest;
  } bytes{signal.tenant.hi, signal.tenant.lo, signal.id.hi, signal.id.lo,
          uint64_t(signal.category) << 16 | uint64_t(signal.tenant.form) << 8 |
              uint64_t(signal.id.form)};
  return HashText128({reinterpret_cast<const char*>(&bytes), sizeof(bytes)});
}

DedupIndex::DedupIndex(size_t ids_max) : ids_max_(ids_max) {}

bool DedupIndex::SeenBefore(const Hash128& key, EventTime remember_until, EventTime watermark) {
  const auto hashed = map_.Hash(key);
  if (EventTime* until = map_.Find(hashed)) {
    if (watermark <= *until) return true;
    *until = remember_until;
    Journal(key);
    return false;
  }
  if (watermark > remember_until) return false;
  if (size() >= ids_max_) EvictFrom(map_.ShardOf(hashed));
  *map_.TryEmplace(hashed).value = remember_until;
  Journal(key);
  return false;
}

bool DedupIndex::EvictSome() {
  if (size() == 0) return false;
  while (map_.shard(next_eviction_).empty()) next_eviction_ = (next_eviction_ + 1) % Map::kShards;
  EvictFrom(next_eviction_);
  next_eviction_ = (next_eviction_ + 1) % Map::kShards;
  return true;
}

void DedupIndex::EvictFrom(size_t shard) {
  std::vector<EventTime> untils;
  untils.reserve(map_.shard(shard).size());
  for (const auto& [key, until] : map_.shard(shard)) untils.push_back(until);
  if (untils.empty()) return;
  const auto quarter = untils.begin() + static_cast<ptrdiff_t>(untils.size() / 4);
  std::nth_element(untils.begin(), quarter, untils.end());
  const size_t before = size();
  SweepShard(shard, *quarter + Duration(1));
  evicted_ += before - size();
}

void DedupIndex::SweepShard(size_t shard, EventTime watermark) {
  map_.EraseIf(shard, [&](const Hash128& key, EventTime until) {
    if (watermark <= until) return false;
    Journal(key);
    return true;
  });
}

void DedupIndex::Sweep(EventTime watermark) {
  if (next_sweep_ == kBeginningOfTime) next_sweep_ = watermark + kSweepStep;
  for (size_t i = 0; i < Map::kShards && watermark >= next_sweep_; ++i) {
    SweepShard(next_shard_, watermark);
    next_shard_ = (next_shard_ + 1) % Map::kShards;
    next_sweep_ += kSweepStep;
  }
  next_sweep_ = std::max(next_sweep_, watermark);
}

std::vector<Hash128> DedupIndex::TakeJournal() {
  journaling_ = true;
  return std::exchange(journal_, {});
}

EventTime DedupIndex::RememberedUntil(const Hash128& key) const {
  const EventTime* until = map_.Find(key);
  return until == nullptr ? kBeginningOfTime : *until;
}

void DedupIndex::Restore(const Hash128& key, EventTime remember_until) {
  *map_.TryEmplace(map_.Hash(key)).value = remember_until;
}

}  // namespace signinwatch
