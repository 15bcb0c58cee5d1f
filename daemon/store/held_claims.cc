#include "daemon/store/held_claims.h"

#include "absl/strings/str_cat.h"

namespace signinwatch::store {

bool HeldClaims::Hold(const ShardClaim& claim) {
  const std::lock_guard lock(mutex_);
  const auto [held, is_new] = claims_.try_emplace(claim.shard, claim);
  if (!is_new && held->second == claim) return false;
  held->second = claim;
  ++version_;
  return true;
}

bool HeldClaims::Drop(const ShardClaim& claim) {
  const std::lock_guard lock(mutex_);
  const auto held = claims_.find(claim.shard);
  if (held == claims_.end() || held->second != claim) return false;
  claims_.erase(held);
  ++version_;
  return true;
}

std::optional<ShardClaim> HeldClaims::Of(Shard shard) const {
  const std::lock_guard lock(mutex_);
  const auto held = claims_.find(shard);
  if (held == claims_.end()) return std::nullopt;
  return held->second;
}

absl::Status HeldClaims::Check(const ShardClaim& claim) const {
  return Of(claim.shard) == claim ? absl::OkStatus() : ShardTaken(claim.shard);
}

std::vector<ShardClaim> HeldClaims::All() const {
  const std::lock_guard lock(mutex_);
  std::vector<ShardClaim> all;
  for (const auto& [shard, claim] : claims_) all.push_back(claim);
  return all;
}

uint64_t HeldClaims::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

absl::Status ShardTaken(Shard shard) {
  return absl::AbortedError(absl::StrCat("shard ", shard, " is not ours any more"));
}

}  // namespace signinwatch::store
