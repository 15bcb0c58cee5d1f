#include "absl/status/status.h"
#include "daemon/store/held_claims.h"
#include "daemon/store/postgres/claim_queries.h"
#include "daemon/store/postgres/queries.h"
#include "daemon/store/postgres/session.h"

namespace signinwatch::store::postgres {
namespace {

// In one snapshot with what follows. Not locked: who loads waits for nobody, and what another
// writes afterwards is not seen.
constexpr char kBeginLoad[] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr char kIsClaimed[] = "SELECT 1 FROM shards WHERE shard = $1 AND epoch = $2";

Step IsClaimed(const ShardClaim& claim) {
  return {kIsClaimed, {Integer(claim.shard), Integer(claim.epoch)}};
}

}  // namespace

absl::Status LoadState(Connection& connection, const ShardClaim& claim, std::string_view head,
                       const StateVisitor& visit) {
  const auto patience = std::chrono::duration_cast<Duration>(kCallPatience);
  std::vector<Rows> rows;
  // Rows come as fast as the visitor takes them.
  absl::Status s =
      connection.Execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0",
                         connection.clock().Steady() + patience);
  if (s.ok()) {
    s = connection.Fly({{kBeginLoad},
                        IsClaimed(claim),
                        {"SELECT key, value FROM state WHERE shard = $1 AND key = $2",
                         {Integer(claim.shard), Bytes(head)}}},
                       connection.clock().Steady() + patience, &rows);
  }
  if (!s.ok()) return s;
  if (rows[1].size() == 0) return ShardTaken(claim.shard);
  const auto take = [&visit](const Rows& row) { return visit({row.Bytes(0, 0), row.Bytes(0, 1)}); };
  if (rows[2].size() > 0 && !take(rows[2])) return absl::OkStatus();
  return connection.Stream({"SELECT key, value FROM state WHERE shard = $1 AND key <> $2",
                            {Integer(claim.shard), Bytes(head)}},
                           patience, take);
}

absl::Status LoadPositions(Connection& connection, const ShardClaim& claim,
                           clock::SteadyTime deadline,
                           std::vector<position::PartitionPosition>* positions) {
  positions->clear();
  std::vector<Rows> rows;
  absl::Status s = connection.Fly(
      {{kBeginLoad},
       IsClaimed(claim),
       {"SELECT topic, partition, next_offset, watermark, mark FROM positions WHERE shard = $1 "
        "ORDER BY topic, partition",
        {Integer(claim.shard)}},
       {"COMMIT"}},
      deadline, &rows);
  if (!s.ok()) return s;
  if (rows[1].size() == 0) return ShardTaken(claim.shard);
  for (int i = 0; i < rows[2].size(); ++i) {
    positions->push_back({.topic = rows[2].Bytes(i, 0),
                          .partition = static_cast<int32_t>(rows[2].Integer(i, 1)),
                          .next_offset = rows[2].Integer(i, 2),
                          .watermark = rows[2].Time(i, 3),
                          .mark = static_cast<uint64_t>(rows[2].Integer(i, 4))});
  }
  return absl::OkStatus();
}

absl::Status LoadFailures(Connection& connection, const ShardClaim& claim, EventTime from,
                          clock::SteadyTime deadline, std::vector<FailureCount>* failures) {
  failures->clear();
  std::vector<Rows> rows;
  absl::Status s =
      connection.Fly({{kBeginLoad},
                      IsClaimed(claim),
                      {"SELECT bucket, code, count FROM failures WHERE shard = $1 AND bucket >= $2 "
                       "ORDER BY bucket, code",
                       {Integer(claim.shard), Time(from)}},
                      {"COMMIT"}},
                     deadline, &rows);
  if (!s.ok()) return s;
  if (rows[1].size() == 0) return ShardTaken(claim.shard);
  for (int i = 0; i < rows[2].size(); ++i) {
    failures->push_back(
        {rows[2].Time(i, 0), rows[2].Integer(i, 1), static_cast<uint64_t>(rows[2].Integer(i, 2))});
  }
  return absl::OkStatus();
}

}  // namespace signinwatch::store::postgres
