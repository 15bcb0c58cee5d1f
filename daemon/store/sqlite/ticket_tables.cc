#include "daemon/store/sqlite/ticket_tables.h"

#include <set>
#include <utility>

#include "daemon/store/ticket_row.h"

namespace signinwatch::store {
namespace {

// `ticket_updated()` is called for each ticket that was there.
constexpr char kPutTicket[] =
    "INSERT INTO tickets(ticket_id, sequence, committed_at, tenant_id, user_id, user_name, state, "
    "cause, severity, scope, detector, first_event_time, last_event_time, severity_rank, "
    "event_count, excepted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT(ticket_id) DO UPDATE SET sequence = excluded.sequence, "
    "committed_at = excluded.committed_at, tenant_id = excluded.tenant_id, "
    "user_id = excluded.user_id, user_name = excluded.user_name, state = excluded.state, "
    "cause = excluded.cause, severity = excluded.severity, scope = excluded.scope, "
    "detector = excluded.detector, first_event_time = excluded.first_event_time, "
    "last_event_time = excluded.last_event_time, severity_rank = excluded.severity_rank, "
    "event_count = excluded.event_count, excepted = excluded.excepted WHERE ticket_updated()";

constexpr char kFindOld[] =
    "SELECT committed_at, id, ticket_id, (state <> 'open' OR committed_at < ?) AND NOT EXISTS "
    "(SELECT 1 FROM revisions AS r JOIN outbox AS o USING (sequence) "
    "WHERE r.ticket_id = tickets.ticket_id) "
    "FROM tickets WHERE committed_at < ? AND (committed_at, id) > (?, ?) "
    "ORDER BY committed_at, id LIMIT ?";

}  // namespace

TicketTables::TicketTables(Connection& connection, OutboxTables& outbox, RollUpTables& roll_ups)
    : connection_(connection),
      outbox_(outbox),
      roll_ups_(roll_ups),
      ready_(connection.CountCalls("ticket_updated", &updated_)),
      put_revision_(connection,
                    "INSERT INTO revisions(ticket_id, revision, severity, state, committed_at, "
                    "broker_time, json, reason, reopened, tenant_id, scope, parent_ticket_id, "
                    "continues, merged_into) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      put_ticket_(connection, kPutTicket),
      put_words_(connection, "INSERT OR REPLACE INTO ticket_words(ticket_id, words) VALUES (?, ?)"),
      put_told_(connection, "INSERT INTO told(ticket_id, sink) VALUES (?, ?)"),
      find_told_(connection, "SELECT sink FROM told WHERE ticket_id = ?"),
      find_old_(connection, kFindOld),
      delete_ticket_(connection, "DELETE FROM tickets WHERE ticket_id = ?"),
      delete_revisions_(connection, "DELETE FROM revisions WHERE ticket_id = ?") {}

absl::Status TicketTables::Write(const std::vector<TicketRevision>& revisions, EventTime moment,
                                 StoreCounts* change) {
  if (!ready_.ok()) return ready_;
  for (const TicketRevision& revision : revisions) {
    const absl::StatusOr<int64_t> sequence = WriteRevision(revision, moment);
    if (!sequence.ok()) return sequence.status();
    change->revisions += 1;
    absl::Status s = WriteTicket(revision.ticket, *sequence, moment, change);
    if (s.ok()) s = Queue(revision, *sequence, moment, change);
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status TicketTables::Queue(const TicketRevision& revision, int64_t sequence, EventTime moment,
                                 StoreCounts* change) {
  const std::string& ticket_id = revision.ticket.ticket_id;
  std::set<std::string> sinks;
  find_told_.Bind(ticket_id);
  while (find_told_.Next()) sinks.insert(find_told_.Bytes(0));
  absl::Status s = find_told_.Finish();
  for (const std::string& sink : revision.rolled_up) {
    if (!s.ok() || sinks.contains(sink)) continue;
    s = roll_ups_.RollUp(sink, ticket_id, revision.ticket.parent_ticket_id, moment);
  }
  for (const std::string& sink : revision.sinks) {
    if (!s.ok() || !sinks.insert(sink).second) continue;
    s = put_told_.Run(ticket_id, sink);
    if (s.ok()) s = roll_ups_.End(sink, ticket_id, moment);
  }
  for (const std::string& sink : sinks) {
    if (s.ok()) s = outbox_.Put(sink, sequence, ticket_id, change);
  }
  return s;
}

absl::StatusOr<int64_t> TicketTables::WriteRevision(const TicketRevision& revision,
                                                    EventTime moment) {
  const Ticket& ticket = revision.ticket;
  absl::Status s = put_revision_.Run(
      ticket.ticket_id, int64_t{ticket.revision}, SeverityName(ticket.severity),
      TicketStateName(ticket.state), moment, revision.broker_time, revision.json,
      RevisionReasonName(ticket.reason), int64_t{ticket.reopened}, ticket.tenant_id,
      ScopeName(ticket.scope), ticket.parent_ticket_id, ticket.continues, ticket.merged_into);
  if (!s.ok()) return s;
  return connection_.last_insert_rowid();
}

absl::Status TicketTables::WriteTicket(const Ticket& ticket, int64_t sequence, EventTime moment,
                                       StoreCounts* change) {
  const std::string tenant = LowerName(ticket.tenant_id);
  const std::string user = LowerName(ticket.user_id);
  const std::string name = LowerName(ticket.user_principal_name);
  updated_ = 0;
  absl::Status s = put_ticket_.Run(
      ticket.ticket_id, sequence, moment, tenant, user, name, TicketStateName(ticket.state),
      CauseName(ticket.cause), SeverityName(ticket.severity), ScopeName(ticket.scope),
      ticket.detector, ticket.first_event_time, ticket.last_event_time,
      static_cast<int64_t>(ticket.severity), static_cast<int64_t>(ticket.event_count),
      int64_t{!ticket.exception.empty()});
  if (!s.ok()) return s;
  change->tickets += 1 - updated_;
  return put_words_.Run(ticket.ticket_id, WordsOf(ticket));
}

absl::StatusOr<int64_t> TicketTables::Forget(EventTime before, EventTime open_before, int64_t limit,
                                             Place* place, StoreCounts* change) {
  std::vector<std::string> forgotten;
  int64_t looked_at = 0;
  find_old_.Bind(open_before, before, place->committed_at, place->id, limit);
  for (; find_old_.Next(); ++looked_at) {
    *place = {find_old_.Time(0), find_old_.Integer(1)};
    if (find_old_.Integer(3) != 0) forgotten.push_back(find_old_.Bytes(2));
  }
  if (absl::Status s = find_old_.Finish(); !s.ok()) return s;
  for (const std::string& ticket_id : forgotten) {
    if (absl::Status s = Delete(ticket_id, change); !s.ok()) return s;
  }
  return looked_at;
}

absl::Status TicketTables::Delete(const std::string& ticket_id, StoreCounts* change) {
  if (absl::Status s = delete_ticket_.Run(ticket_id); !s.ok()) return s;
  change->tickets -= connection_.changes();
  if (absl::Status s = delete_revisions_.Run(ticket_id); !s.ok()) return s;
  change->revisions -= connection_.changes();
  return absl::OkStatus();
}

}  // namespace signinwatch::store
