#include "daemon/store/sqlite/ticket_query.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "daemon/store/sqlite/handling_tables.h"
#include "daemon/store/sqlite/ticket_tables.h"

namespace signinwatch {
namespace {

using Value = std::variant<int64_t, std::string>;

// What tickets must meet, and the values of its question marks.
class Conditions {
 public:
  void Add(const std::string& condition, std::vector<Value> values = {}) {
    sql_ += (sql_.empty() ? " WHERE " : " AND ") + condition;
    for (Value& value : values) values_.push_back(std::move(value));
  }
  void AddName(const char* condition, const std::optional<std::string>& name) {
    if (name.has_value()) Add(condition, {LowerName(*name)});
  }
  // One of them.
  void AddNames(const char* column, const std::vector<std::string>& names) {
    if (!names.empty()) Add(absl::StrCat(column, " IN ", Places(names.size())), Lower(names));
  }
  void AddWord(const SearchWord& word) {
    std::vector<Value> values{LowerName(word.text)};
    std::string tenants;
    if (!word.tenants.empty()) {
      tenants = absl::StrCat(" OR tenant_id IN ", Places(word.tenants.size()));
      for (Value& tenant : Lower(word.tenants)) values.push_back(std::move(tenant));
    }
    Add(absl::StrCat("(ticket_id IN (SELECT ticket_id FROM ticket_words WHERE instr(words, ?) > 0)",
                     tenants, ")"),
        std::move(values));
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
  // "(?,?,?)"
  static std::string Places(size_t count) {
    std::string places = "(?";
    for (size_t i = 1; i < count; ++i) places += ",?";
    return places + ")";
  }
  static std::vector<Value> Lower(const std::vector<std::string>& names) {
    std::vector<Value> lower;
    for (const std::string& name : names) lower.emplace_back(LowerName(name));
    return lower;
  }

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
  conditions.AddNames("cause", filter.cause);
  conditions.AddNames("severity", filter.severity);
  conditions.AddName("scope = ?", filter.scope);
  if (filter.detector.has_value()) conditions.Add("detector = ?", {*filter.detector});
  if (filter.needs_review.has_value()) {
    conditions.Add(*filter.needs_review ? kNeedsReview : absl::StrCat("NOT (", kNeedsReview, ")"));
  }
  if (filter.excepted.has_value()) conditions.Add(*filter.excepted ? "excepted" : "NOT excepted");
  if (filter.from.has_value()) {
    conditions.Add("last_event_time >= ?", {Microseconds(*filter.from)});
  }
  if (filter.to.has_value()) conditions.Add("first_event_time <= ?", {Microseconds(*filter.to)});
  for (const SearchWord& word : filter.words) conditions.AddWord(word);
  return conditions;
}

// What is sorted by before the first failure and the id, and how its cursors begin.
struct Order {
  const char* column;  // empty: nothing
  const char* cursor;
};
Order OrderOf(const TicketFilter& filter) {
  switch (filter.order) {
    case TicketOrder::kLastFailure:
      return {"last_event_time, ", "last."};
    case TicketOrder::kSeverity:
      return {"severity_rank, ", "severity."};
    case TicketOrder::kFailures:
      return {"event_count, ", "failures."};
    case TicketOrder::kFirstFailure:
      break;
  }
  return {"", ""};
}

// "a, b, c" -> "a DESC, b DESC, c DESC"
std::string Descending(const std::string& columns) {
  return absl::StrReplaceAll(columns, {{",", " DESC,"}}) + " DESC";
}

// A cursor is the place of the ticket that was shown last: "1764136800000000.TICKET-ID", or
// "severity.3.1764136800000000.TICKET-ID".
absl::Status AddCursor(const std::string& cursor, const Order& order, Conditions* conditions) {
  if (cursor.empty()) return absl::OkStatus();
  const absl::Status none =
      absl::InvalidArgumentError("the cursor is not one that was returned with a page");
  std::string_view rest = cursor;
  const std::string_view prefix = order.cursor;
  if (rest.substr(0, prefix.size()) != prefix) return none;
  rest.remove_prefix(prefix.size());
  std::vector<Value> place;
  for (int numbers = prefix.empty() ? 1 : 2; numbers > 0; --numbers) {
    int64_t number = 0;
    const char* const end = rest.data() + rest.size();
    const auto [at, error] = std::from_chars(rest.data(), end, number);
    if (error != std::errc() || at == end || *at != '.') return none;
    place.emplace_back(number);
    rest.remove_prefix(static_cast<size_t>(at + 1 - rest.data()));
  }
  place.emplace_back(std::string(rest));
  conditions->Add(absl::StrCat("(", order.column, "first_event_time, ticket_id) < (",
                               prefix.empty() ? "" : "?, ", "?, ?)"),
                  std::move(place));
  return absl::OkStatus();
}

absl::Status Count(Connection& connection, const Conditions& conditions, uint64_t* total) {
  Statement count(connection, "SELECT COUNT(*) FROM tickets" + conditions.sql());
  conditions.BindTo(count);
  *total = count.Next() ? static_cast<uint64_t>(count.Integer(0)) : 0;
  return count.Finish();
}

// The narrow table is searched and sorted first; only what is shown costs its JSON.
std::string PageSql(const Conditions& conditions, const Order& order, size_t rows) {
  const std::string by = Descending(absl::StrCat(order.column, "first_event_time, ticket_id"));
  return absl::StrCat(
      "SELECT ", order.column,
      "t.first_event_time, t.ticket_id, r.json, t.needed, w.ticket_id IS NOT NULL, w.reviewed_at, "
      "w.reviewed_by, w.revision FROM (SELECT ",
      order.column, "first_event_time, ticket_id, sequence, ", kNeedsReview,
      " AS needed FROM tickets", conditions.sql(), " ORDER BY ", by, " LIMIT ", rows,
      ") AS t JOIN revisions AS r USING (sequence) LEFT JOIN reviews AS w ON w.ticket_id = "
      "t.ticket_id ORDER BY ",
      absl::StrReplaceAll(by, {{"ticket_id", "t.ticket_id"}}));
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
  const Order order = OrderOf(filter);
  Transaction snapshot(connection);
  if (absl::Status s = snapshot.Begin(Transaction::Kind::kRead); !s.ok()) return s;
  if (absl::Status s = Count(connection, conditions, &page->total); !s.ok()) return s;
  if (absl::Status s = AddCursor(filter.cursor, order, &conditions); !s.ok()) return s;

  const size_t limit = std::clamp<size_t>(filter.limit, 1, kTicketPageMax);
  // One more than is shown says whether there is another page.
  Statement find(connection, PageSql(conditions, order, limit + 1));
  conditions.BindTo(find);
  const bool sorted = *order.column != '\0';
  std::string last;
  while (find.Next()) {
    if (page->tickets.size() == limit) {
      page->next_cursor = last;
      break;
    }
    int at = 0;
    last = order.cursor;
    if (sorted) absl::StrAppend(&last, find.Integer(at++), ".");
    absl::StrAppend(&last, find.Integer(at), ".", find.Bytes(at + 1));
    page->tickets.push_back(find.Bytes(at + 2));
    TicketReview review{.needed = find.Integer(at + 3) != 0};
    if (find.Integer(at + 4) != 0) {
      review.at = find.Time(at + 5);
      review.by = find.Bytes(at + 6);
      review.revision = static_cast<uint32_t>(find.Integer(at + 7));
    }
    page->reviews.push_back(std::move(review));
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
