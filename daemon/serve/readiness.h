// Why the daemon is not ready, and how far behind it is: derived from what its parts know.
#ifndef SIGNINWATCH_DAEMON_SERVE_READINESS_H_
#define SIGNINWATCH_DAEMON_SERVE_READINESS_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/condition.h"
#include "daemon/pipeline/status.h"
#include "parser/event_time.h"

namespace signinwatch::serve {

struct ReadinessInputs {
  bool stopping = false;
  bool reloading = false;
  absl::Status failure;
  std::string commit_problem;  // empty: none
  std::string takeover_problem = {};
  config::Role role = config::Role::kAll;
  std::string group;
};

// Empty: ready. An instance of several that the group gave nothing to, since there are more of them
// than partitions, stands by and is ready. A sink that is
// down is none: it delays its own tickets, and has metrics of its own.
[[nodiscard]] std::vector<pipeline::Condition> NotReady(const ReadinessInputs& inputs,
                                                        const pipeline::ServeStatus& status,
                                                        const kafka::SourceFacts& source);

// Fills lag_records, lag_seconds and log_end_offset. A partition that was read to its end lags by
// nothing, however old its last record is, but for a paused one: what has come since is not known.
void AddLag(const kafka::SourceFacts& source, Duration allowed_lateness, EventTime now,
            std::vector<pipeline::PartitionStatus>* partitions);

// Of each topic whose records have been of no use for `after` or longer: what they look like, and
// what to do; marks it. Reading works, so none of it makes the daemon not ready.
[[nodiscard]] std::vector<pipeline::Condition> UnusedTopics(
    Duration after, EventTime now, std::vector<pipeline::TopicStatus>* topics);

// Of each partition that stands at what can't be read, that stepped past such a batch within
// kLossShown, or whose log turned out to be another: what happened. Fills stands_at. Reading goes
// on, so none of it makes the daemon not ready.
[[nodiscard]] std::vector<pipeline::Condition> LostInPartitions(
    const kafka::SourceFacts& source, EventTime now,
    std::vector<pipeline::PartitionStatus>* partitions);
inline constexpr Duration kLossShown = std::chrono::hours(1);

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_READINESS_H_
