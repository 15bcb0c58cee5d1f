#include "detectors/sync_times.h"

#include <algorithm>
#include <chrono>

namespace signinwatch {

SyncTimes::Bucket SyncTimes::BucketOf(TenantIndex tenant, EventTime time) {
  using Quarters = std::chrono::duration<int64_t, std::ratio<900>>;
  return {tenant, std::chrono::floor<Quarters>(time.time_since_epoch()).count()};
}

void SyncTimes::Add(TenantIndex tenant, EventTime time) {
  std::vector<EventTime>& times = times_[BucketOf(tenant, time)];
  times.insert(std::upper_bound(times.begin(), times.end(), time), time);
}

void SyncTimes::Remove(TenantIndex tenant, EventTime time) {
  const auto bucket = times_.find(BucketOf(tenant, time));
  std::vector<EventTime>& times = bucket->second;
  times.erase(std::lower_bound(times.begin(), times.end(), time));
  if (times.empty()) times_.erase(bucket);
}

SyncContext SyncTimes::In(TenantIndex tenant, EventTime from, EventTime to) const {
  SyncContext context;
  const auto end = times_.upper_bound(BucketOf(tenant, to));
  for (auto bucket = times_.lower_bound(BucketOf(tenant, from)); bucket != end; ++bucket) {
    const std::vector<EventTime>& times = bucket->second;
    const auto first = std::lower_bound(times.begin(), times.end(), from);
    const auto behind = std::upper_bound(first, times.end(), to);
    if (first == behind) continue;
    context.last_24h += static_cast<uint64_t>(behind - first);
    context.last = *(behind - 1);
  }
  return context;
}

}  // namespace signinwatch
