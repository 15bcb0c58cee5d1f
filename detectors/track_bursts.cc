#include "detectors/track_bursts.h"

#include <algorithm>

namespace signinwatch {

BurstRefs BurstsOf(Track* track) {
  BurstRefs bursts;
  bursts.reserve(track->past.size() + track->sessions.size());
  for (PastBurst& past : track->past) {
    bursts.push_back(
        {past.start, past.end, past.count, &past.ticket, past.continues, nullptr, &past});
  }
  for (const auto& session : track->sessions) {
    if (!session->hot()) continue;
    bursts.push_back({session->start(), session->last(), session->count(), &session->ticket,
                      session->continues, session.get(), nullptr});
  }
  const auto earlier = [](const BurstRef& a, const BurstRef& b) { return a.start < b.start; };
  // Nearly always they are in order, and sorting allocates memory.
  if (!std::is_sorted(bursts.begin(), bursts.end(), earlier)) {
    std::stable_sort(bursts.begin(), bursts.end(), earlier);
  }
  return bursts;
}

const BurstRef* LatestOf(const BurstRefs& bursts, TicketNumber number) {
  const auto latest = std::find_if(bursts.rbegin(), bursts.rend(),
                                   [&](const BurstRef& burst) { return *burst.ticket == number; });
  return latest == bursts.rend() ? nullptr : &*latest;
}

}  // namespace signinwatch
