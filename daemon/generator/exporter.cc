#include "daemon/generator/exporter.h"

#include <algorithm>
#include <tuple>

namespace signinwatch::generator {

Ticks Exporter::ReadyTime(Ticks event_time, Random& random) {
  const uint64_t kind = random.Below(100);
  if (kind < 70) return event_time + random.Between(kExportDelayMin, 3 * kMinute);
  if (kind < 92) return event_time + random.Between(3 * kMinute, 7 * kMinute);
  return event_time + random.Between(7 * kMinute, kExportDelayMax);
}

void Exporter::Add(const Pending& pending, bool copies, Random& random) {
  Put(pending);
  if (!copies || random.Below(1000) >= 35) return;
  uint32_t more = 1;
  while (more < 3 && random.OneIn(8)) ++more;
  Pending copy = pending;
  for (uint32_t i = 0; i < more; ++i) {
    copy.ready_time =
        random.Between(pending.ready_time + kSecond, pending.event_time + kCopyDelayMax);
    Put(copy);
    ++copies_;
  }
}

void Exporter::Put(const Pending& pending) {
  const int64_t ready = (pending.ready_time - start_) / kMinute;
  const int64_t phase = pending.tenant % kExportMinutes;
  int64_t arrival = ready - ready % kExportMinutes + phase;
  if (arrival <= ready) arrival += kExportMinutes;
  buckets_[static_cast<size_t>(arrival % kBuckets)].push_back(pending);
}

const std::vector<Pending>& Exporter::Flush(int64_t minute) {
  flushed_.clear();
  std::swap(flushed_, buckets_[static_cast<size_t>(minute % kBuckets)]);
  std::sort(flushed_.begin(), flushed_.end(), [](const Pending& a, const Pending& b) {
    return std::tie(a.tenant, a.ready_time, a.seed, a.planted) <
           std::tie(b.tenant, b.ready_time, b.seed, b.planted);
  });
  return flushed_;
}

}  // namespace signinwatch::generator
