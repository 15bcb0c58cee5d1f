// The tickets that alerts follow, counted by what the metrics show of them: by the severity that a
// ticket came to, for long enough that every scrape and every rule sees it, however short its burst
// was. Made from what was committed, so that neither a crash nor a restart loses one. A ticket that
// comes under an exception of the configuration is none of them.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_RECENT_TICKETS_H_
#define SIGNINWATCH_DAEMON_PIPELINE_RECENT_TICKETS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/store/ticket_store.h"
#include "detectors/ticket.h"
#include "metrics/tenant_labels.h"
#include "parser/event_time.h"

namespace signinwatch::pipeline {

// Thread-safe.
class RecentTickets {
 public:
  // A ticket is shown at its worst for so long after it came to it, and as it is while it is open.
  static constexpr Duration kShown = std::chrono::hours(1);
  // An open ticket of which nothing was heard for so long is not shown: what would resolve it is
  // gone (an eviction, or a source that ended).
  static constexpr Duration kAbandoned = 2 * kDay;
  // So many are known. Beyond half of it, only those that are high or critical.
  static constexpr size_t kTicketsMax = 100'000;
  // While it is full, what is over is looked for this often (and at each call of Rows).
  static constexpr Duration kPruneEvery = std::chrono::minutes(1);
  // Rows beyond have the tenant `other`: the metric's bound on series would make their severity
  // `other` too, and no alert see them.
  static constexpr size_t kRowsMax = 1'500;

  struct Row {
    std::string tenant;  // or "other"
    GroupBy scope = GroupBy::kUser;
    Severity severity = Severity::kInfo;
    std::string cause;  // as it is now
    uint64_t tickets = 0;
  };

  // What the store says at start, see TicketStore::LoadTicketPeaks.
  void Restore(const std::vector<store::TicketPeak>& peaks);
  // Of several instances each shows the tickets of its own tenants, which are others from now on.
  // `peaks`: of the store, all; what was noted since `since` may be missing in them.
  using IsOurs = std::function<bool(std::string_view tenant)>;
  void Follow(const std::vector<store::TicketPeak>& peaks, EventTime since, const IsOurs& is_ours);
  void SetMaxTenants(size_t max_tenants);
  // A revision that was committed at `at`.
  void Note(const Ticket& ticket, EventTime at);
  // The worst first. Forgets what is over.
  [[nodiscard]] std::vector<Row> Rows(EventTime now);

 private:
  struct Entry {
    std::string tenant;
    GroupBy scope;
    std::string cause;
    Severity now;
    Severity peak;
    EventTime peaked_at;
    EventTime noted_at;
    bool open;
  };
  [[nodiscard]] static bool IsAtItsWorst(const Entry& entry, EventTime now) {
    return entry.peaked_at > now - kShown;
  }
  [[nodiscard]] static bool IsOpen(const Entry& entry, EventTime now) {
    return entry.open && entry.noted_at > now - kAbandoned;
  }
  void Add(const store::TicketPeak& peak);
  void Prune(EventTime now);
  [[nodiscard]] bool HasRoomFor(Severity severity, EventTime now);

  std::mutex mutex_;  // guards what follows
  metrics::TenantLabels tenants_;
  EventTime pruned_at_ = kBeginningOfTime;
  absl::flat_hash_map<std::string, Entry> entries_;  // by ticket id
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_RECENT_TICKETS_H_
