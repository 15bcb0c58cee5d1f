#include "daemon/store/sqlite/outbox_tables.h"

#include <string_view>

namespace signinwatch::store {

OutboxTables::OutboxTables(Connection& connection)
    : connection_(connection),
      put_(connection, "INSERT INTO outbox(sink, sequence) VALUES (?, ?)"),
      supersede_(connection,
                 "UPDATE outbox SET superseded = 1 WHERE sink = ?1 AND superseded = 0 AND sequence "
                 "IN (SELECT sequence FROM revisions WHERE ticket_id = ?2 AND sequence < ?3)"),
      note_failure_(connection,
                    "INSERT INTO failed_deliveries(failed_at, sink, ticket_id, revision, error, "
                    "reason) SELECT ?3, ?1, r.ticket_id, r.revision, ?4, ?5 "
                    "FROM outbox AS o JOIN revisions AS r USING (sequence) "
                    "WHERE o.sink = ?1 AND o.sequence = ?2"),
      take_(connection, "DELETE FROM outbox WHERE sink = ? AND sequence = ?"),
      forget_failures_(connection,
                       "DELETE FROM failed_deliveries WHERE id <= "
                       "(SELECT MAX(id) FROM failed_deliveries) - ?"),
      drop_superseded_(connection,
                       // SQLite 3.40 would look at all that wait.
                       "DELETE FROM outbox WHERE sink = ?1 AND sequence IN (SELECT sequence FROM "
                       "outbox INDEXED BY outbox_superseded WHERE sink = ?1 AND superseded = 1 "
                       "ORDER BY sequence LIMIT ?2)"),
      drop_oldest_(connection,
                   "DELETE FROM outbox WHERE sink = ?1 AND sequence IN (SELECT sequence FROM "
                   "outbox WHERE sink = ?1 ORDER BY sequence LIMIT ?2)"),
      forget_(connection, "DELETE FROM outbox WHERE sink = ?") {}

absl::Status OutboxTables::Put(const std::string& sink, int64_t sequence,
                               const std::string& ticket_id, StoreCounts* change) {
  if (absl::Status s = put_.Run(sink, sequence); !s.ok()) return s;
  change->waiting[sink] += 1;
  return supersede_.Run(sink, ticket_id, sequence);
}

absl::Status OutboxTables::Take(const std::string& sink, const DeliveryOutcome& outcome,
                                EventTime now, StoreCounts* change) {
  if (outcome.kind == DeliveryOutcome::Kind::kFailed) {
    absl::Status s =
        note_failure_.Run(sink, outcome.sequence, now,
                          std::string_view(outcome.error).substr(0, kDeliveryErrorBytesMax),
                          std::string_view(outcome.reason).substr(0, kDeliveryReasonBytesMax));
    if (!s.ok()) return s;
  }
  if (absl::Status s = take_.Run(sink, outcome.sequence); !s.ok()) return s;
  change->waiting[sink] -= connection_.changes();
  return absl::OkStatus();
}

absl::Status OutboxTables::ForgetOldFailures() {
  return forget_failures_.Run(int64_t{kFailedDeliveriesMax});
}

absl::StatusOr<int64_t> OutboxTables::Drop(Statement& drop, const std::string& sink, int64_t count,
                                           StoreCounts* change) {
  if (absl::Status s = drop.Run(sink, count); !s.ok()) return s;
  const int64_t dropped = connection_.changes();
  change->waiting[sink] -= dropped;
  change->dropped[sink] += dropped;
  return dropped;
}

absl::StatusOr<int64_t> OutboxTables::DropSuperseded(const std::string& sink, int64_t count,
                                                     StoreCounts* change) {
  return Drop(drop_superseded_, sink, count, change);
}

absl::StatusOr<int64_t> OutboxTables::DropOldest(const std::string& sink, int64_t count,
                                                 StoreCounts* change) {
  return Drop(drop_oldest_, sink, count, change);
}

absl::Status OutboxTables::Forget(const std::string& sink) { return forget_.Run(sink); }

// ---------------------------------------------------------------------------------------- reading

OutboxReader::OutboxReader(Connection& connection)
    : next_(connection,
            "SELECT o.sequence, r.ticket_id, r.revision, r.severity, r.state, r.json, "
            "r.committed_at, r.broker_time, r.reason, r.reopened, r.tenant_id, r.scope, "
            "r.parent_ticket_id, r.continues, r.merged_into "
            "FROM outbox AS o JOIN revisions AS r USING (sequence) "
            "WHERE o.sink = ? AND o.sequence > ? ORDER BY o.sequence LIMIT ?"),
      failed_(connection,
              "SELECT failed_at, sink, ticket_id, revision, error, reason "
              "FROM failed_deliveries ORDER BY id DESC LIMIT ?"),
      oldest_(connection,
              "SELECT r.committed_at FROM outbox AS o JOIN revisions AS r USING (sequence) "
              "WHERE o.sink = ? ORDER BY o.sequence LIMIT 1"),
      depths_(connection, "SELECT sink, COUNT(*) FROM outbox GROUP BY sink") {}

absl::Status OutboxReader::Next(const std::string& sink, int64_t after, size_t limit,
                                std::vector<Delivery>* deliveries) {
  deliveries->clear();
  next_.Bind(sink, after, static_cast<int64_t>(limit));
  while (next_.Next()) {
    deliveries->push_back({.sequence = next_.Integer(0),
                           .ticket_id = next_.Bytes(1),
                           .revision = static_cast<uint32_t>(next_.Integer(2)),
                           .severity = next_.Bytes(3),
                           .state = next_.Bytes(4),
                           .json = next_.Bytes(5),
                           .committed_at = next_.Time(6),
                           .broker_time = next_.Time(7),
                           .reason = next_.Bytes(8),
                           .reopened = static_cast<uint32_t>(next_.Integer(9)),
                           .tenant_id = next_.Bytes(10),
                           .scope = next_.Bytes(11),
                           .parent_ticket_id = next_.Bytes(12),
                           .continues = next_.Bytes(13),
                           .merged_into = next_.Bytes(14)});
  }
  return next_.Finish();
}

absl::Status OutboxReader::Failed(size_t limit, std::vector<FailedDelivery>* failed) {
  failed->clear();
  failed_.Bind(static_cast<int64_t>(limit));
  while (failed_.Next()) {
    failed->push_back({failed_.Time(0), failed_.Bytes(1), failed_.Bytes(2),
                       static_cast<uint32_t>(failed_.Integer(3)), failed_.Bytes(4),
                       failed_.Bytes(5)});
  }
  return failed_.Finish();
}

absl::StatusOr<EventTime> OutboxReader::Oldest(const std::string& sink) {
  oldest_.Bind(sink);
  const EventTime oldest = oldest_.Next() ? oldest_.Time(0) : kBeginningOfTime;
  if (absl::Status s = oldest_.Finish(); !s.ok()) return s;
  return oldest;
}

absl::Status OutboxReader::Depths(std::map<std::string, int64_t>* waiting) {
  waiting->clear();
  depths_.Bind();
  while (depths_.Next()) (*waiting)[depths_.Bytes(0)] = depths_.Integer(1);
  return depths_.Finish();
}

}  // namespace signinwatch::store
