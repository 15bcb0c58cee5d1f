// Shards and who has claimed them, in PostgreSQL. What a transaction writes of a shard it writes
// after it has seen, and locked, that the shard is still claimed by its epoch: a commit by
// begin_commit (schema.cc), all others by StillHeld.
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_CLAIM_QUERIES_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_CLAIM_QUERIES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/postgres/postgres_connection.h"
#include "daemon/store/shard_claim.h"

namespace signinwatch::store::postgres {

// How the sessions of the store that calls itself `owner` are named at the server.
[[nodiscard]] std::string SessionName(std::string_view owner);

struct ClaimedShard {
  ShardClaim claim;
  int64_t commits = 0;  // that are in the store
};

// Takes the shard for `owner`. `held`: the epoch by which it has it already, 0 if it has not: then
// nothing changes if that still holds. Where somebody keeps it locked for longer than a second:
// SQLSTATE 55P03; see EndOwnersTransactions.
absl::StatusOr<ClaimedShard> TakeShard(Connection& connection, Shard shard, int64_t held,
                                       std::string_view owner, clock::SteadyTime deadline);

// Ends, at the server, the sessions of who has the shard that are within a transaction: a process
// that stands still would keep it locked for as long as its connection lives.
absl::Status EndOwnersTransactions(Connection& connection, Shard shard, std::string_view owner,
                                   clock::SteadyTime deadline);

// false: it was not held by the claim.
absl::StatusOr<bool> GiveUpShard(Connection& connection, const ShardClaim& claim,
                                 clock::SteadyTime deadline);

// As it is in the store now; epoch 0: it was never claimed.
absl::StatusOr<ClaimedShard> ReadShard(Connection& connection, Shard shard,
                                       clock::SteadyTime deadline);

// Those of `claims` that still hold. With `lock` until the end of the transaction that is open.
absl::StatusOr<std::vector<ShardClaim>> StillHeld(Connection& connection,
                                                  const std::vector<ShardClaim>& claims, bool lock,
                                                  clock::SteadyTime deadline);

// Two parameters that stand for claims, as unnest($1::bigint[], $2::bigint[]) takes them.
[[nodiscard]] std::vector<Parameter> ParametersOf(const std::vector<ShardClaim>& claims);
[[nodiscard]] Parameter ShardsOf(const std::vector<ShardClaim>& claims);

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_CLAIM_QUERIES_H_
