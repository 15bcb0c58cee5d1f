#include "daemon/store/postgres/commit_flight.h"

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "daemon/store/state_order.h"
#include "daemon/store/ticket_row.h"

namespace signinwatch::store::postgres {
namespace {

// Of one statement: what is sent is held twice while it is.
constexpr size_t kRowsPerStatement = 50'000;

// xmax is 0 in a row that was not there before.
constexpr char kPutState[] =
    "WITH put AS (INSERT INTO state(shard, key, value) SELECT $1, k, v FROM unnest($2::bytea[], "
    "$3::bytea[]) AS u(k, v) ON CONFLICT (shard, key) DO UPDATE SET value = excluded.value "
    "RETURNING xmax = 0 AS is_new) SELECT count(*) FILTER (WHERE is_new) FROM put";
constexpr char kDeleteState[] = "DELETE FROM state WHERE shard = $1 AND key = ANY($2::bytea[])";

constexpr char kPutPositions[] =
    "INSERT INTO positions(shard, topic, partition, next_offset, watermark, mark) "
    "SELECT $1, t, p, o, w, m FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], "
    "$6::bigint[]) AS u(t, p, o, w, m) ON CONFLICT (shard, topic, partition) DO UPDATE SET "
    "next_offset = excluded.next_offset, watermark = excluded.watermark, mark = excluded.mark";

constexpr char kPutFailures[] =
    "INSERT INTO failures(shard, bucket, code, count) SELECT $1, b, c, n FROM "
    "unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS u(b, c, n) "
    "ON CONFLICT (shard, bucket, code) DO UPDATE SET count = excluded.count";

// Revisions, and what waits for each sink: those that are named ($17: which revision of the commit,
// $18: the sink), and those that were told of the ticket before. Sequences are given in the order
// of the commit.
constexpr char kPutRevisions[] =
    "WITH made AS (INSERT INTO revisions(shard, ticket_id, revision, severity, severity_rank, "
    "state, committed_at, broker_time, json, reason, reopened, tenant_id, scope, "
    "parent_ticket_id, continues, merged_into) "
    "SELECT $1, u.ticket_id, u.revision, u.severity, u.severity_rank, u.state, $2, u.broker_time, "
    "u.json, u.reason, u.reopened, u.tenant_id, u.scope, u.parent, u.continues, u.merged FROM "
    "unnest($3::text[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $8::bigint[], "
    "$9::text[], $10::text[], $11::bigint[], $12::text[], $13::text[], $14::text[], $15::text[], "
    "$16::text[]) WITH ORDINALITY AS u(ticket_id, revision, severity, severity_rank, state, "
    "broker_time, json, reason, reopened, tenant_id, scope, parent, continues, merged, place) "
    "ORDER BY u.place RETURNING sequence, ticket_id), "
    "placed AS (SELECT sequence, ticket_id, row_number() OVER (ORDER BY sequence) AS place "
    "FROM made), "
    "queued AS (INSERT INTO outbox(shard, sink, sequence, ticket_id) "
    "SELECT $1, n.sink, p.sequence, p.ticket_id FROM placed AS p JOIN "
    "unnest($17::bigint[], $18::text[]) AS n(place, sink) ON n.place = p.place UNION "
    "SELECT $1, t.sink, p.sequence, p.ticket_id FROM placed AS p JOIN told AS t USING (ticket_id) "
    "RETURNING sink) SELECT sink, count(*) FROM queued GROUP BY sink";

constexpr char kSupersede[] =
    "UPDATE outbox AS o SET superseded = true FROM (SELECT sink, ticket_id, max(sequence) AS last "
    "FROM outbox WHERE ticket_id = ANY($1::text[]) GROUP BY sink, ticket_id) AS m WHERE "
    "o.ticket_id = m.ticket_id AND o.sink = m.sink AND o.sequence < m.last AND NOT o.superseded";

constexpr char kPutTickets[] =
    "WITH put AS (INSERT INTO tickets AS t (ticket_id, shard, sequence, committed_at, tenant_id, "
    "user_id, user_name, state, cause, severity, scope, detector, first_event_time, "
    "last_event_time, severity_rank, event_count, excepted) "
    "SELECT u.ticket_id, $1, (SELECT max(r.sequence) FROM revisions AS r WHERE r.ticket_id = "
    "u.ticket_id), $2, u.tenant_id, u.user_id, u.user_name, u.state, u.cause, u.severity, u.scope, "
    "u.detector, u.first_event_time, u.last_event_time, u.severity_rank, u.event_count, "
    "u.excepted <> 0 FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], "
    "$8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], "
    "$14::bigint[], $15::bigint[], $16::bigint[]) AS u(ticket_id, tenant_id, user_id, user_name, "
    "state, cause, severity, scope, detector, first_event_time, last_event_time, severity_rank, "
    "event_count, excepted) "
    "ON CONFLICT (ticket_id) DO UPDATE SET shard = excluded.shard, sequence = excluded.sequence, "
    "committed_at = excluded.committed_at, tenant_id = excluded.tenant_id, "
    "user_id = excluded.user_id, user_name = excluded.user_name, state = excluded.state, "
    "cause = excluded.cause, severity = excluded.severity, scope = excluded.scope, "
    "detector = excluded.detector, first_event_time = excluded.first_event_time, "
    "last_event_time = excluded.last_event_time, severity_rank = excluded.severity_rank, "
    "event_count = excluded.event_count, excepted = excluded.excepted "
    "RETURNING xmax = 0 AS is_new) SELECT count(*) FILTER (WHERE is_new) FROM put";

constexpr char kPutWords[] =
    "INSERT INTO ticket_words(ticket_id, words) SELECT t, w FROM unnest($1::text[], $2::text[]) "
    "AS u(t, w) ON CONFLICT (ticket_id) DO UPDATE SET words = excluded.words";
constexpr char kPutTold[] =
    "INSERT INTO told(ticket_id, sink) SELECT DISTINCT t, s FROM unnest($1::text[], $2::text[]) "
    "AS u(t, s) ORDER BY t, s ON CONFLICT DO NOTHING";

// $1: the moment. Not of what a sink was told of; of a ticket that got another parent, no longer
// under the one before.
constexpr char kPutRolledUp[] =
    "WITH u AS (SELECT * FROM unnest($2::text[], $3::text[], $4::text[]) AS n(parent, sink, "
    "ticket_id) WHERE NOT EXISTS (SELECT 1 FROM told AS t WHERE t.ticket_id = n.ticket_id AND "
    "t.sink = n.sink)), ended AS (UPDATE rolled_up AS r SET ended = $1 FROM u WHERE "
    "r.ticket_id = u.ticket_id AND r.sink = u.sink AND r.parent_ticket_id <> u.parent AND "
    "r.ended = 0) INSERT INTO rolled_up(parent_ticket_id, sink, ticket_id, since) "
    "SELECT parent, sink, ticket_id, $1 FROM u ON CONFLICT (parent_ticket_id, sink, ticket_id) "
    "DO UPDATE SET ended = 0 WHERE rolled_up.ended <> 0";
constexpr char kEndRolledUp[] =
    "UPDATE rolled_up AS r SET ended = $1 FROM unnest($2::text[], $3::text[]) AS u(ticket_id, "
    "sink) WHERE r.ticket_id = u.ticket_id AND r.sink = u.sink AND r.ended = 0";

// Columns of rows that are made one by one.
class Columns {
 public:
  explicit Columns(std::initializer_list<Type> types) {
    for (const Type type : types) columns_.emplace_back(type);
  }
  template <typename... Values>
  void Row(const Values&... values) {
    size_t at = 0;
    (columns_[at++].Add(values), ...);
  }
  [[nodiscard]] size_t rows() const { return columns_.front().size(); }
  void MoveTo(std::vector<Parameter>* parameters) && {
    for (ArrayParameter& column : columns_) parameters->push_back(std::move(column).Take());
  }

