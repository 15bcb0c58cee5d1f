#include "daemon/store/ticket_search.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include "absl/strings/str_replace.h"

namespace signinwatch::store {
namespace {

int64_t Microseconds(EventTime time) { return time.time_since_epoch().count(); }

// "(?,?,?)"
std::string Places(size_t count) {
  std::string places = "(?";
  for (size_t i = 1; i < count; ++i) places += ",?";
  return places + ")";
}

std::vector<TicketSearch::Value> Lower(const std::vector<std::string>& names) {
  std::vector<TicketSearch::Value> lower;
  for (const std::string& name : names) lower.emplace_back(LowerName(name));
  return lower;
}

// "a, b, c" -> "a DESC, b DESC, c DESC"
std::string Descending(const std::string& columns) {
  return absl::StrReplaceAll(columns, {{",", " DESC,"}}) + " DESC";
}

}  // namespace

TicketSearch::TicketSearch(const TicketFilter& filter, SqlDialect dialect)
    : dialect_(dialect),
      order_(OrderOf(filter.order)),
      limit_(std::clamp<size_t>(filter.limit, 1, kTicketPageMax)),
      cursor_(filter.cursor) {
  AddName("tenant_id = ?", filter.tenant_id);
  if (filter.user.has_value()) {
    const std::string user = LowerName(*filter.user);
    Add("(user_id = ? OR user_name = ?)", {user, user});
  }
  AddName("state = ?", filter.state);
  AddNames("cause", filter.cause);
  AddNames("severity", filter.severity);
  AddName("scope = ?", filter.scope);
  if (filter.detector.has_value()) Add("detector = ?", {*filter.detector});
  if (filter.needs_review.has_value()) {
    Add(*filter.needs_review ? kNeedsReview : absl::StrCat("NOT (", kNeedsReview, ")"));
  }
  if (filter.excepted.has_value()) Add(*filter.excepted ? "excepted" : "NOT excepted");
  if (filter.from.has_value()) {
    Add("last_event_time >= ?", {Microseconds(*filter.from)});
  }
  if (filter.to.has_value()) Add("first_event_time <= ?", {Microseconds(*filter.to)});
  for (const SearchWord& word : filter.words) AddWord(word);
}

TicketSearch::Order TicketSearch::OrderOf(TicketOrder order) {
  switch (order) {
    case TicketOrder::kLastFailure:
      return {"last_event_time", "last."};
    case TicketOrder::kSeverity:
      return {"severity_rank", "severity."};
    case TicketOrder::kFailures:
      return {"event_count", "failures."};
    case TicketOrder::kFirstFailure:
      break;
  }
  return {"", ""};
}

void TicketSearch::Add(const std::string& condition, std::vector<Value> values) {
  sql_ += sql_.empty() ? " WHERE " : " AND ";
  size_t place = values_.size();
  for (const char c : condition) {
    if (c == '?' && dialect_ == SqlDialect::kPostgres) {
      absl::StrAppend(&sql_, "$", ++place);
    } else {
      sql_.push_back(c);
    }
  }
  for (Value& value : values) values_.push_back(std::move(value));
}

void TicketSearch::AddName(const char* condition, const std::optional<std::string>& name) {
  if (name.has_value()) Add(condition, {LowerName(*name)});
}

// One of them.
void TicketSearch::AddNames(const char* column, const std::vector<std::string>& names) {
  if (!names.empty()) Add(absl::StrCat(column, " IN ", Places(names.size())), Lower(names));
}

void TicketSearch::AddWord(const SearchWord& word) {
  std::vector<Value> values{LowerName(word.text)};
  std::string tenants;
  if (!word.tenants.empty()) {
    tenants = absl::StrCat(" OR tenant_id IN ", Places(word.tenants.size()));
    for (Value& tenant : Lower(word.tenants)) values.push_back(std::move(tenant));
  }
  const char* const place_of = dialect_ == SqlDialect::kSqlite ? "instr" : "strpos";
  Add(absl::StrCat("(ticket_id IN (SELECT ticket_id FROM ticket_words WHERE ", place_of,
                   "(words, ?) > 0)", tenants, ")"),
      std::move(values));
}

// A cursor is the place of the ticket that was shown last: "1764136800000000.TICKET-ID", or
// "severity.3.1764136800000000.TICKET-ID".
absl::Status TicketSearch::Continue() {
  if (cursor_.empty()) return absl::OkStatus();
  const absl::Status none =
      absl::InvalidArgumentError("the cursor is not one that was returned with a page");
  std::string_view rest = cursor_;
  const std::string_view prefix = order_.cursor;
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
  Add(absl::StrCat("(", order_.column, prefix.empty() ? "" : ", ",
                   "first_event_time, ticket_id) < (", prefix.empty() ? "" : "?, ", "?, ?)"),
      std::move(place));
  return absl::OkStatus();
}

// The narrow table is searched and sorted first; only what is shown costs its JSON. One more than
// is shown says whether there is another page.
std::string TicketSearch::page_sql() const {
  const bool sorted = *order_.column != '\0';
  const std::string column = sorted ? absl::StrCat(order_.column, ", ") : "";
  const std::string outer = sorted ? absl::StrCat("t.", column) : "";
  return absl::StrCat(
      "SELECT ", outer,
      "t.first_event_time, t.ticket_id, r.json, t.needed, w.ticket_id IS NOT NULL, w.reviewed_at, "
      "w.reviewed_by, w.revision FROM (SELECT ",
      column, "first_event_time, ticket_id, sequence, ", kNeedsReview, " AS needed FROM tickets",
      sql_, " ORDER BY ", Descending(absl::StrCat(column, "first_event_time, ticket_id")),
      " LIMIT ", limit_ + 1,
      ") AS t JOIN revisions AS r ON r.sequence = t.sequence LEFT JOIN reviews AS w ON "
      "w.ticket_id = t.ticket_id ORDER BY ",
      Descending(absl::StrCat(outer, "t.first_event_time, t.ticket_id")));
}

}  // namespace signinwatch::store
