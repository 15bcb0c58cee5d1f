#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/store/postgres/claim_queries.h"
#include "daemon/store/postgres/queries.h"

namespace signinwatch::store::postgres {
namespace {

constexpr char kPut[] =
    "INSERT INTO remote_tickets(ticket_id, sink, generation, remote_id, link, state, revision, "
    "reopened, memo, intent, intent_revision, intent_since, error) "
    "SELECT ticket_id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13 FROM tickets "
    "WHERE ticket_id = $1 AND shard = ANY($14::bigint[]) "
    "ON CONFLICT (ticket_id, sink, generation) DO UPDATE SET remote_id = excluded.remote_id, "
    "link = excluded.link, state = excluded.state, revision = excluded.revision, "
    "reopened = excluded.reopened, memo = excluded.memo, intent = excluded.intent, "
    "intent_revision = excluded.intent_revision, intent_since = excluded.intent_since, "
    "error = excluded.error";
constexpr char kForgetOld[] =
    "DELETE FROM remote_tickets AS t USING tickets AS k WHERE t.ticket_id = $1 AND t.sink = $2 AND "
    "t.generation <= $3 AND k.ticket_id = t.ticket_id AND k.shard = ANY($4::bigint[])";

// Of the generation that is there, else the first, of the ticket of a delivery that waits.
constexpr char kPresent[] =
    "INSERT INTO remote_tickets(ticket_id, sink, generation, state, revision, reopened, error) "
    "SELECT r.ticket_id, $1, COALESCE((SELECT max(generation) FROM remote_tickets AS t WHERE "
    "t.ticket_id = r.ticket_id AND t.sink = $1), 1), CASE r.state WHEN 'open' THEN 'open' ELSE "
    "'closed' END, ";
constexpr char kOfWaiting[] =
    " FROM outbox AS o JOIN revisions AS r USING (sequence) WHERE o.sink = $1 AND o.sequence = $2 "
    "AND o.shard = ANY($3::bigint[]) ON CONFLICT (ticket_id, sink, generation) DO UPDATE SET ";

constexpr char kColumns[] =
    "t.sink, t.ticket_id, t.generation, t.remote_id, t.link, t.state, t.revision, t.reopened, "
    "t.memo, t.intent, t.intent_revision, t.intent_since, t.error";

RemoteTicket RemoteOf(const RowOf& row) {
  RemoteTicket remote{.sink = row.Bytes(0),
                      .ticket_id = row.Bytes(1),
                      .generation = static_cast<uint32_t>(row.Integer(2)),
                      .remote_id = row.Bytes(3),
                      .link = row.Bytes(4),
                      .state = RemoteStateOf(row.Bytes(5)),
                      .revision = static_cast<uint32_t>(row.Integer(6)),
                      .reopened = static_cast<uint32_t>(row.Integer(7)),
                      .memo = row.Bytes(8),
                      .error = row.Bytes(12)};
  if (std::string operation = row.Bytes(9); !operation.empty()) {
    remote.intent = {std::move(operation), static_cast<uint32_t>(row.Integer(10)), row.Time(11)};
  }
  return remote;
}

}  // namespace

std::vector<Step> NoteRemoteSteps(const Claims& held, const RemoteTicket& remote) {
  const RemoteIntent intent = remote.intent.value_or(RemoteIntent{});
  return {
      {kPut,
       {Text(remote.ticket_id), Text(remote.sink), Integer(remote.generation),
        Text(remote.remote_id), Text(remote.link), Text(RemoteStateName(remote.state)),
        Integer(remote.revision), Integer(remote.reopened), Text(remote.memo),
        Text(intent.operation), Integer(intent.revision), Time(intent.since),
        Text(std::string_view(remote.error).substr(0, kDeliveryErrorBytesMax)), ShardsOf(held)}},
      {kForgetOld,
       {Text(remote.ticket_id), Text(remote.sink),
        Integer(int64_t{remote.generation} - int64_t{kRemoteGenerationsMax}), ShardsOf(held)}}};
}

std::vector<Step> NoteOutcomeSteps(const Claims& held, const std::string& sink,
                                   const DeliveryOutcome& outcome) {
  const bool failed = outcome.kind == DeliveryOutcome::Kind::kFailed;
  if (outcome.remote) {
    RemoteTicket remote = *outcome.remote;
    remote.sink = sink;
    remote.error = failed ? outcome.error : "";
    return NoteRemoteSteps(held, remote);
  }
  std::vector<Parameter> parameters{Text(sink), Integer(outcome.sequence), ShardsOf(held)};
  if (!failed) {
    return {{absl::StrCat(kPresent, "r.revision, r.reopened, ''", kOfWaiting,
                          "state = excluded.state, revision = excluded.revision, "
                          "reopened = excluded.reopened, error = ''"),
             std::move(parameters)}};
  }
  parameters.push_back(Text(std::string_view(outcome.error).substr(0, kDeliveryErrorBytesMax)));
  return {{absl::StrCat(kPresent, "0, 0, $4", kOfWaiting, "error = excluded.error"),
           std::move(parameters)}};
}

absl::Status RemoteTickets(Connection& connection, const std::string& sink,
                           const std::string& ticket_id, clock::SteadyTime deadline,
                           std::vector<RemoteTicket>* remotes) {
  remotes->clear();
  const absl::StatusOr<Rows> rows =
      connection.Run({absl::StrCat("SELECT ", kColumns,
                                   " FROM remote_tickets AS t WHERE ticket_id = $1 AND sink = $2 "
                                   "ORDER BY generation"),
                      {Text(ticket_id), Text(sink)}},
                     deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) remotes->push_back(RemoteOf({*rows, i}));
  return absl::OkStatus();
}

absl::Status RemoteTicketsOf(Connection& connection, const std::string& ticket_id,
                             clock::SteadyTime deadline, std::vector<RemoteTicket>* remotes) {
  remotes->clear();
  const absl::StatusOr<Rows> rows =
      connection.Run({absl::StrCat("SELECT DISTINCT ON (t.sink) ", kColumns,
                                   " FROM remote_tickets AS t WHERE ticket_id = $1 "
                                   "ORDER BY t.sink, t.generation DESC"),
                      {Text(ticket_id)}},
                     deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) remotes->push_back(RemoteOf({*rows, i}));
  return absl::OkStatus();
}

absl::Status ToldTickets(Connection& connection, const Claims& claims, const std::string& sink,
                         clock::SteadyTime deadline, std::vector<ToldTicket>* told) {
  told->clear();
  if (claims.empty()) return absl::OkStatus();
  // A revision may be there twice: of those the last one.
  Step step{.sql = absl::StrCat(
                "SELECT DISTINCT ON (t.ticket_id, t.generation) ", kColumns,
                ", r.json FROM remote_tickets AS t JOIN tickets AS k ON k.ticket_id = t.ticket_id "
                "JOIN unnest($1::bigint[], $2::bigint[]) AS c(shard, epoch) ON c.shard = k.shard "
                "JOIN shards AS s ON s.shard = c.shard AND s.epoch = c.epoch "
                "JOIN revisions AS r ON r.ticket_id = t.ticket_id AND "
                "r.revision = GREATEST(t.revision, t.intent_revision) "
                "WHERE t.sink = $3 AND (t.state = 'open' OR (t.state = 'closed' AND t.memo <> '')) "
                "ORDER BY t.ticket_id, t.generation, r.sequence DESC"),
            .parameters = ParametersOf(claims)};
  step.parameters.push_back(Text(sink));
  const absl::StatusOr<Rows> rows = connection.Run(step, deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) {
    told->push_back({.remote = RemoteOf({*rows, i}), .json = rows->Bytes(i, 13)});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Shard>> ShardOfTicket(Connection& connection,
                                                   const std::string& ticket_id,
                                                   clock::SteadyTime deadline) {
  const absl::StatusOr<Rows> rows = connection.Run(
      {"SELECT shard FROM tickets WHERE ticket_id = $1", {Text(ticket_id)}}, deadline);
  if (!rows.ok()) return rows.status();
  if (rows->size() == 0) return std::nullopt;
  return static_cast<Shard>(rows->Integer(0, 0));
}

absl::Status RolledUpUnder(Connection& connection, const std::string& sink,
                           const std::string& ticket_id, EventTime as_of,
                           clock::SteadyTime deadline, RolledUp* rolled_up) {
  *rolled_up = {};
  const absl::StatusOr<Rows> rows = connection.Run(
      {"SELECT m.ticket_id, CASE t.user_name WHEN '' THEN t.user_id ELSE t.user_name END, "
       "count(*) OVER () FROM rolled_up AS m JOIN tickets AS t USING (ticket_id) WHERE "
       "m.parent_ticket_id = $1 AND m.sink = $2 AND m.since <= $3 AND "
       "(m.ended = 0 OR m.ended > $3) ORDER BY m.since, m.ticket_id LIMIT $4",
       {Text(ticket_id), Text(sink), Time(as_of), Integer(kRolledUpShown)}},
      deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) {
    rolled_up->total = static_cast<uint64_t>(rows->Integer(i, 2));
    rolled_up->shown.push_back({.ticket_id = rows->Bytes(i, 0), .user = rows->Bytes(i, 1)});
  }
  return absl::OkStatus();
}

absl::Status RollUpsOf(Connection& connection, const std::string& ticket_id,
                       clock::SteadyTime deadline, TicketRollUps* roll_ups) {
  *roll_ups = {};
  const absl::StatusOr<Rows> under = connection.Run(
      {"SELECT sink, parent_ticket_id FROM rolled_up WHERE ticket_id = $1 AND ended = 0 "
       "ORDER BY sink",
       {Text(ticket_id)}},
      deadline);
  if (!under.ok()) return under.status();
  for (int i = 0; i < under->size(); ++i) {
    roll_ups->under.push_back({.sink = under->Bytes(i, 0), .parent_ticket_id = under->Bytes(i, 1)});
  }
  const absl::StatusOr<Rows> sinks = connection.Run(
      {"SELECT DISTINCT sink FROM rolled_up WHERE parent_ticket_id = $1 ORDER BY sink",
       {Text(ticket_id)}},
      deadline);
  if (!sinks.ok()) return sinks.status();
  for (int i = 0; i < sinks->size(); ++i) {
    TicketRollUps::AtSink at{.sink = sinks->Bytes(i, 0), .tickets = {}};
    absl::Status s =
        RolledUpUnder(connection, at.sink, ticket_id, EventTime::max(), deadline, &at.tickets);
    if (!s.ok()) return s;
    if (at.tickets.total > 0) roll_ups->holds.push_back(std::move(at));
  }
  return absl::OkStatus();
}

}  // namespace signinwatch::store::postgres
