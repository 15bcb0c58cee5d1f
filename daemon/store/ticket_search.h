// Looking for tickets in a store that speaks SQL: a filter becomes a query, whose pages are cut by
// what was shown last and not by a number, so that tickets that arrive meanwhile move nothing.
//
//   TicketSearch search(filter, SqlDialect::kSqlite);
//   ... run search.count_sql() with search.values() ...
//   if (absl::Status s = search.Continue(); !s.ok()) return s;
//   ... run search.page_sql() with search.values(); while there are rows:
//   if (!search.Take(row, page)) break;
//
// The tables are `tickets`, `revisions`, `reviews` and `ticket_words`, as both stores have them.
#ifndef SIGNINWATCH_DAEMON_STORE_TICKET_SEARCH_H_
#define SIGNINWATCH_DAEMON_STORE_TICKET_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "daemon/store/ticket_row.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::store {

// True of a row of `tickets` that somebody has to look at. The first part is that of the index
// tickets_to_review, word by word.
inline constexpr const char* kNeedsReview =
    "severity_rank > reviewed_rank AND state <> 'merged' AND NOT excepted";

enum class SqlDialect : uint8_t { kSqlite, kPostgres };

class TicketSearch {
 public:
  using Value = std::variant<int64_t, std::string>;

  TicketSearch(const TicketFilter& filter, SqlDialect dialect);

  [[nodiscard]] std::string count_sql() const { return "SELECT COUNT(*) FROM tickets" + sql_; }
  [[nodiscard]] std::string page_sql() const;
  // Of its places, in their order.
  [[nodiscard]] const std::vector<Value>& values() const { return values_; }

  // From here on the page behind the cursor. kInvalidArgument: the cursor is not one of ours.
  [[nodiscard]] absl::Status Continue();

  // Takes the next row of the page. false: the page is full. A row has Integer(column), which is 1
  // for true, Bytes(column) and Time(column).
  template <typename Row>
  bool Take(const Row& row, TicketPage* page) {
    if (page->tickets.size() == limit_) {
      page->next_cursor = last_;
      return false;
    }
    int at = 0;
    last_ = order_.cursor;
    if (*order_.column != '\0') absl::StrAppend(&last_, row.Integer(at++), ".");
    absl::StrAppend(&last_, row.Integer(at), ".", row.Bytes(at + 1));
    page->tickets.push_back(row.Bytes(at + 2));
    TicketReview review{.needed = row.Integer(at + 3) != 0};
    if (row.Integer(at + 4) != 0) {
      review.at = row.Time(at + 5);
      review.by = row.Bytes(at + 6);
      review.revision = static_cast<uint32_t>(row.Integer(at + 7));
    }
    page->reviews.push_back(std::move(review));
    return true;
  }

 private:
  // What is sorted by before the first failure and the id, and how its cursors begin.
  struct Order {
    const char* column;  // empty: nothing
    const char* cursor;
  };
  static Order OrderOf(TicketOrder order);
  // `condition` has a "?" for each value.
  void Add(const std::string& condition, std::vector<Value> values = {});
  void AddName(const char* condition, const std::optional<std::string>& name);
  void AddNames(const char* column, const std::vector<std::string>& names);
  void AddWord(const SearchWord& word);

  const SqlDialect dialect_;
  const Order order_;
  const size_t limit_;
  const std::string cursor_;
  std::string sql_;  // "" or " WHERE ..."
  std::vector<Value> values_;
  std::string last_;  // the place of the row that was taken last
};

// How bad tickets ever were: rows of tickets with each severity that they had and when that was
// first committed, those of one ticket together. Columns: ticket, tenant, scope, cause, severity,
// open, committed_at, severity of a revision, when.
template <typename Row>
void AddPeak(const Row& row, std::vector<TicketPeak>* peaks) {
  const Severity severity = SeverityOf(row.Bytes(7));
  if (peaks->empty() || peaks->back().ticket_id != row.Bytes(0)) {
    peaks->push_back({.ticket_id = row.Bytes(0),
                      .tenant_id = row.Bytes(1),
                      .scope = row.Bytes(2) == "user" ? GroupBy::kUser : GroupBy::kTenant,
                      .cause = row.Bytes(3),
                      .severity = SeverityOf(row.Bytes(4)),
                      .open = row.Integer(5) != 0,
                      .committed_at = row.Time(6),
                      .peak = severity,
                      .peaked_at = row.Time(8)});
  } else if (severity > peaks->back().peak) {
    peaks->back().peak = severity;
    peaks->back().peaked_at = row.Time(8);
  }
}

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_TICKET_SEARCH_H_
