#include "absl/strings/str_cat.h"
#include "daemon/store/postgres/queries.h"
#include "daemon/store/ticket_search.h"

namespace signinwatch::store::postgres {
namespace {

absl::Status NoSuchTicket() { return absl::NotFoundError("there is no such ticket"); }

}  // namespace

absl::Status Review(Connection& connection, const std::string& ticket_id, uint32_t revision,
                    const std::string& by, EventTime at, clock::SteadyTime deadline) {
  // The row of the ticket is locked until all is written.
  const absl::StatusOr<Rows> rows = connection.Run(
      {"WITH seen AS (UPDATE tickets SET reviewed_rank = r.severity_rank FROM (SELECT "
       "severity_rank FROM revisions WHERE ticket_id = $1 AND revision = $2 ORDER BY sequence DESC "
       "LIMIT 1) AS r WHERE tickets.ticket_id = $1 RETURNING tickets.ticket_id) "
       "INSERT INTO reviews(ticket_id, revision, reviewed_at, reviewed_by) "
       "SELECT ticket_id, $2, $3, $4 FROM seen ON CONFLICT (ticket_id) DO UPDATE SET "
       "revision = excluded.revision, reviewed_at = excluded.reviewed_at, "
       "reviewed_by = excluded.reviewed_by",
       {Text(ticket_id), Integer(revision), Time(at), Text(by)}},
      deadline);
  if (!rows.ok()) return rows.status();
  return rows->changes() > 0 ? absl::OkStatus() : NoSuchTicket();
}

absl::Status TakeBackReview(Connection& connection, const std::string& ticket_id,
                            clock::SteadyTime deadline) {
  std::vector<Rows> rows;
  absl::Status s = connection.Fly(
      {{"BEGIN"},
       {"UPDATE tickets SET reviewed_rank = -1 WHERE ticket_id = $1", {Text(ticket_id)}},
       {"DELETE FROM reviews WHERE ticket_id = $1", {Text(ticket_id)}},
       {"COMMIT"}},
      deadline, &rows);
  if (!s.ok()) return s;
  return rows[1].changes() > 0 ? absl::OkStatus() : NoSuchTicket();
}

absl::Status Tick(Connection& connection, const std::string& ticket_id, const StepTick& tick,
                  clock::SteadyTime deadline) {
  std::vector<Rows> rows;
  // Locked, so that two who tick at once are counted one after the other.
  absl::Status s = connection.Fly(
      {{"BEGIN"},
       {"SELECT 1 FROM tickets WHERE ticket_id = $1 FOR NO KEY UPDATE", {Text(ticket_id)}},
       {"INSERT INTO ticks(ticket_id, step, ticked_at, ticked_by) SELECT ticket_id, $2, $3, $4 "
        "FROM tickets WHERE ticket_id = $1 AND "
        "(SELECT count(*) FROM ticks WHERE ticket_id = $1 AND step <> $2) < $5 "
        "ON CONFLICT (ticket_id, step) DO UPDATE SET ticked_at = excluded.ticked_at, "
        "ticked_by = excluded.ticked_by",
        {Text(ticket_id), Text(tick.step), Time(tick.at), Text(tick.by),
         Integer(int64_t{kTicksMax})}},
       {"COMMIT"}},
      deadline, &rows);
  if (!s.ok()) return s;
  if (rows[1].size() == 0) return NoSuchTicket();
  if (rows[2].changes() > 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a ticket has at most ", kTicksMax, " ticked steps"));
}

absl::Status TakeBackTick(Connection& connection, const std::string& ticket_id,
                          const std::string& step, clock::SteadyTime deadline) {
  return connection
      .Run({"DELETE FROM ticks WHERE ticket_id = $1 AND step = $2", {Text(ticket_id), Text(step)}},
           deadline)
      .status();
}

absl::Status Handling(Connection& connection, const std::string& ticket_id,
                      clock::SteadyTime deadline, TicketHandling* handling) {
  *handling = {};
  std::vector<Rows> rows;
  absl::Status s = connection.Fly(
      {{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
       {absl::StrCat("SELECT ", kNeedsReview,
                     ", r.ticket_id IS NOT NULL, r.reviewed_at, r.reviewed_by, r.revision FROM "
                     "tickets AS t LEFT JOIN reviews AS r ON r.ticket_id = t.ticket_id "
                     "WHERE t.ticket_id = $1"),
        {Text(ticket_id)}},
       {"SELECT step, ticked_at, ticked_by FROM ticks WHERE ticket_id = $1 "
        "ORDER BY ticked_at, step",
        {Text(ticket_id)}},
       {"COMMIT"}},
      deadline, &rows);
  if (!s.ok()) return s;
  if (rows[1].size() == 0) return NoSuchTicket();
  handling->review.needed = rows[1].Bool(0, 0);
  if (rows[1].Bool(0, 1)) {
    handling->review.at = rows[1].Time(0, 2);
    handling->review.by = rows[1].Bytes(0, 3);
    handling->review.revision = static_cast<uint32_t>(rows[1].Integer(0, 4));
  }
  for (int i = 0; i < rows[2].size(); ++i) {
    handling->ticks.push_back({rows[2].Bytes(i, 0), rows[2].Time(i, 1), rows[2].Bytes(i, 2)});
  }
  return absl::OkStatus();
}

}  // namespace signinwatch::store::postgres
