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

namespace signinwatch::serve {

// A moment as metrics have it.
[[nodiscard]] double UnixSeconds(EventTime time);

// Thread-safe.
class StatusMetrics {
 public:
  explicit StatusMetrics(metrics::Metrics& metrics) : metrics_(metrics) {}

  // A source and detectors begin: totals of theirs count from 0 again.
  void Begin(const DetectionLimits& limits, size_t memory_bytes);

  void Update(const pipeline::ServeStatus& status, const pipeline::FoldSnapshot& fold,
              const kafka::SourceFacts& source, const log::LogCounts& log);
  void UpdateHttp(const http::HttpCounts& counts);
  void ShowTickets(const std::vector<pipeline::RecentTickets::Row>& rows);

 private:
  void UpdatePartitions(const pipeline::ServeStatus& status, const kafka::SourceFacts& source);
  void ShowOwnership(const pipeline::ServeStatus& status, const kafka::SourceFacts& source);
  void UpdateSinks(const pipeline::ServeStatus& status);
  void UpdateDetection(const pipeline::ServeStatus& status, const pipeline::FoldSnapshot& fold);
  void UpdateSource(const pipeline::ServeStatus& status, const kafka::SourceFacts& source);
  // Counts what a total of elsewhere has grown by since the last time.
  using Totals = std::map<metrics::Counter*, uint64_t>;
  static void AddGrowth(metrics::Counter& counter, uint64_t total, Totals* totals);

  metrics::Metrics& metrics_;
  std::mutex mutex_;  // of one update at a time
  // As they were at the last update.
  Totals totals_;         // of the process
  Totals source_totals_;  // of the source
};

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_STATUS_METRICS_H_
