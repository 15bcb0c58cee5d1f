#include "daemon/store/sqlite/handling_tables.h"

#include "absl/strings/str_cat.h"
#include "daemon/store/ticket_search.h"

namespace signinwatch::store {
namespace {

absl::Status NoSuchTicket() { return absl::NotFoundError("there is no such ticket"); }

}  // namespace

HandlingTables::HandlingTables(Connection& connection)
    : connection_(connection),
      note_rank_(
          connection,
          "UPDATE tickets SET reviewed_rank = (SELECT CASE r.severity WHEN 'critical' THEN 4 "
          "WHEN 'high' THEN 3 WHEN 'medium' THEN 2 WHEN 'low' THEN 1 ELSE 0 END "
          "FROM revisions AS r WHERE r.ticket_id = ?1 AND r.revision = ?2) "
          "WHERE ticket_id = ?1 AND EXISTS "
          "(SELECT 1 FROM revisions AS r WHERE r.ticket_id = ?1 AND r.revision = ?2)"),
      put_review_(connection,
                  "INSERT OR REPLACE INTO reviews(ticket_id, revision, reviewed_at, reviewed_by) "
                  "VALUES (?, ?, ?, ?)"),
      forget_rank_(connection, "UPDATE tickets SET reviewed_rank = -1 WHERE ticket_id = ?"),
      delete_review_(connection, "DELETE FROM reviews WHERE ticket_id = ?"),
      find_ticket_(connection, "SELECT 1 FROM tickets WHERE ticket_id = ?"),
      count_ticks_(connection, "SELECT COUNT(*) FROM ticks WHERE ticket_id = ? AND step <> ?"),
      put_tick_(connection,
                "INSERT OR REPLACE INTO ticks(ticket_id, step, ticked_at, ticked_by) "
                "VALUES (?, ?, ?, ?)"),
      delete_tick_(connection, "DELETE FROM ticks WHERE ticket_id = ? AND step = ?") {}

absl::Status HandlingTables::Review(const std::string& ticket_id, uint32_t revision,
                                    const std::string& by, EventTime at) {
  if (absl::Status s = note_rank_.Run(ticket_id, int64_t{revision}); !s.ok()) return s;
  if (connection_.changes() == 0) return NoSuchTicket();
  return put_review_.Run(ticket_id, int64_t{revision}, at, by);
}

absl::Status HandlingTables::TakeBackReview(const std::string& ticket_id) {
  if (absl::Status s = forget_rank_.Run(ticket_id); !s.ok()) return s;
  if (connection_.changes() == 0) return NoSuchTicket();
  return delete_review_.Run(ticket_id);
}

absl::Status HandlingTables::Tick(const std::string& ticket_id, const StepTick& tick) {
  find_ticket_.Bind(ticket_id);
  const bool known = find_ticket_.Next();
  if (absl::Status s = find_ticket_.Finish(); !s.ok()) return s;
  if (!known) return NoSuchTicket();
  count_ticks_.Bind(ticket_id, tick.step);
  const int64_t others = count_ticks_.Next() ? count_ticks_.Integer(0) : 0;
  if (absl::Status s = count_ticks_.Finish(); !s.ok()) return s;
  if (others >= static_cast<int64_t>(kTicksMax)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a ticket has at most ", kTicksMax, " ticked steps"));
  }
  return put_tick_.Run(ticket_id, tick.step, tick.at, tick.by);
}

absl::Status HandlingTables::TakeBackTick(const std::string& ticket_id, const std::string& step) {
  return delete_tick_.Run(ticket_id, step);
}

absl::Status ReadHandling(Connection& connection, const std::string& ticket_id,
                          TicketHandling* handling) {
  *handling = {};
  Statement review(connection,
                   absl::StrCat("SELECT ", kNeedsReview,
                                ", r.ticket_id IS NOT NULL, r.reviewed_at, r.reviewed_by, "
                                "r.revision FROM tickets AS t LEFT JOIN reviews AS r "
                                "USING (ticket_id) WHERE t.ticket_id = ?"));
  review.Bind(ticket_id);
  const bool known = review.Next();
  if (known) {
    handling->review.needed = review.Integer(0) != 0;
    if (review.Integer(1) != 0) {
      handling->review.at = review.Time(2);
      handling->review.by = review.Bytes(3);
      handling->review.revision = static_cast<uint32_t>(review.Integer(4));
    }
  }
  if (absl::Status s = review.Finish(); !s.ok()) return s;
  if (!known) return NoSuchTicket();
  Statement ticks(connection,
                  "SELECT step, ticked_at, ticked_by FROM ticks WHERE ticket_id = ? "
                  "ORDER BY ticked_at, step");
  ticks.Bind(ticket_id);
  while (ticks.Next()) {
    handling->ticks.push_back({ticks.Bytes(0), ticks.Time(1), ticks.Bytes(2)});
  }
  return ticks.Finish();
}

}  // namespace signinwatch::store
