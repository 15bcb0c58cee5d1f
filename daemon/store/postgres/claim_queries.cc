#include "daemon/store/postgres/claim_queries.h"

#include <utility>

namespace signinwatch::store::postgres {
namespace {

// FOR UPDATE waits for commits, and for those that StillHeld has locked; they do not wait for each
// other.
constexpr char kLockShard[] =
    "SELECT epoch, commits, owner FROM shards WHERE shard = $1 FOR UPDATE";
constexpr char kRaise[] =
    "UPDATE shards SET epoch = epoch + 1, owner = $2, claimed_at = now() WHERE shard = $1 "
    "RETURNING epoch, commits";

}  // namespace

std::string SessionName(std::string_view owner) { return "signinwatch " + std::string(owner); }

absl::StatusOr<ClaimedShard> TakeShard(Connection& connection, Shard shard, int64_t held,
                                       std::string_view owner, clock::SteadyTime deadline) {
  std::vector<Rows> rows;
  absl::Status s = connection.Fly(
      {{"BEGIN"},
       {"SET LOCAL lock_timeout = '1s'"},
       {"INSERT INTO shards(shard) VALUES ($1) ON CONFLICT DO NOTHING", {Integer(shard)}},
       {kLockShard, {Integer(shard)}}},
      deadline, &rows);
  if (!s.ok()) return s;
  ClaimedShard now{.claim = {.shard = shard, .epoch = rows[3].Integer(0, 0)},
                   .commits = rows[3].Integer(0, 1)};
  if (held != 0 && held == now.claim.epoch && rows[3].Bytes(0, 2) == owner) {
    s = connection.Fly({{"COMMIT"}}, deadline, &rows);
    if (!s.ok()) return s;
    return now;
  }
  s = connection.Fly({{kRaise, {Integer(shard), Text(owner)}}, {"COMMIT"}}, deadline, &rows);
  if (!s.ok()) return s;
  now.claim.epoch = rows[0].Integer(0, 0);
  now.commits = rows[0].Integer(0, 1);
  return now;
}

absl::Status EndOwnersTransactions(Connection& connection, Shard shard, std::string_view owner,
                                   clock::SteadyTime deadline) {
  const absl::StatusOr<Rows> former =
      connection.Run({"SELECT owner FROM shards WHERE shard = $1", {Integer(shard)}}, deadline);
  if (!former.ok()) return former.status();
  if (former->size() == 0) return absl::OkStatus();
  const std::string name = former->Bytes(0, 0);
  if (name.empty() || name == owner) return absl::OkStatus();
  return connection
      .Run({"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 "
            "AND datname = current_database() AND pid <> pg_backend_pid() "
            "AND xact_start IS NOT NULL",
            {Text(SessionName(name))}},
           deadline)
      .status();
}

absl::StatusOr<bool> GiveUpShard(Connection& connection, const ShardClaim& claim,
                                 clock::SteadyTime deadline) {
  const absl::StatusOr<Rows> rows =
      connection.Run({"UPDATE shards SET owner = '' WHERE shard = $1 AND epoch = $2",
                      {Integer(claim.shard), Integer(claim.epoch)}},
                     deadline);
  if (!rows.ok()) return rows.status();
  return rows->changes() > 0;
}

absl::StatusOr<ClaimedShard> ReadShard(Connection& connection, Shard shard,
                                       clock::SteadyTime deadline) {
  const absl::StatusOr<Rows> rows = connection.Run(
      {"SELECT epoch, commits FROM shards WHERE shard = $1", {Integer(shard)}}, deadline);
  if (!rows.ok()) return rows.status();
  ClaimedShard now{.claim = {.shard = shard}};
  if (rows->size() > 0) {
    now.claim.epoch = rows->Integer(0, 0);
    now.commits = rows->Integer(0, 1);
  }
  return now;
}

absl::StatusOr<std::vector<ShardClaim>> StillHeld(Connection& connection,
                                                  const std::vector<ShardClaim>& claims, bool lock,
                                                  clock::SteadyTime deadline) {
  std::string sql =
      "SELECT s.shard, s.epoch FROM shards AS s JOIN unnest($1::bigint[], $2::bigint[]) AS "
      "c(shard, epoch) ON s.shard = c.shard AND s.epoch = c.epoch ORDER BY s.shard";
  if (lock) sql += " FOR KEY SHARE OF s";
  const absl::StatusOr<Rows> rows = connection.Run({sql, ParametersOf(claims)}, deadline);
  if (!rows.ok()) return rows.status();
  std::vector<ShardClaim> held;
  for (int i = 0; i < rows->size(); ++i) {
    held.push_back(
        {.shard = static_cast<Shard>(rows->Integer(i, 0)), .epoch = rows->Integer(i, 1)});
  }
  return held;
}

std::vector<Parameter> ParametersOf(const std::vector<ShardClaim>& claims) {
  ArrayParameter shards(Type::kInteger), epochs(Type::kInteger);
  for (const ShardClaim& claim : claims) {
    shards.Add(int64_t{claim.shard});
    epochs.Add(claim.epoch);
  }
  return {std::move(shards).Take(), std::move(epochs).Take()};
}

Parameter ShardsOf(const std::vector<ShardClaim>& claims) { return ParametersOf(claims)[0]; }

}  // namespace signinwatch::store::postgres
