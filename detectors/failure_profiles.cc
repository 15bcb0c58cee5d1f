#include "detectors/failure_profiles.h"

#include <algorithm>
#include <utility>

namespace signinwatch {
namespace {

constexpr size_t kSweepAtLeast = 1024;

// The size at which the next sweep is due: doubled, or half of the room that is left.
size_t SweepAt(size_t size, size_t profiles_max) {
  const size_t room = profiles_max - std::min(profiles_max, size);
  return size + std::min(std::max(size, kSweepAtLeast), room / 2);
}

void Append(std::string* key, uint32_t number) {
  key->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

}  // namespace

FailureProfiles::FailureProfiles(size_t profiles_max)
    : profiles_max_(profiles_max), entries_(1), sweep_at_(SweepAt(0, profiles_max)) {
  const std::string nothing = KeyOf({});
  index_[nothing] = 0;
  key_bytes_ = BytesOfKey(nothing);
  entries_[0].used = true;
}

std::string FailureProfiles::KeyOf(const FailureProfile& profile) {
  std::string key;
  key.reserve(2 + (3 + profile.failing_policies.size()) * sizeof(TextId));
  key.push_back(static_cast<char>(profile.conditional_access));
  key.push_back(static_cast<char>(profile.risk));
  for (const TextId text : {profile.client, profile.token_type, profile.home_tenant}) {
    Append(&key, text);
  }
  for (const TextId policy : profile.failing_policies) Append(&key, policy);
  return key;
}

size_t FailureProfiles::BytesOfKey(const std::string& key) {
  constexpr size_t kPlaces = sizeof(std::string) + 2 * sizeof(ProfileId);
  return kPlaces + 2 * key.size();
}

ProfileId FailureProfiles::Intern(const FailureProfile& profile, ProfileId guess) {
  const FailureProfile& like = entries_[guess].profile;
  if (profile.conditional_access == like.conditional_access && profile.risk == like.risk &&
      profile.client == like.client && profile.token_type == like.token_type &&
      profile.home_tenant == like.home_tenant &&
      profile.failing_policies == like.failing_policies) {
    return guess;
  }
  std::string key = KeyOf(profile);
  const auto found = index_.find(key);
  if (found != index_.end()) return found->second;
  if (size() >= profiles_max_) {
    ++evicted_;
    return 0;
  }
  ProfileId id = 0;
  if (free_.empty()) {
    id = static_cast<ProfileId>(entries_.size());
    entries_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
  }
  entries_[id] = {profile, true, false};
  key_bytes_ += BytesOfKey(key);
  index_.emplace(std::move(key), id);
  return id;
}

void FailureProfiles::BeginSweep() {
  for (Entry& entry : entries_) entry.marked = false;
  entries_[0].marked = true;
}

void FailureProfiles::EndSweep(TextPool* pool) {
  for (ProfileId id = 0; id < entries_.size(); ++id) {
    Entry& entry = entries_[id];
    if (!entry.used) continue;
    if (!entry.marked) {
      const std::string key = KeyOf(entry.profile);
      key_bytes_ -= BytesOfKey(key);
      index_.erase(key);
      entry = {};
      free_.push_back(id);
      continue;
    }
    const FailureProfile& profile = entry.profile;
    for (const TextId text : {profile.client, profile.token_type, profile.home_tenant}) {
      pool->Mark(text);
    }
    for (const TextId policy : profile.failing_policies) pool->Mark(policy);
  }
  sweep_at_ = SweepAt(size(), profiles_max_);
}

}  // namespace signinwatch
