// The claims that a store holds, as far as it knows. Thread-safe.
#ifndef SIGNINWATCH_DAEMON_STORE_HELD_CLAIMS_H_
#define SIGNINWATCH_DAEMON_STORE_HELD_CLAIMS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/shard_claim.h"

namespace signinwatch::store {

class HeldClaims {
 public:
  // `true`: it is another than before.
  bool Hold(const ShardClaim& claim);
  // Nothing, if another claim of the shard is held by now. `true`: it was held.
  bool Drop(const ShardClaim& claim);

  [[nodiscard]] std::optional<ShardClaim> Of(Shard shard) const;
  // kAborted, with the shard's number: it is not held.
  [[nodiscard]] absl::Status Check(const ShardClaim& claim) const;
  [[nodiscard]] std::vector<ShardClaim> All() const;  // by shard
  // Grows when what is held changes.
  [[nodiscard]] uint64_t version() const;

 private:
  mutable std::mutex mutex_;
  std::map<Shard, ShardClaim> claims_;  // bounded by the partitions of the signal topic
  uint64_t version_ = 0;
};

// What to return where another has taken a shard.
[[nodiscard]] absl::Status ShardTaken(Shard shard);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_HELD_CLAIMS_H_
