// Who may write a shard (state_store.h).
#ifndef SIGNINWATCH_DAEMON_STORE_SHARD_CLAIM_H_
#define SIGNINWATCH_DAEMON_STORE_SHARD_CLAIM_H_

#include <cstdint>

namespace signinwatch::store {

// The partition of the signal topic; 0 where there is none.
using Shard = int32_t;

// A shard taken. Each taking has a greater epoch than all before it.
struct ShardClaim {
  Shard shard = 0;
  int64_t epoch = 0;
  friend bool operator==(const ShardClaim&, const ShardClaim&) = default;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SHARD_CLAIM_H_