 private:
  std::vector<ArrayParameter> columns_;
};

constexpr Type kI = Type::kInteger, kT = Type::kText, kB = Type::kBytes;

Step StepOf(const char* sql, std::vector<Parameter> first, Columns columns) {
  Step step{.sql = sql, .parameters = std::move(first)};
  std::move(columns).MoveTo(&step.parameters);
  return step;
}

}  // namespace

CommitFlight::CommitFlight(const ShardClaim& claim, int64_t number, const StoreCommit& commit)
    : shard_(claim.shard), revisions_(static_cast<int64_t>(commit.revisions.size())) {
  Add({"BEGIN"});
  Add({"SELECT begin_commit($1, $2, $3)",
       {Integer(shard_), Integer(claim.epoch), Integer(number)}});
  AddState(commit.state);
  AddPositions(commit.positions);
  AddRevisions(commit);
  AddTickets(commit);
  AddFailures(commit.failures);
  Add({"COMMIT"});
}

void CommitFlight::Add(Step step, Counts counts) {
  steps_.push_back(std::move(step));
  counts_.push_back(counts);
}

// In the order of keys, so that neighbours in the index are written together.
void CommitFlight::AddState(const std::vector<StateRow>& rows) {
  const StateOrder order(rows);
  for (std::span<const StateRow* const> left = order.put(); !left.empty();) {
    const auto part = left.first(std::min(left.size(), kRowsPerStatement));
    Columns columns({kB, kB});
    for (const StateRow* row : part) columns.Row(row->key, row->value);
    Add(StepOf(kPutState, {Integer(shard_)}, std::move(columns)), Counts::kNewState);
    left = left.subspan(part.size());
  }
  for (std::span<const StateRow* const> left = order.deleted(); !left.empty();) {
    const auto part = left.first(std::min(left.size(), kRowsPerStatement));
    Columns columns({kB});
    for (const StateRow* row : part) columns.Row(row->key);
    Add(StepOf(kDeleteState, {Integer(shard_)}, std::move(columns)), Counts::kDeletedState);
    left = left.subspan(part.size());
  }
}

void CommitFlight::AddPositions(const std::vector<position::PartitionPosition>& positions) {
  if (positions.empty()) return;
  std::map<std::pair<std::string_view, int32_t>, const position::PartitionPosition*> last;
  for (const position::PartitionPosition& p : positions) last[{p.topic, p.partition}] = &p;
  Columns columns({kT, kI, kI, kI, kI});
  for (const auto& [key, p] : last) {
    // The same bits as a signed number.
    columns.Row(p->topic, int64_t{p->partition}, p->next_offset, p->watermark,
                static_cast<int64_t>(p->mark));
  }
  Add(StepOf(kPutPositions, {Integer(shard_)}, std::move(columns)));
}

void CommitFlight::AddFailures(const std::vector<FailureCount>& failures) {
  if (failures.empty()) return;
  std::map<std::pair<EventTime, int64_t>, uint64_t> last;
  for (const FailureCount& f : failures) last[{f.bucket, f.code}] = f.count;
  Columns columns({kI, kI, kI});
  for (const auto& [key, count] : last) {
    columns.Row(key.first, key.second, static_cast<int64_t>(count));
  }
  Add(StepOf(kPutFailures, {Integer(shard_)}, std::move(columns)));
}

void CommitFlight::AddRevisions(const StoreCommit& commit) {
  if (commit.revisions.empty()) return;
  Columns columns({kT, kI, kT, kI, kT, kI, kT, kT, kI, kT, kT, kT, kT, kT});
  Columns queued({kI, kT});
  ArrayParameter ids(kT);
  // Whoever an earlier revision of this commit is for.
  std::map<std::string_view, std::set<std::string_view>> sinks;
  int64_t place = 0;
  for (const TicketRevision& revision : commit.revisions) {
    const Ticket& ticket = revision.ticket;
    columns.Row(ticket.ticket_id, int64_t{ticket.revision}, SeverityName(ticket.severity),
                static_cast<int64_t>(ticket.severity), TicketStateName(ticket.state),
                revision.broker_time, revision.json, RevisionReasonName(ticket.reason),
                int64_t{ticket.reopened}, ticket.tenant_id, ScopeName(ticket.scope),
                ticket.parent_ticket_id, ticket.continues, ticket.merged_into);
    ids.Add(ticket.ticket_id);
    std::set<std::string_view>& of_ticket = sinks[ticket.ticket_id];
    of_ticket.insert(revision.sinks.begin(), revision.sinks.end());
    ++place;
    for (const std::string_view sink : of_ticket) queued.Row(place, sink);
  }
  Step step = StepOf(kPutRevisions, {Integer(shard_), Time(commit.moment)}, std::move(columns));
  std::move(queued).MoveTo(&step.parameters);
  Add(std::move(step), Counts::kWaiting);
  Add({kSupersede, {std::move(ids).Take()}});
}

void CommitFlight::AddTickets(const StoreCommit& commit) {
  if (commit.revisions.empty()) return;
  std::map<std::string_view, const Ticket*> last;
  Columns told({kT, kT});
  for (const TicketRevision& revision : commit.revisions) {
    last[revision.ticket.ticket_id] = &revision.ticket;
    for (const std::string& sink : revision.sinks) told.Row(revision.ticket.ticket_id, sink);
  }
  Columns columns({kT, kT, kT, kT, kT, kT, kT, kT, kT, kI, kI, kI, kI, kI});
  Columns words({kT, kT});
  for (const auto& [id, ticket] : last) {
    columns.Row(id, LowerName(ticket->tenant_id), LowerName(ticket->user_id),
                LowerName(ticket->user_principal_name), TicketStateName(ticket->state),
                CauseName(ticket->cause), SeverityName(ticket->severity), ScopeName(ticket->scope),
                ticket->detector, ticket->first_event_time, ticket->last_event_time,
                static_cast<int64_t>(ticket->severity), static_cast<int64_t>(ticket->event_count),
                int64_t{ticket->exception.empty() ? 0 : 1});
    words.Row(id, WordsOf(*ticket));
  }
  Add(StepOf(kPutTickets, {Integer(shard_), Time(commit.moment)}, std::move(columns)),
      Counts::kNewTickets);
  Add(StepOf(kPutWords, {}, std::move(words)));
  AddRolledUp(commit);
  if (told.rows() > 0) Add(StepOf(kPutTold, {}, std::move(told)));
}

// Before what is told is put: who is told of it in this commit has it no longer left out.
void CommitFlight::AddRolledUp(const StoreCommit& commit) {
  std::map<std::pair<std::string_view, std::string_view>, std::string_view> parents;
  Columns told({kT, kT});
  for (const TicketRevision& revision : commit.revisions) {
    const Ticket& ticket = revision.ticket;
    for (const std::string& sink : revision.rolled_up) {
      parents[{ticket.ticket_id, sink}] = ticket.parent_ticket_id;
    }
    for (const std::string& sink : revision.sinks) told.Row(ticket.ticket_id, sink);
  }
  Columns rolled_up({kT, kT, kT});
  for (const auto& [of, parent] : parents) rolled_up.Row(parent, of.second, of.first);
  if (rolled_up.rows() > 0) {
    Add(StepOf(kPutRolledUp, {Time(commit.moment)}, std::move(rolled_up)));
  }
  if (told.rows() > 0) Add(StepOf(kEndRolledUp, {Time(commit.moment)}, std::move(told)));
}

StoreCounts CommitFlight::ChangeOf(const std::vector<Rows>& rows) const {
  StoreCounts change{.revisions = revisions_};
  for (size_t i = 0; i < rows.size(); ++i) {
    switch (counts_[i]) {
      case Counts::kNothing:
        break;
      case Counts::kNewState:
        change.state_rows += rows[i].Integer(0, 0);
        break;
      case Counts::kDeletedState:
        change.state_rows -= rows[i].changes();
        break;
      case Counts::kNewTickets:
        change.tickets += rows[i].Integer(0, 0);
        break;
      case Counts::kWaiting:
        for (int row = 0; row < rows[i].size(); ++row) {
          change.waiting[rows[i].Bytes(row, 0)] += rows[i].Integer(row, 1);
        }
        break;
    }
  }
  return change;
}

}  // namespace signinwatch::store::postgres
