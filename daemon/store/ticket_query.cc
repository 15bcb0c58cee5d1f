#include "daemon/store/ticket_query.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "daemon/store/ticket_tables.h"

namespace signinwatch {
namespace {

using Value = std::variant<int64_t, std::string>;

// What tickets must meet, and the values of its question marks.
class Conditions {
 public:
  void Add(const char* condition, std::initializer_list<Value> values) {
    sql_ += (sql_.empty() ? " WHERE " : " AND ") + std::string(condition);
    values_.insert(values_.end(), values.begin(), values.end());
  }
  void AddName(const char* condition, const std::optional<std::string>& name) {
    if (name.has_value()) Add(condition, {LowerName(*name)});
  }
  [[nodiscard]] const std::string& sql() const { return sql_; }

  void BindTo(Statement& statement) const {
    statement.Restart();
    for (size_t i = 0; i < values_.size(); ++i) {
      std::visit([&](const auto& value) { statement.BindAt(static_cast<int>(i) + 1, value); },
                 values_[i]);
    }
  }

 private:
  std::string sql_;
  std::vector<Value> values_;
};

int64_t Microseconds(EventTime time) { return time.time_since_epoch().count(); }

Conditions ConditionsOf(const TicketFilter& filter) {
  Conditions conditions;
  conditions.AddName("tenant_id = ?", filter.tenant_id);
  if (filter.user.has_value()) {
    const std::string user = LowerName(*filter.user);
    conditions.Add("(user_id = ? OR user_name = ?)", {user, user});
  }
  conditions.AddName("state = ?", filter.state);
  conditions.AddName("cause = ?", filter.cause);
  conditions.AddName("severity = ?", filter.severity);
  conditions.AddName("scope = ?", filter.scope);
  if (filter.detector.has_value()) conditions.Add("detector = ?", {*filter.detector});
  if (filter.from.has_value()) {
    conditions.Add("last_event_time >= ?", {Microseconds(*filter.from)});
  }
  if (filter.to.has_value()) conditions.Add("first_event_time <= ?", {Microseconds(*filter.to)});
  return conditions;
}

// A cursor is the place of the ticket that was shown last: "1764136800000000.TICKET-ID".
std::string CursorOf(int64_t first_event_time, const std::string& ticket_id) {
  return absl::StrCat(first_event_time, ".", ticket_id);
}

absl::Status AddCursor(const std::string& cursor, Conditions* conditions) {
  if (cursor.empty()) return absl::OkStatus();
  int64_t time = 0;
  const char* const end = cursor.data() + cursor.size();
  const auto [at, error] = std::from_chars(cursor.data(), end, time);
  if (error != std::errc() || at == end || *at != '.') {
    return absl::InvalidArgumentError("the cursor is not one that was returned with a page");
  }
  conditions->Add("(first_event_time, ticket_id) < (?, ?)", {time, std::string(at + 1, end)});
  return absl::OkStatus();
}

absl::Status Count(Connection& connection, const Conditions& conditions, uint64_t* total) {
  Statement count(connection, "SELECT COUNT(*) FROM tickets" + conditions.sql());
  conditions.BindTo(count);
  *total = count.Next() ? static_cast<uint64_t>(count.Integer(0)) : 0;
  return count.Finish();
}

// The narrow table is searched and sorted first; only what is shown costs its JSON.
std::string PageSql(const Conditions& conditions, size_t rows) {
  return absl::StrCat(
      "SELECT t.first_event_time, t.ticket_id, r.json FROM (SELECT first_event_time, ticket_id, "
      "sequence FROM tickets",
      conditions.sql(), " ORDER BY first_event_time DESC, ticket_id DESC LIMIT ", rows,
      ") AS t JOIN revisions AS r USING (sequence) "
      "ORDER BY t.first_event_time DESC, t.ticket_id DESC");
}

Severity SeverityOf(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(Severity::kCritical); ++i) {
    const auto severity = static_cast<Severity>(i);
    if (name == SeverityName(severity)) return severity;
  }
  return Severity::kInfo;
}

}  // namespace

absl::Status FindTickets(Connection& connection, const TicketFilter& filter, TicketPage* page) {
  *page = {};
  Conditions conditions = ConditionsOf(filter);
  Transaction snapshot(connection);
  if (absl::Status s = snapshot.Begin(Transaction::Kind::kRead); !s.ok()) return s;
  if (absl::Status s = Count(connection, conditions, &page->total); !s.ok()) return s;
  if (absl::Status s = AddCursor(filter.cursor, &conditions); !s.ok()) return s;

  const size_t limit = std::clamp<size_t>(filter.limit, 1, kTicketPageMax);
  // One more than is shown says whether there is another page.
  Statement find(connection, PageSql(conditions, limit + 1));
  conditions.BindTo(find);
  std::string last;
  while (find.Next()) {
    if (page->tickets.size() == limit) {
      page->next_cursor = last;
      break;
    }
    last = CursorOf(find.Integer(0), find.Bytes(1));
    page->tickets.push_back(find.Bytes(2));
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

absl::Status FindTicketPeaks(Connection& connection, EventTime since,
                             std::vector<TicketPeak>* peaks) {
  peaks->clear();
  Statement find(connection,
                 "SELECT t.ticket_id, t.tenant_id, t.scope, t.cause, t.severity, t.state = 'open', "
                 "t.committed_at, r.severity, MIN(r.committed_at) "
                 "FROM tickets AS t JOIN revisions AS r USING (ticket_id) "
                 "WHERE t.state = 'open' OR t.committed_at >= ? "
                 "GROUP BY t.id, r.severity ORDER BY t.id");
  find.Bind(since);
  while (find.Next()) {
    const Severity severity = SeverityOf(find.Bytes(7));
    const EventTime first(Duration(find.Integer(8)));
    if (peaks->empty() || peaks->back().ticket_id != find.Bytes(0)) {
      peaks->push_back({.ticket_id = find.Bytes(0),
                        .tenant_id = find.Bytes(1),
                        .scope = find.Bytes(2) == "user" ? GroupBy::kUser : GroupBy::kTenant,
                        .cause = find.Bytes(3),
                        .severity = SeverityOf(find.Bytes(4)),
                        .open = find.Integer(5) != 0,
                        .committed_at = find.Time(6),
                        .peak = severity,
                        .peaked_at = first});
    } else if (severity > peaks->back().peak) {
      peaks->back().peak = severity;
      peaks->back().peaked_at = first;
    }
  }
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

}  // namespace signinwatch
