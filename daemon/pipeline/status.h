// What the daemon knows of itself at one moment: plain values for the API, the status page and the
// metrics that are looked up at a scrape.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_STATUS_H_
#define SIGNINWATCH_DAEMON_PIPELINE_STATUS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/serve_config.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/condition.h"
#include "daemon/sinks/delivery.h"
#include "daemon/store/outbox.h"
#include "daemon/store/state_store.h"
#include "detectors/config.h"
#include "detectors/detector.h"
#include "detectors/near_miss.h"
#include "parser/event_time.h"

namespace signinwatch::pipeline {

// What of a partition's log could not be read and was stepped past, since the start.
struct SteppedPast {
  uint64_t batches = 0;
  // The last of them: offsets [from, to), and why.
  int64_t from = 0, to = 0;
  std::string reason = {};
  EventTime at = kBeginningOfTime;
};

struct PartitionStatus {
  std::string topic;
  int32_t partition = 0;
  bool assigned = false;
  bool waiting = false;         // the group gave it to this instance, which takes it over
  bool paused = false;          // ahead of the others (time.alignment)
  bool at_end = false;          // read to its end
  bool idle = false;            // holds the watermark back no more
  int64_t next_offset = 0;      // of the fold
  int64_t log_end_offset = -1;  // -1: not known
  int64_t lag_records = -1;     // Kafka messages; -1: not known
  EventTime watermark = kBeginningOfTime;
  // Wall time less (watermark + allowed_lateness); 0 when all is read, and before any record.
  double lag_seconds = 0;
  // Why what comes next can't be read (UnreadableReason); empty: it can.
  std::string stands_at = {};
  SteppedPast stepped_past = {};
  // How often its log turned out to be another one than what was read of it, and the last time.
  uint64_t made_anew = 0;
  EventTime made_anew_at = kBeginningOfTime;
};

// What a topic gave since the start.
struct TopicStatus {
  std::string topic;
  uint64_t records = 0, accepted = 0, irrelevant = 0, rejected = 0;
  // Wall time since when records come and none is of use; kBeginningOfTime: the last was, or none
  // came.
  EventTime unused_since = kBeginningOfTime;
  uint64_t unused = 0;  // records since then
  // What these look like, and what to do about it (daemon/shape).
  std::string shape, advice;
  bool irrelevant_for_long = false;  // for health.irrelevant_after
};

struct StageStatus {
  std::string name;  // consume, parse, fold, commit
  uint64_t queue_depth = 0;
  uint64_t queue_max = 0;  // 0: no queue
  double busy_ratio = 0;   // of the last ten seconds or so, 0 to 1
};

struct SinkStatus {
  sinks::DeliveryStatus delivery;
  store::OutboxSize outbox;
  uint64_t dropped = 0;
};

struct ServeStatus {
  std::string version;
  config::Role role = config::Role::kAll;
  EventTime started_at;
  EventTime now;
  std::vector<Condition> not_ready;        // empty: ready
  std::vector<Condition> warnings;         // what may be wrong although it is ready
  EventTime watermark = kBeginningOfTime;  // of the stream; kBeginningOfTime: none yet
  std::vector<TopicStatus> topics;         // that gave messages
  std::vector<PartitionStatus> partitions;
  std::vector<StageStatus> stages;
  std::vector<SinkStatus> sinks;
  // Records since the start.
  uint64_t records = 0, accepted = 0, irrelevant = 0, rejected = 0;
  DetectorCounters detection;
  DetectorSizes state;
  DetectionLimits limits;  // its bounds
  store::StoreSize store;
  EventTime last_commit_at = kBeginningOfTime;
  std::vector<kafka::SourceFacts::Broker> brokers;
  std::string source_error;
  // Sessions that were nearly bursts, the latest last (RecentNearMisses::kMax).
  std::vector<NearMiss> near_misses;
  // Watched failures of the last day of event time, up to the watermark, by bucket.
  std::vector<store::FailureCount> failures;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_STATUS_H_
