#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/store/postgres/claim_queries.h"
#include "daemon/store/postgres/queries.h"

namespace signinwatch::store::postgres {
namespace {

absl::StatusOr<int64_t> ChangesOf(absl::StatusOr<Rows> rows) {
  if (!rows.ok()) return rows.status();
  return rows->changes();
}

}  // namespace

absl::Status CountAll(Connection& connection, const std::optional<Claims>& claims,
                      clock::SteadyTime deadline, StoreCounts* counts) {
  *counts = {};
  const std::string where = claims ? " WHERE shard = ANY($1::bigint[])" : "";
  const std::vector<Parameter> parameters =
      claims ? std::vector<Parameter>{ShardsOf(*claims)} : std::vector<Parameter>{};
  std::vector<Rows> rows;
  absl::Status s =
      connection.Fly({{"SELECT count(*) FROM state" + where, parameters},
                      {"SELECT count(*) FROM tickets" + where, parameters},
                      {"SELECT count(*) FROM revisions" + where, parameters},
                      {"SELECT sink, count(*) FROM outbox" + where + " GROUP BY sink", parameters}},
                     deadline, &rows);
  if (!s.ok()) return s;
  counts->state_rows = rows[0].Integer(0, 0);
  counts->tickets = rows[1].Integer(0, 0);
  counts->revisions = rows[2].Integer(0, 0);
  for (int i = 0; i < rows[3].size(); ++i) {
    counts->waiting[rows[3].Bytes(i, 0)] = rows[3].Integer(i, 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> DatabaseBytes(Connection& connection, clock::SteadyTime deadline) {
  const absl::StatusOr<Rows> rows =
      connection.Run({"SELECT pg_database_size(current_database())"}, deadline);
  if (!rows.ok()) return rows.status();
  return static_cast<uint64_t>(rows->Integer(0, 0));
}

absl::StatusOr<int64_t> DropSuperseded(Connection& connection, const Claims& held,
                                       const std::string& sink, int64_t count,
                                       clock::SteadyTime deadline) {
  return ChangesOf(connection.Run(
      {"DELETE FROM outbox WHERE sink = $2 AND (shard, sequence) IN (SELECT shard, sequence FROM "
       "outbox WHERE shard = ANY($1::bigint[]) AND sink = $2 AND superseded ORDER BY sequence "
       "LIMIT $3)",
       {ShardsOf(held), Text(sink), Integer(count)}},
      deadline));
}

absl::StatusOr<int64_t> DropOldest(Connection& connection, const Claims& held,
                                   const std::string& sink, int64_t count,
                                   clock::SteadyTime deadline) {
  return ChangesOf(connection.Run(
      {"DELETE FROM outbox WHERE sink = $2 AND (shard, sequence) IN (SELECT shard, sequence FROM "
       "outbox WHERE shard = ANY($1::bigint[]) AND sink = $2 ORDER BY sequence LIMIT $3)",
       {ShardsOf(held), Text(sink), Integer(count)}},
      deadline));
}

absl::StatusOr<int64_t> ForgetSink(Connection& connection, const Claims& held,
                                   const std::string& sink, clock::SteadyTime deadline) {
  return ChangesOf(
      connection.Run({"DELETE FROM outbox WHERE shard = ANY($1::bigint[]) AND sink = $2",
                      {ShardsOf(held), Text(sink)}},
                     deadline));
}

absl::StatusOr<int64_t> ForgetFailures(Connection& connection, const Claims& held, Duration keep,
                                       int64_t limit, clock::SteadyTime deadline) {
  return ChangesOf(connection.Run(
      {"DELETE FROM failures WHERE (shard, bucket, code) IN (SELECT f.shard, f.bucket, f.code FROM "
       "failures AS f JOIN (SELECT shard, max(bucket) AS newest FROM failures "
       "WHERE shard = ANY($1::bigint[]) GROUP BY shard) AS n USING (shard) "
       "WHERE f.bucket < n.newest - $2 ORDER BY f.bucket LIMIT $3)",
       {ShardsOf(held), Integer(keep.count()), Integer(limit)}},
      deadline));
}

absl::StatusOr<ForgottenTickets> ForgetTickets(Connection& connection, const Claims& held,
                                               EventTime before, EventTime open_before,
                                               int64_t limit, clock::SteadyTime deadline,
                                               TicketPlace* place) {
  const absl::StatusOr<Rows> found = connection.Run(
      {"SELECT committed_at, ticket_id, (state <> 'open' OR committed_at < $2) AND NOT EXISTS "
       "(SELECT 1 FROM outbox AS o WHERE o.ticket_id = t.ticket_id) "
       "FROM tickets AS t WHERE shard = ANY($1::bigint[]) AND committed_at < $3 "
       "AND (committed_at, ticket_id) > ($4, $5) ORDER BY committed_at, ticket_id LIMIT $6",
       {ShardsOf(held), Time(open_before), Time(before), Time(place->committed_at),
        Text(place->ticket_id), Integer(limit)}},
      deadline);
  if (!found.ok()) return found.status();
  ForgottenTickets forgotten{.looked_at = found->size()};
  ArrayParameter ids(Type::kText);
  for (int i = 0; i < found->size(); ++i) {
    *place = {found->Time(i, 0), found->Bytes(i, 1)};
    if (found->Bool(i, 2)) ids.Add(place->ticket_id);
  }
  if (ids.size() == 0) return forgotten;
  const Parameter all = std::move(ids).Take();
  std::vector<Rows> rows;
  absl::Status s =
      connection.Fly({{"DELETE FROM tickets WHERE ticket_id = ANY($1::text[])", {all}},
                      {"DELETE FROM revisions WHERE ticket_id = ANY($1::text[])", {all}}},
                     deadline, &rows);
  if (!s.ok()) return s;
  forgotten.tickets = rows[0].changes();
  forgotten.revisions = rows[1].changes();
  return forgotten;
}

}  // namespace signinwatch::store::postgres
