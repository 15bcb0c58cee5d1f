#include <variant>

#include "absl/strings/str_cat.h"
#include "daemon/store/postgres/queries.h"
#include "daemon/store/ticket_search.h"

namespace signinwatch::store::postgres {
namespace {

std::vector<Parameter> ParametersOf(const TicketSearch& search) {
  std::vector<Parameter> parameters;
  for (const TicketSearch::Value& value : search.values()) {
    const auto* const text = std::get_if<std::string>(&value);
    parameters.push_back(text != nullptr ? Text(*text) : Integer(std::get<int64_t>(value)));
  }
  return parameters;
}

absl::Status ReadTexts(Connection& connection, const Step& step, clock::SteadyTime deadline,
                       std::vector<std::string>* texts) {
  texts->clear();
  const absl::StatusOr<Rows> rows = connection.Run(step, deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) texts->push_back(rows->Bytes(i, 0));
  return absl::OkStatus();
}

}  // namespace

absl::Status FindTickets(Connection& connection, const TicketFilter& filter,
                         clock::SteadyTime deadline, TicketPage* page) {
  *page = {};
  TicketSearch search(filter, SqlDialect::kPostgres);
  Step count{search.count_sql(), ParametersOf(search)};
  if (absl::Status s = search.Continue(); !s.ok()) return s;
  std::vector<Rows> rows;
  absl::Status s = connection.Fly({{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
                                   std::move(count),
                                   {search.page_sql(), ParametersOf(search)},
                                   {"COMMIT"}},
                                  deadline, &rows);
  if (!s.ok()) return s;
  page->total = static_cast<uint64_t>(rows[1].Integer(0, 0));
  for (int i = 0; i < rows[2].size() && search.Take(RowOf(rows[2], i), page); ++i) {
  }
  return absl::OkStatus();
}

absl::Status TenantDays(Connection& connection, EventTime from, clock::SteadyTime deadline,
                        std::vector<TenantDay>* days) {
  days->clear();
  constexpr int64_t kDayMicroseconds = kDay / Duration{1};
  // Two searches by index rather than one of the whole table.
  const std::string columns = absl::StrCat(
      "SELECT tenant_id, first_event_time / ", kDayMicroseconds,
      " AS day, severity, state = 'open', COUNT(*), MAX(last_event_time) FROM tickets WHERE ");
  const std::string groups = " GROUP BY tenant_id, day, severity, state = 'open'";
  const absl::StatusOr<Rows> rows = connection.Run(
      {absl::StrCat(columns, "first_event_time >= $1 AND state <> 'merged'", groups, " UNION ALL ",
                    columns, "state = 'open' AND first_event_time < $1", groups),
       {Time(from)}},
      deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) {
    days->push_back({.tenant_id = rows->Bytes(i, 0),
                     .day = EventTime(Duration(rows->Integer(i, 1) * kDayMicroseconds)),
                     .severity = rows->Bytes(i, 2),
                     .open = rows->Bool(i, 3),
                     .tickets = static_cast<uint64_t>(rows->Integer(i, 4)),
                     .last_event_time = rows->Time(i, 5)});
  }
  return absl::OkStatus();
}

absl::Status LoadTicketPeaks(Connection& connection, EventTime since, clock::SteadyTime deadline,
                             std::vector<TicketPeak>* peaks) {
  peaks->clear();
  const absl::StatusOr<Rows> rows = connection.Run(
      {"SELECT t.ticket_id, t.tenant_id, t.scope, t.cause, t.severity, t.state = 'open', "
       "t.committed_at, r.severity, MIN(r.committed_at) "
       "FROM tickets AS t JOIN revisions AS r USING (ticket_id) "
       "WHERE (t.state = 'open' OR t.committed_at >= $1) AND NOT t.excepted "
       "GROUP BY t.ticket_id, r.severity ORDER BY t.ticket_id",
       {Time(since)}},
      deadline);
  if (!rows.ok()) return rows.status();
  for (int i = 0; i < rows->size(); ++i) AddPeak(RowOf(*rows, i), peaks);
  return absl::OkStatus();
}

absl::Status TicketRevisions(Connection& connection, const std::string& ticket_id,
                             clock::SteadyTime deadline, std::vector<std::string>* revisions) {
  absl::Status s = ReadTexts(
      connection,
      {"SELECT json FROM revisions WHERE ticket_id = $1 ORDER BY sequence", {Text(ticket_id)}},
      deadline, revisions);
  if (s.ok() && revisions->empty()) return absl::NotFoundError("there is no such ticket");
  return s;
}

absl::Status FindTicketIds(Connection& connection, const std::string& beginning, size_t limit,
                           clock::SteadyTime deadline, std::vector<std::string>* ids) {
  // By the index: no id has a character beyond that of the upper bound.
  return ReadTexts(
      connection,
      {"SELECT ticket_id FROM tickets WHERE ticket_id >= $1 AND ticket_id < $2 "
       "ORDER BY ticket_id LIMIT $3",
       {Text(beginning), Text(beginning + "\x7f"), Integer(static_cast<int64_t>(limit))}},
      deadline, ids);
}

}  // namespace signinwatch::store::postgres
