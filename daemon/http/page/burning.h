// The tickets that the status page shows: those that nobody has looked at, open or over, by
// severity; below them those that somebody has looked at, open ones first.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_BURNING_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_BURNING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/http/page/html.h"
#include "daemon/http/page/page_context.h"
#include "daemon/json/json_value.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

struct Burning {
  struct Entry {
    json::JsonDocument document;  // the ticket
    store::TicketReview review;
  };
  struct Level {
    std::string severity;
    uint64_t open_total = 0;       // open tickets of it
    uint64_t to_review_total = 0;  // open or over, that nobody has looked at
    uint64_t looked_at_total = 0;  // open, that somebody has looked at
    std::vector<Entry> to_review;  // the first of them
    std::vector<Entry> looked_at;
  };
  std::vector<Level> levels;  // the most severe first
  uint64_t open_total = 0;
  uint64_t to_review_total = 0;
  std::vector<Entry> quiet;  // open, that an exception keeps quiet; in none of the others
  uint64_t quiet_total = 0;
  std::vector<Entry> resolved;  // that somebody has looked at
  uint64_t resolved_total = 0;
};

// Of one severity that many are shown, so that no flood of one hides another.
inline constexpr size_t kBurningShown[] = {40, 30, 15, 10, 5};  // critical to info
inline constexpr size_t kResolvedShown = 15;
inline constexpr size_t kQuietShown = 5;

// Within a severity: open ones first, then tenants, then what nothing explains, then the latest.
[[nodiscard]] absl::Status FindBurning(store::TicketStore& store, Burning* burning);

// `blind`: why there may be tickets that are not known; empty: all is read.
[[nodiscard]] Html NeedsReviewHtml(const Burning& burning, const std::string& blind,
                                   const PageContext& context);
[[nodiscard]] Html BurningHtml(const Burning& burning, const std::string& blind,
                               const PageContext& context);
// A section; empty where nothing is quiet.
[[nodiscard]] Html QuietHtml(const Burning& burning, const PageContext& context);
[[nodiscard]] Html ResolvedHtml(const Burning& burning, const PageContext& context);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_BURNING_H_
