#include "daemon/store/sqlite/ticket_query.h"

#include <cstdint>
#include <variant>

#include "absl/strings/str_cat.h"
#include "daemon/store/ticket_search.h"

namespace signinwatch::store {
namespace {

int64_t Microseconds(EventTime time) { return time.time_since_epoch().count(); }

void BindTo(const std::vector<TicketSearch::Value>& values, Statement& statement) {
  statement.Restart();
  for (size_t at = 0; at < values.size(); ++at) {
    std::visit([&](const auto& value) { statement.BindAt(static_cast<int>(at) + 1, value); },
               values[at]);
  }
}

}  // namespace

absl::Status FindTickets(Connection& connection, const TicketFilter& filter, TicketPage* page) {
  *page = {};
  TicketSearch search(filter, SqlDialect::kSqlite);
  Transaction snapshot(connection);
  if (absl::Status s = snapshot.Begin(Transaction::Kind::kRead); !s.ok()) return s;
  Statement count(connection, search.count_sql());
  BindTo(search.values(), count);
  page->total = count.Next() ? static_cast<uint64_t>(count.Integer(0)) : 0;
  if (absl::Status s = count.Finish(); !s.ok()) return s;
  if (absl::Status s = search.Continue(); !s.ok()) return s;
  Statement find(connection, search.page_sql());
  BindTo(search.values(), find);
  while (find.Next() && search.Take(find, page)) {
  }
  return find.Finish();
}

absl::Status FindTenantDays(Connection& connection, EventTime from, std::vector<TenantDay>* days) {
  days->clear();
  constexpr int64_t kDayMicroseconds = kDay / Duration{1};
  // Two searches by index rather than one of the whole table.
  const std::string columns = absl::StrCat(
      "SELECT tenant_id, first_event_time / ", kDayMicroseconds,
      " AS day, severity, state = 'open', COUNT(*), MAX(last_event_time) FROM tickets WHERE ");
  const std::string groups = " GROUP BY tenant_id, day, severity, state = 'open'";
  Statement find(connection, absl::StrCat(columns, "first_event_time >= ?1 AND state <> 'merged'",
                                          groups, " UNION ALL ", columns,
                                          "state = 'open' AND first_event_time < ?1", groups));
  find.Restart();
  find.BindAt(1, Microseconds(from));
  while (find.Next()) {
    days->push_back({.tenant_id = find.Bytes(0),
                     .day = EventTime(Duration(find.Integer(1) * kDayMicroseconds)),
                     .severity = find.Bytes(2),
                     .open = find.Integer(3) != 0,
                     .tickets = static_cast<uint64_t>(find.Integer(4)),
                     .last_event_time = EventTime(Duration(find.Integer(5)))});
  }
  return find.Finish();
}

absl::Status FindTicketIds(Connection& connection, const std::string& beginning, size_t limit,
                           std::vector<std::string>* ids) {
  ids->clear();
  // By the index: no id has a character beyond that of the upper bound.
  Statement find(connection,
                 "SELECT ticket_id FROM tickets WHERE ticket_id >= ? AND ticket_id < ? "
                 "ORDER BY ticket_id LIMIT ?");
  const std::string end = beginning + "\x7f";
  find.Bind(beginning, end, static_cast<int64_t>(limit));
  while (find.Next()) ids->push_back(find.Bytes(0));
  return find.Finish();
}

absl::Status FindTicketPeaks(Connection& connection, EventTime since,
                             std::vector<TicketPeak>* peaks) {
  peaks->clear();
  Statement find(connection,
                 "SELECT t.ticket_id, t.tenant_id, t.scope, t.cause, t.severity, t.state = 'open', "
                 "t.committed_at, r.severity, MIN(r.committed_at) "
                 "FROM tickets AS t JOIN revisions AS r USING (ticket_id) "
                 "WHERE (t.state = 'open' OR t.committed_at >= ?) AND NOT t.excepted "
                 "GROUP BY t.id, r.severity ORDER BY t.id");
  find.Bind(since);
  while (find.Next()) AddPeak(find, peaks);
  return find.Finish();
}

absl::Status FindRevisions(Connection& connection, const std::string& ticket_id,
                           std::vector<std::string>* revisions) {
  revisions->clear();
  Statement find(connection, "SELECT json FROM revisions WHERE ticket_id = ? ORDER BY sequence");
  find.Bind(ticket_id);
  while (find.Next()) revisions->push_back(find.Bytes(0));
  if (absl::Status s = find.Finish(); !s.ok()) return s;
  if (revisions->empty()) return absl::NotFoundError("there is no such ticket");
  return absl::OkStatus();
}

}  // namespace signinwatch::store
