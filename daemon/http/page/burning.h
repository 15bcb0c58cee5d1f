// The tickets that the status page shows: open ones by severity, and those that ended last.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_BURNING_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_BURNING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/http/json.h"
#include "daemon/http/page/html.h"
#include "daemon/store/store.h"
#include "parser/event_time.h"

namespace signinwatch {

struct Burning {
  struct Level {
    std::string severity;
    uint64_t total = 0;         // open tickets of it
    std::vector<Json> tickets;  // the first of them
  };
  std::vector<Level> levels;  // the most severe first
  uint64_t open_total = 0;
  std::vector<Json> resolved;
  uint64_t resolved_total = 0;
};

// Of one severity that many are shown, so that no flood of one hides another.
inline constexpr size_t kBurningShown[] = {40, 30, 15, 10, 5};  // critical to info
inline constexpr size_t kResolvedShown = 15;

// Within a severity: tenants first, then what nothing explains, then the latest.
[[nodiscard]] absl::Status FindBurning(Store& store, Burning* burning);

[[nodiscard]] Html BurningHtml(const Burning& burning, EventTime now);
[[nodiscard]] Html ResolvedHtml(const Burning& burning, EventTime now);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_BURNING_H_
