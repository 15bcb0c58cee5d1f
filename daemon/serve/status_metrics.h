// The metrics that are looked up at a scrape rather than counted as things happen.
#ifndef SIGNINWATCH_DAEMON_SERVE_STATUS_METRICS_H_
#define SIGNINWATCH_DAEMON_SERVE_STATUS_METRICS_H_

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "daemon/http/http_server.h"
#include "daemon/log/log.h"
#include "daemon/pipeline/pipeline.h"
#include "daemon/pipeline/recent_tickets.h"
#include "daemon/pipeline/status.h"
#include "detectors/config.h"
#include "metrics/metrics.h"
#include "parser/event_time.h"

namespace signinwatch {

// A moment as metrics have it.
[[nodiscard]] double UnixSeconds(EventTime time);

// Thread-safe.
class StatusMetrics {
 public:
  explicit StatusMetrics(Metrics& metrics) : metrics_(metrics) {}

  // A source and detectors begin: totals of theirs count from 0 again.
  void Begin(const DetectionLimits& limits, size_t memory_bytes);

  void Update(const ServeStatus& status, const FoldSnapshot& fold, const SourceFacts& source,
              const LogCounts& log);
  void UpdateHttp(const HttpCounts& counts);
  void ShowTickets(const std::vector<RecentTickets::Row>& rows);

 private:
  void UpdatePartitions(const ServeStatus& status, const SourceFacts& source);
  void ShowOwnership(const ServeStatus& status, const SourceFacts& source);
  void UpdateSinks(const ServeStatus& status);
  void UpdateDetection(const ServeStatus& status, const FoldSnapshot& fold);
  void UpdateSource(const ServeStatus& status, const SourceFacts& source);
  // Counts what a total of elsewhere has grown by since the last time.
  using Totals = std::map<Counter*, uint64_t>;
  static void AddGrowth(Counter& counter, uint64_t total, Totals* totals);

  Metrics& metrics_;
  std::mutex mutex_;  // of one update at a time
  // As they were at the last update.
  Totals totals_;         // of the process
  Totals source_totals_;  // of the source
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_SERVE_STATUS_METRICS_H_
