#include "detectors/user_table.h"

#include <cstdint>
#include <utility>

namespace signinwatch {

bool UserTable::ChooseVictim(const Shard& shard, const UserKey& newcomer, const UsersOf& users_of,
                             UserKey* victim) {
  // The table iterates from an arbitrary place in arbitrary order, so the first few are a sample.
  constexpr int kSample = 16;
  int seen = 0;
  // Fewest first: what the number of the tenant's users leaves of the greatest number; the day.
  std::pair<uint64_t, int64_t> least;
  for (const auto& [key, state] : shard) {
    if (key == newcomer || state.detail != nullptr) continue;
    const std::pair rank(UINT64_MAX - users_of(key.tenant), state.familiar.LatestDay());
    if (seen == 0 || rank < least) {
      least = rank;
      *victim = key;
    }
    if (++seen == kSample) break;
  }
  return seen > 0;
}

std::vector<UserKey> UserTable::ChooseVictims(const Shard& shard, const UsersOf& users_of) {
  struct Candidate {
    int64_t day;
    UserKey key;
  };
  std::vector<Candidate> candidates;
  uint64_t most = 0;
  TenantIndex heaviest = 0;
  for (const auto& [key, state] : shard) {
    if (state.detail != nullptr) continue;
    candidates.push_back({state.familiar.LatestDay(), key});
    const uint64_t users = users_of(key.tenant);
    if (users > most || (users == most && key.tenant < heaviest)) {
      most = users;
      heaviest = key.tenant;
    }
  }
  const size_t wanted = (candidates.size() + 3) / 4;
  std::erase_if(candidates,
                [heaviest](const Candidate& other) { return other.key.tenant != heaviest; });
  std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
    return a.day != b.day ? a.day < b.day : a.key < b.key;
  });
  std::vector<UserKey> victims;
  for (const Candidate& candidate : candidates) {
    if (victims.size() == wanted) break;
    victims.push_back(candidate.key);
  }
  return victims;
}

}  // namespace signinwatch
