#include "daemon/pipeline/recent_near_misses.h"

#include <optional>
#include <string>
#include <utility>

#include "detectors/row_archive.h"

namespace signinwatch::pipeline {
namespace {

// No kind of the detector's rows (RowKind) begins so.
constexpr std::string_view kPrefix = "n.";

struct NumberedMiss {
  uint64_t number = 0;
  NearMiss miss;
};

template <typename A>
void Fields(A& a, NumberedMiss& numbered) {
  NearMiss& miss = numbered.miss;
  a(numbered.number, miss.detector, miss.scope, miss.tenant_id, miss.user, miss.events, miss.users,
    miss.threshold_events, miss.threshold_users, miss.first_event_time, miss.last_event_time);
}

}  // namespace

StateRow RecentNearMisses::Add(NearMiss miss) {
  NumberedMiss numbered{misses_.empty() ? 1 : misses_.rbegin()->first + 1, std::move(miss)};
  RowWriter writer(nullptr);
  writer(numbered);
  StateRow row =
      CheckedRow(std::string(kPrefix) + std::to_string(numbered.number % kMax), writer.Take());
  misses_.emplace(numbered.number, std::move(numbered.miss));
  if (misses_.size() > kMax) misses_.erase(misses_.begin());
  return row;
}

bool RecentNearMisses::Load(const StateRow& row) {
  if (!row.key.starts_with(kPrefix)) return false;
  const std::optional<std::string_view> value = CheckedValue(row);
  if (!value) return true;
  NumberedMiss numbered;
  RowReader reader(*value, nullptr);
  reader(numbered);
  if (reader.done()) misses_.insert_or_assign(numbered.number, std::move(numbered.miss));
  while (misses_.size() > kMax) misses_.erase(misses_.begin());
  return true;
}

std::vector<NearMiss> RecentNearMisses::All() const {
  std::vector<NearMiss> all;
  for (const auto& [number, miss] : misses_) all.push_back(miss);
  return all;
}

}  // namespace signinwatch::pipeline
