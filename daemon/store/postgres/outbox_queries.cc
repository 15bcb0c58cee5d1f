#include <algorithm>
#include <utility>

#include "daemon/store/postgres/claim_queries.h"
#include "daemon/store/postgres/queries.h"

namespace signinwatch::store::postgres {
namespace {

// Of each shard by its index; a sort of all that waits would cost what waits.
constexpr char kNext[] =
    "SELECT o.sequence, r.ticket_id, r.revision, r.severity, r.state, r.json, r.committed_at, "
    "r.broker_time, r.reason, r.reopened, r.tenant_id, r.scope, r.parent_ticket_id, r.continues, "
    "r.merged_into FROM unnest($1::bigint[], $2::bigint[]) AS c(shard, epoch) "
    "JOIN shards AS s ON s.shard = c.shard AND s.epoch = c.epoch CROSS JOIN LATERAL "
    "(SELECT sequence FROM outbox WHERE shard = s.shard AND sink = $3 AND sequence > $4 "
    "ORDER BY sequence LIMIT $5) AS o JOIN revisions AS r ON r.sequence = o.sequence "
    "ORDER BY o.sequence LIMIT $5";

constexpr char kNoteFailure[] =
    "INSERT INTO failed_deliveries(failed_at, sink, ticket_id, revision, error, reason) "
    "SELECT $4, $1, r.ticket_id, r.revision, $5, $6 FROM outbox AS o JOIN revisions AS r "
    "USING (sequence) WHERE o.sink = $1 AND o.sequence = $2 AND o.shard = ANY($3::bigint[])";
constexpr char kTake[] =
    "DELETE FROM outbox WHERE sink = $1 AND sequence = $2 AND shard = ANY($3::bigint[])";
constexpr char kForgetFailed[] =
    "DELETE FROM failed_deliveries WHERE id <= (SELECT max(id) FROM failed_deliveries) - $1";

std::string_view Cut(std::string_view text, size_t max) { return text.substr(0, max); }

}  // namespace

absl::Status NextDeliveries(Connection& connection, const Claims& claims, const std::string& sink,
                            int64_t after, size_t limit, clock::SteadyTime deadline,
                            std::vector<Delivery>* deliveries) {
  deliveries->clear();
  if (claims.empty()) return absl::OkStatus();
  Step step{.sql = kNext, .parameters = ParametersOf(claims)};
  step.parameters.push_back(Text(sink));
  step.parameters.push_back(Integer(after));
  step.parameters.push_back(Integer(static_cast<int64_t>(limit)));
  const absl::StatusOr<Rows> rows = connection.Run(step, deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) {
    deliveries->push_back({.sequence = rows->Integer(i, 0),
                           .ticket_id = rows->Bytes(i, 1),
                           .revision = static_cast<uint32_t>(rows->Integer(i, 2)),
                           .severity = rows->Bytes(i, 3),
                           .state = rows->Bytes(i, 4),
                           .json = rows->Bytes(i, 5),
                           .committed_at = rows->Time(i, 6),
                           .broker_time = rows->Time(i, 7),
                           .reason = rows->Bytes(i, 8),
                           .reopened = static_cast<uint32_t>(rows->Integer(i, 9)),
                           .tenant_id = rows->Bytes(i, 10),
                           .scope = rows->Bytes(i, 11),
                           .parent_ticket_id = rows->Bytes(i, 12),
                           .continues = rows->Bytes(i, 13),
                           .merged_into = rows->Bytes(i, 14)});
  }
  return absl::OkStatus();
}

std::vector<Step> AcknowledgeSteps(const Claims& held, const std::string& sink,
                                   std::span<const DeliveryOutcome> outcomes, EventTime now) {
  std::vector<Step> steps;
  bool failed = false;
  for (const DeliveryOutcome& outcome : outcomes) {
    // The note first: it looks at what still waits.
    for (Step& step : NoteOutcomeSteps(held, sink, outcome)) steps.push_back(std::move(step));
    if (outcome.kind == DeliveryOutcome::Kind::kFailed) {
      failed = true;
      steps.push_back({kNoteFailure,
                       {Text(sink), Integer(outcome.sequence), ShardsOf(held), Time(now),
                        Text(Cut(outcome.error, kDeliveryErrorBytesMax)),
                        Text(Cut(outcome.reason, kDeliveryReasonBytesMax))}});
    }
    steps.push_back({kTake, {Text(sink), Integer(outcome.sequence), ShardsOf(held)}});
  }
  if (failed) steps.push_back({kForgetFailed, {Integer(int64_t{kFailedDeliveriesMax})}});
  return steps;
}

int64_t AcknowledgedOf(const std::vector<Step>& steps, const std::vector<Rows>& rows) {
  int64_t taken = 0;
  for (size_t i = 0; i < std::min(steps.size(), rows.size()); ++i) {
    if (steps[i].sql == kTake) taken += rows[i].changes();
  }
  return taken;
}

absl::Status FailedDeliveries(Connection& connection, size_t limit, clock::SteadyTime deadline,
                              std::vector<FailedDelivery>* failed) {
  failed->clear();
  const absl::StatusOr<Rows> rows = connection.Run(
      {"SELECT failed_at, sink, ticket_id, revision, error, reason FROM failed_deliveries "
       "ORDER BY id DESC LIMIT $1",
       {Integer(static_cast<int64_t>(limit))}},
      deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) {
    failed->push_back({rows->Time(i, 0), rows->Bytes(i, 1), rows->Bytes(i, 2),
                       static_cast<uint32_t>(rows->Integer(i, 3)), rows->Bytes(i, 4),
                       rows->Bytes(i, 5)});
  }
  return absl::OkStatus();
}

absl::StatusOr<EventTime> OldestWaiting(Connection& connection, const std::optional<Claims>& claims,
                                        const std::string& sink, clock::SteadyTime deadline) {
  std::string sql =
      "SELECT r.committed_at FROM outbox AS o JOIN revisions AS r USING (sequence) "
      "WHERE o.sink = $1";
  std::vector<Parameter> parameters{Text(sink)};
  if (claims) {
    sql += " AND o.shard = ANY($2::bigint[])";
    parameters.push_back(ShardsOf(*claims));
  }
  const absl::StatusOr<Rows> rows =
      connection.Run({sql + " ORDER BY o.sequence LIMIT 1", std::move(parameters)}, deadline);
  if (!rows.ok()) return rows.status();
  return rows->size() == 0 ? kBeginningOfTime : rows->Time(0, 0);
}

}  // namespace signinwatch::store::postgres
