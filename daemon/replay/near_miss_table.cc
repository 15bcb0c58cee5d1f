#include "daemon/replay/near_miss_table.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "daemon/replay/terminal.h"

namespace signinwatch::replay {
namespace {

// Of the threshold that was come nearest to: 0.8 is the least.
double Nearness(const NearMiss& miss) {
  const double events =
      static_cast<double>(miss.events) / std::max<double>(miss.threshold_events, 1);
  const double users = static_cast<double>(miss.users) / std::max<double>(miss.threshold_users, 1);
  return miss.scope == GroupBy::kUser ? events : std::min(events, users);
}

std::string Count(uint64_t count, uint32_t threshold, const char* what) {
  return std::to_string(count) + " of " + std::to_string(threshold) + " " + what;
}

std::string Row(const NearMiss& miss) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(miss.last_event_time -
                                                                        miss.first_event_time);
  char span[32];
  std::snprintf(span, sizeof(span), "%02lld:%02lld", static_cast<long long>(seconds.count() / 60),
                static_cast<long long>(seconds.count() % 60));
  std::string what = Count(miss.events, miss.threshold_events, "failures");
  if (miss.scope == GroupBy::kTenant) {
    what += ", " + Count(miss.users, miss.threshold_users, "users");
  }
  std::string when = FormatEventTime(miss.first_event_time).substr(0, 16);
  when[10] = ' ';
  return when + "  " + PadColumns(what + " in " + span, 28) + "  " + PadColumns(miss.detector, 22) +
         "  " + PadColumns(miss.user.empty() ? miss.tenant_id : miss.user, 0) + "\n";
}

}  // namespace

std::string NearMissTable(std::span<const NearMiss> misses, size_t most) {
  if (misses.empty()) return {};
  std::vector<const NearMiss*> order;
  order.reserve(misses.size());
  for (const NearMiss& miss : misses) order.push_back(&miss);
  std::stable_sort(order.begin(), order.end(), [](const NearMiss* a, const NearMiss* b) {
    return Nearness(*a) > Nearness(*b);
  });
  std::string text = "Nearly bursts: " + std::to_string(misses.size()) +
                     (misses.size() == kNearMissesMax ? " or more" : "") +
                     " (within a fifth of a threshold; docs/tuning.md)\n";
  for (size_t i = 0; i < order.size() && i < most; ++i) text += Row(*order[i]);
  if (order.size() > most) text += "and " + std::to_string(order.size() - most) + " more\n";
  return text;
}

}  // namespace signinwatch::replay
