// The table of all metrics (SPEC 10): the one place that knows a metric's name, type, unit, labels
// and help. deploy/METRICS.md is generated from it.
#ifndef SIGNINWATCH_METRICS_CATALOGUE_H_
#define SIGNINWATCH_METRICS_CATALOGUE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signinwatch::metrics {

enum class Metric : uint8_t {
  // Input. Counters.
  kRecords,            // topic, outcome (accepted, irrelevant, rejected)
  kRejected,           // reason
  kIrrelevant,         // category (up to 100 names, then other)
  kMessages,           // topic
  kBytes,              // topic
  kInvalidUtf8,        // -
  kTopicIrrelevant,    // gauge: topic
  kSignIns,            // category, result (success, watched, failure)
  kWatchedFailures,    // code, tenant
  kCredentialEvents,   // kind
  kUnknownOperations,  // operation
  kDuplicates,         // -
  kLateRecords,        // -
  kLateDropped,        // -
  kOffsetGaps,         // topic: messages that expired before they were read
  kUnreadableBatches,  // topic, reason: stepped past
  kMadeAnew,           // topic: logs that are others than what was read of them
  kSignals,            // outcome (sent, unneeded): role ingest
  kSignalRewinds,      // -
  kDeadLetters,        // outcome (written, failed)
  // Delays. Histograms, seconds.
  kLateBy,           // -: late records, watermark less event time
  kExportDelay,      // category: `time` less `createdDateTime`
  kEndToEndDelay,    // category: wall time of the fold less event time
  kTicketDelay,      // sink: broker append to delivered
  kDeliveryLatency,  // sink: commit to delivered
  // Detection.
  kFailingUsers,     // gauge: distinct users with watched failures in state
  kBurstsOpened,     // counter: detector, scope, cause, severity at opening
  kBurstsOpen,       // gauge: detector, scope, cause, severity
  kBurstSize,        // histogram, events: detector
  kBurstDuration,    // histogram, seconds: detector
  kBurstUsers,       // histogram, users: detector
  kTickets,          // gauge: state
  kTicketsRecent,    // gauge: tenant, scope, severity, cause
  kTicketsResolved,  // counter: detector, scope, cause, severity, resolution
  kBurstFindings,    // counter: finding, of tickets when resolved
  kGuideAnswers,     // counter: question, of tickets when resolved
  kTicketRevisions,  // counter: reason
  kTenantsOther,     // gauge: tenants that are counted as `other`
  // Time.
  kWatermark,            // gauge: timestamp seconds of the stream
  kWatermarksSetBack,    // counter: stored ones beyond the wall clock at a start
  kPartitionWatermark,   // gauge: topic, partition
  kPartitionLag,         // gauge, Kafka messages: topic, partition
  kPartitionLagSeconds,  // gauge, seconds of event time: topic, partition
  kPartitionPaused,      // gauge: topic, partition
  kPartitionIdle,        // gauge: topic, partition
  kPartitionsAssigned,   // gauge
  // Several instances.
  kTopicPartitions,       // gauge: topic
  kTopicPartitionsOwned,  // gauge: topic
  kTakeoverDuration,      // histogram, seconds
  kShardsLost,            // counter
  // Stages.
  kStageBusy,      // gauge, ratio: stage
  kStageQueue,     // gauge: stage
  kStageQueueMax,  // gauge: stage
  // Kafka.
  kBrokerUp,        // gauge: broker
  kBrokerThrottle,  // gauge, seconds: broker
  kSourceErrors,    // counter
  kRebalances,      // counter
  kTokenRefreshes,  // counter: outcome (success, failure)
  // Store.
  kCommits,         // counter: outcome (success, failure)
  kCommitDuration,  // histogram, seconds
  kCommitRows,      // counter: kind (state, revision, position)
  kStoreBytes,      // gauge
  kStoreDiskFree,   // gauge, bytes
  kStoreDisk,       // gauge, bytes
  kLastCommit,      // gauge: timestamp seconds
  // State.
  kTrackedKeys,     // gauge: kind (tenants, users, failing_users, ids, events, tickets)
  kTrackedKeysMax,  // gauge: kind, as above
  kStateBytes,      // gauge
  kEvictions,       // counter: policy
  kMemoryMax,       // gauge
  kMemoryPauses,    // counter
  // Delivery.
  kExcepted,           // counter: exception
  kDeliveries,         // counter: sink, outcome (delivered, temporary, permanent, dropped)
  kDeliveriesWaiting,  // gauge: sink, reason
  kDeliveriesGivenUp,  // counter: sink, reason
  kOutboxDepth,        // gauge: sink
  kOutboxAge,          // gauge, seconds: sink, of the oldest
  kSinkUp,             // gauge: sink
  kSinkBreaker,        // gauge: sink, state
  kDamped,             // counter: sink
  // The program.
  kBuildInfo,            // gauge, 1: version, compiler
  kReady,                // gauge
  kConfigReloadSuccess,  // gauge: last reload worked
  kConfigReloadTime,     // gauge: timestamp seconds of the last success
  kWebConfigSuccess,     // gauge: the web configuration file is in use as it is
  kHttpLogInFailures,    // counter: wrong names or passwords
  kHttpTurnedAway,       // counter: reason (no_room, slow)
  kLogLines,             // counter: level
  kLogLinesDropped,      // counter: reason (repeated, unwritable)
  kSeriesCapped,         // counter: metric
  // The process, read at each scrape (process_metrics.h).
  kProcessCpu,             // counter, seconds
  kProcessStartTime,       // gauge: timestamp seconds
  kProcessResidentMemory,  // gauge, bytes
  kProcessVirtualMemory,   // gauge, bytes
  kProcessOpenFiles,       // gauge
  kProcessOpenFilesMax,    // gauge
  kProcessThreads,         // gauge
};

inline constexpr size_t kMetricCount = static_cast<size_t>(Metric::kProcessThreads) + 1;

enum class MetricType : uint8_t { kCounter, kGauge, kHistogram };

// "counter", ...: the word of the text formats.
[[nodiscard]] const char* MetricTypeName(MetricType type);

struct MetricSpec {
  Metric metric;
  std::string_view name;  // in full: "signinwatch_records_total"
  MetricType type;
  std::string_view unit;  // seconds, bytes, ...: the name's end; empty: a plain number
  std::vector<std::string_view> labels;
  std::string_view help;
  std::vector<double> buckets;  // histograms: upper bounds, +Inf aside
};

[[nodiscard]] std::span<const MetricSpec> MetricCatalogue();  // in the order of Metric
[[nodiscard]] const MetricSpec& SpecOf(Metric metric);
// deploy/METRICS.md
[[nodiscard]] std::string MetricsDocument();

inline constexpr size_t kSeriesMax = 2'000;  // of one metric

}  // namespace signinwatch::metrics

#endif  // SIGNINWATCH_METRICS_CATALOGUE_H_
