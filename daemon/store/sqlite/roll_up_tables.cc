#include "daemon/store/sqlite/roll_up_tables.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace signinwatch::store {
namespace {

// Parent, sink, the moment.
constexpr char kThen[] =
    "FROM rolled_up AS m JOIN tickets AS t USING (ticket_id) WHERE m.parent_ticket_id = ?1 AND "
    "m.sink = ?2 AND m.since <= ?3 AND (m.ended = 0 OR m.ended > ?3) ";

}  // namespace

RollUpTables::RollUpTables(Connection& connection)
    : put_(connection,
           "INSERT INTO rolled_up(parent_ticket_id, sink, ticket_id, since) VALUES (?, ?, ?, ?) "
           "ON CONFLICT DO UPDATE SET ended = 0 WHERE ended <> 0"),
      end_others_(connection,
                  "UPDATE rolled_up SET ended = ?4 WHERE ticket_id = ?1 AND sink = ?2 AND "
                  "parent_ticket_id <> ?3 AND ended = 0") {}

absl::Status RollUpTables::RollUp(const std::string& sink, const std::string& ticket_id,
                                  const std::string& parent_ticket_id, EventTime now) {
  absl::Status s = end_others_.Run(ticket_id, sink, parent_ticket_id, now);
  return s.ok() ? put_.Run(parent_ticket_id, sink, ticket_id, now) : s;
}

absl::Status RollUpTables::End(const std::string& sink, const std::string& ticket_id,
                               EventTime now) {
  return end_others_.Run(ticket_id, sink, "", now);
}

// ---------------------------------------------------------------------------------------- reading

absl::Status ReadRolledUpUnder(Connection& connection, const std::string& sink,
                               const std::string& ticket_id, EventTime as_of, RolledUp* rolled_up) {
  *rolled_up = {};
  Statement count(connection, absl::StrCat("SELECT COUNT(*) ", kThen));
  count.Bind(ticket_id, sink, as_of);
  if (count.Next()) rolled_up->total = static_cast<uint64_t>(count.Integer(0));
  if (absl::Status s = count.Finish(); !s.ok() || rolled_up->total == 0) return s;
  Statement read(
      connection,
      absl::StrCat(
          "SELECT m.ticket_id, CASE t.user_name WHEN '' THEN t.user_id ELSE t.user_name END ",
          kThen, "ORDER BY m.since, m.ticket_id LIMIT ?4"));
  read.Bind(ticket_id, sink, as_of, int64_t{kRolledUpShown});
  while (read.Next()) {
    rolled_up->shown.push_back({.ticket_id = read.Bytes(0), .user = read.Bytes(1)});
  }
  return read.Finish();
}

absl::Status ReadRollUpsOf(Connection& connection, const std::string& ticket_id,
                           TicketRollUps* roll_ups) {
  *roll_ups = {};
  Statement under(connection,
                  "SELECT sink, parent_ticket_id FROM rolled_up WHERE ticket_id = ? AND ended = 0 "
                  "ORDER BY sink");
  under.Bind(ticket_id);
  while (under.Next()) {
    roll_ups->under.push_back({.sink = under.Bytes(0), .parent_ticket_id = under.Bytes(1)});
  }
  if (absl::Status s = under.Finish(); !s.ok()) return s;
  std::vector<std::string> sinks;
  Statement at(connection,
               "SELECT DISTINCT sink FROM rolled_up WHERE parent_ticket_id = ? ORDER BY sink");
  at.Bind(ticket_id);
  while (at.Next()) sinks.push_back(at.Bytes(0));
  if (absl::Status s = at.Finish(); !s.ok()) return s;
  for (std::string& sink : sinks) {
    RolledUp tickets;
    absl::Status s = ReadRolledUpUnder(connection, sink, ticket_id, EventTime::max(), &tickets);
    if (!s.ok()) return s;
    if (tickets.total > 0) roll_ups->holds.push_back({std::move(sink), std::move(tickets)});
  }
  return absl::OkStatus();
}

}  // namespace signinwatch::store
