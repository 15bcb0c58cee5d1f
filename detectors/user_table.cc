#include "detectors/user_table.h"

#include <cstdint>
#include <utility>

namespace signinwatch {

std::optional<UserKey> UserTable::ChooseVictim(size_t shard, const UserKey& newcomer) const {
  // The table iterates from an arbitrary place in arbitrary order, so the first few are a sample.
  constexpr int kSample = 16;
  int seen = 0;
  std::optional<UserKey> victim;
  // Fewest first: what the number of the tenant's users leaves of the greatest number; the day.
  std::pair<uint64_t, int64_t> least;
  for (const auto& [key, state] : map_.shard(shard)) {
    if (key == newcomer || state.detail != nullptr) continue;
    const std::pair rank(UINT64_MAX - of_tenants_.of(key.tenant), state.familiar.LatestDay());
    if (!victim || rank < least) {
      least = rank;
      victim = key;
    }
    if (++seen == kSample) break;
  }
  return victim;
}

std::vector<UserKey> UserTable::ChooseVictims(size_t shard) const {
  struct Candidate {
    int64_t day;
    UserKey key;
  };
  std::vector<Candidate> candidates;
  uint64_t most = 0;
  TenantIndex heaviest = 0;
  for (const auto& [key, state] : map_.shard(shard)) {
    if (state.detail != nullptr) continue;
    candidates.push_back({state.familiar.LatestDay(), key});
    const uint64_t users = of_tenants_.of(key.tenant);
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

void UserTable::AddDetail(const UserKey& key, UserState& state) {
  FailingOrder& order = orders_[key.tenant];
  if (order.keys.size() - order.next > 2 * failing_.of(key.tenant) + 64) {
    absl::flat_hash_set<UserKey, TableHash> seen;
    std::erase_if(order.keys, [&](const UserKey& other) {
      return !IsFailing(other) || !seen.insert(other).second;
    });
    order.next = 0;
  }
  order.keys.push_back(key);
  state.detail = std::make_unique<UserDetail>();
  detailed_.insert(key);
  failing_.Add(key.tenant, 1);
}

void UserTable::DropDetail(const UserKey& key, UserState& state) {
  state.detail.reset();
  if (detailed_.erase(key) == 0) return;
  failing_.Remove(key.tenant, 1);
  if (failing_.of(key.tenant) == 0) orders_.erase(key.tenant);
}

std::optional<UserKey> UserTable::NextFailing(TenantIndex tenant) {
  const auto found = orders_.find(tenant);
  if (found == orders_.end()) return std::nullopt;
  auto& [keys, next] = found->second;
  while (next < keys.size()) {
    const UserKey key = keys[next++];
    if (next > 64 && next > keys.size() / 2) {
      keys.erase(keys.begin(), keys.begin() + static_cast<ptrdiff_t>(next));
      next = 0;
    }
    if (IsFailing(key)) return key;
  }
  return std::nullopt;
}

size_t UserTable::detail_bytes() const {
  // With its key, twice, and what the allocator adds.
  constexpr size_t kBytesOfOne = sizeof(UserDetail) + 2 * (sizeof(UserKey) + 16);
  return detailed_.size() * kBytesOfOne;
}

}  // namespace signinwatch
