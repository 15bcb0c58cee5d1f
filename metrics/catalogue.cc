#include "metrics/catalogue.h"

#include <cstddef>
#include <utility>

namespace signinwatch::metrics {
namespace {

using enum Metric;

// Event time against the clock: minutes in a healthy tenant, days after an outage.
constexpr double kDelayBuckets[] = {1,    10,   30,   60,    120,   300,   600,    900,   1200,
                                    1800, 3600, 7200, 14400, 28800, 86400, 259200, 604800};
// From the broker or the commit to the ticket system: milliseconds, or as long as a sink is down.
constexpr double kDeliveryBuckets[] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,  1,     2.5,
                                       5,     10,   30,    60,   300, 1800, 3600, 21600, 86400};
constexpr double kCommitBuckets[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                     0.25,  0.5,    1,     2.5,  5,     10,   30};
constexpr double kTakeoverBuckets[] = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
                                       2.5,  5,     10,   30,  60,   120};
constexpr double kSizeBuckets[] = {10,   20,    50,    100,   200,    500,    1000,   2000,
                                   5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000};
constexpr double kBurstDurationBuckets[] = {60,   300,   600,   1200,  1800, 3600,
                                            7200, 14400, 28800, 43200, 86400};

using Labels = std::vector<std::string_view>;

MetricSpec CounterSpec(Metric metric, std::string_view name, std::string_view unit, Labels labels,
                       std::string_view help) {
  return {metric, name, MetricType::kCounter, unit, std::move(labels), help, {}};
}
MetricSpec GaugeSpec(Metric metric, std::string_view name, std::string_view unit, Labels labels,
                     std::string_view help) {
  return {metric, name, MetricType::kGauge, unit, std::move(labels), help, {}};
}
MetricSpec HistogramSpec(Metric metric, std::string_view name, std::string_view unit, Labels labels,
                         std::string_view help, std::span<const double> buckets) {
  return {metric,
          name,
          MetricType::kHistogram,
          unit,
          std::move(labels),
          help,
          {buckets.begin(), buckets.end()}};
}

std::vector<MetricSpec> MakeCatalogue() {
  return {
      // Input.
      CounterSpec(
          kRecords, "signinwatch_records_total", "", {"topic", "outcome"},
          "Records read, by topic and what became of them: accepted, irrelevant or rejected."),
      CounterSpec(kRejected, "signinwatch_records_rejected_total", "", {"reason"},
                  "Rejected records, by reason. They go to the dead letters."),
      CounterSpec(
          kIrrelevant, "signinwatch_records_irrelevant_total", "", {"category"},
          "Records of categories that are not watched; categories beyond the first 100 count "
          "as other."),
      CounterSpec(kMessages, "signinwatch_messages_total", "", {"topic"},
                  "Kafka messages read. Each holds any number of records."),
      CounterSpec(kBytes, "signinwatch_received_bytes_total", "bytes", {"topic"},
                  "Size of the messages read, after decompression."),
      CounterSpec(kInvalidUtf8, "signinwatch_invalid_utf8_total", "", {},
                  "Invalid UTF-8 sequences that were replaced by U+FFFD."),
      GaugeSpec(kTopicIrrelevant, "signinwatch_topic_irrelevant", "", {"topic"},
                "1 while the topic has records but none has been of use for "
                "health.irrelevant_after; the status page says what they look like."),
      CounterSpec(
          kSignIns, "signinwatch_sign_ins_total", "", {"category", "result"},
          "Accepted sign-ins, by category and result: success, watched (a failure with a code "
          "of a detector) or failure (any other code)."),
      CounterSpec(kWatchedFailures, "signinwatch_watched_failures_total", "", {"code", "tenant"},
                  "Failed sign-ins with a code of a detector, by code and tenant. Tenants beyond "
                  "metrics.max_tenants count as other."),
      CounterSpec(kCredentialEvents, "signinwatch_credential_events_total", "", {"kind"},
                  "Password changes, resets and revocations of users, by kind."),
      CounterSpec(kUnknownOperations, "signinwatch_unknown_operations_total", "", {"operation"},
                  "Audit operations whose name contains password and that correlation.operations "
                  "does not list."),
      CounterSpec(kDuplicates, "signinwatch_duplicate_records_total", "", {},
                  "Copies of records that count, with the same id; they have no effect."),
      CounterSpec(kLateRecords, "signinwatch_late_records_total", "", {},
                  "Records below the watermark on arrival. They still count where they can."),
      CounterSpec(
          kLateDropped, "signinwatch_late_dropped_records_total", "", {},
          "Late failures whose session was already closed, so that no burst could include them."),
      CounterSpec(kOffsetGaps, "signinwatch_expired_messages_total", "", {"topic"},
                  "Kafka messages that expired at the broker before they were read: lost."),
      CounterSpec(kUnreadableBatches, "signinwatch_unreadable_batches_total", "",
                  {"topic", "reason"},
                  "Batches of Kafka messages that can't be read (compression, corrupt, format, "
                  "too_large, silent) and were skipped: lost. Each counts as one rejected "
                  "record, with the reason unreadable."),
      CounterSpec(kMadeAnew, "signinwatch_partitions_made_anew_total", "", {"topic"},
                  "Partitions whose log is not the one that was read before (a recreated topic, a "
                  "hub that failed over) and which are read from their start."),
      CounterSpec(
          kSignals, "signinwatch_signals_total", "", {"outcome"},
          "Accepted records with the role ingest, by what became of them: sent to detect, or "
          "unneeded (successful sign-ins that tell detection nothing new)."),
      CounterSpec(kSignalRewinds, "signinwatch_signal_rewinds_total", "", {},
                  "How often signals could not be delivered and their records were read again."),
      CounterSpec(kDeadLetters, "signinwatch_dead_letters_total", "", {"outcome"},
                  "Dead letters, by outcome: written or failed (failed ones are retried)."),
      // Delays.
      HistogramSpec(kLateBy, "signinwatch_late_seconds", "seconds", {},
                    "Of late records, how far below the watermark they were.", kDelayBuckets),
      HistogramSpec(
          kExportDelay, "signinwatch_export_delay_seconds", "seconds", {"category"},
          "Delay of Entra's export: the record's time less the sign-in's createdDateTime.",
          kDelayBuckets),
      HistogramSpec(kEndToEndDelay, "signinwatch_end_to_end_delay_seconds", "seconds", {"category"},
                    "From the event to its detection: wall time less event time.", kDelayBuckets),
      HistogramSpec(
          kTicketDelay, "signinwatch_ticket_delay_seconds", "seconds", {"sink"},
          "From the broker's append of the record that caused a revision to its delivery.",
          kDeliveryBuckets),
      HistogramSpec(kDeliveryLatency, "signinwatch_delivery_latency_seconds", "seconds", {"sink"},
                    "From a revision's commit to its delivery.", kDeliveryBuckets),
      // Detection.
      GaugeSpec(kFailingUsers, "signinwatch_failing_users", "", {},
                "Distinct users with watched failures that detection holds now."),
      CounterSpec(
          kBurstsOpened, "signinwatch_bursts_opened_total", "",
          {"detector", "scope", "cause", "severity"},
          "Bursts opened. Cause and severity are those at the opening; they may change later."),
      GaugeSpec(kBurstsOpen, "signinwatch_bursts_open", "",
                {"detector", "scope", "cause", "severity"}, "Bursts that are open now."),
      HistogramSpec(kBurstSize, "signinwatch_burst_size_events", "events", {"detector"},
                    "Failures of each burst when it was resolved.", kSizeBuckets),
      HistogramSpec(kBurstDuration, "signinwatch_burst_duration_seconds", "seconds", {"detector"},
                    "From the first failure of each burst to its last, when it was resolved.",
                    kBurstDurationBuckets),
      HistogramSpec(kBurstUsers, "signinwatch_burst_affected_users", "users", {"detector"},
                    "Distinct users of each burst when it was resolved.", kSizeBuckets),
      GaugeSpec(kTickets, "signinwatch_tickets", "", {"state"},
                "Tickets that detection holds, by state: open or resolved."),
      GaugeSpec(kTicketsRecent, "signinwatch_tickets_recent", "",
                {"tenant", "scope", "severity", "cause"},
                "Tickets that are open or reached their highest severity in the last hour: by that "
                "severity for the hour, then by their current one. Alerts are based on it; it "
                "survives a restart. Tenants beyond metrics.max_tenants count as other."),
      CounterSpec(
          kTicketsResolved, "signinwatch_tickets_resolved_total", "",
          {"detector", "scope", "cause", "severity", "resolution"},
          "Tickets resolved, by final cause and severity and by resolution: reauthenticated or "
          "quiet."),
      CounterSpec(kBurstFindings, "signinwatch_burst_findings_total", "", {"finding"},
                  "Findings of tickets when they were resolved: unfamiliar_source, persistent, "
                  "session_elsewhere, risk_detected, security_info_changed."),
      CounterSpec(kGuideAnswers, "signinwatch_guide_answers_total", "", {"question"},
                  "Tickets resolved whose records answer a question of the guide to AADSTS50132, "
                  "by question: password, mfa, conditional_access, sync, programs, session, risk, "
                  "security_info."),
      CounterSpec(kTicketRevisions, "signinwatch_ticket_revisions_total", "", {"reason"},
                  "Revisions of tickets, by the reason for sending them."),
      GaugeSpec(kTenantsOther, "signinwatch_tenants_other", "", {},
                "Distinct tenants with watched failures that count as other, up to 100000."),
      // Time.
      GaugeSpec(kWatermark, "signinwatch_watermark_timestamp_seconds", "seconds", {},
                "Watermark of the stream: no records are expected below this event time."),
      CounterSpec(kWatermarksSetBack, "signinwatch_watermarks_set_back_total", "", {},
                  "Stored watermarks, the stream's and partitions', that were ahead of the wall "
                  "clock at a start and were set back to it less time.allowed_lateness."),
      GaugeSpec(kPartitionWatermark, "signinwatch_partition_watermark_timestamp_seconds", "seconds",
                {"topic", "partition"}, "Watermark of each assigned partition."),
      GaugeSpec(kPartitionLag, "signinwatch_partition_lag_messages", "messages",
                {"topic", "partition"}, "Kafka messages that are not processed yet."),
      GaugeSpec(kPartitionLagSeconds, "signinwatch_partition_lag_seconds", "seconds",
                {"topic", "partition"},
                "How far processing is behind in event time: wall time less the watermark and "
                "time.allowed_lateness; 0 when all is read."),
      GaugeSpec(kPartitionPaused, "signinwatch_partition_paused", "", {"topic", "partition"},
                "1 while the partition waits for others, being more than time.alignment ahead."),
      GaugeSpec(kPartitionIdle, "signinwatch_partition_idle", "", {"topic", "partition"},
                "1 while the partition has been read to its end, is quiet, and does not hold the "
                "watermark back."),
      GaugeSpec(kPartitionsAssigned, "signinwatch_partitions_assigned", "", {},
                "Partitions that this instance reads."),
      // Several instances.
      GaugeSpec(kTopicPartitions, "signinwatch_topic_partitions", "", {"topic"},
                "Partitions of the topic, as each instance that reads it sees them."),
      GaugeSpec(kTopicPartitionsOwned, "signinwatch_topic_partitions_owned", "", {"topic"},
                "Partitions of the topic that this instance works on; of all instances together as "
                "many as there are."),
      HistogramSpec(kTakeoverDuration, "signinwatch_takeover_duration_seconds", "seconds", {},
                    "How long it took to claim a partition of the signal topic and to read its "
                    "state.",
                    kTakeoverBuckets),
      CounterSpec(kShardsLost, "signinwatch_partitions_lost_total", "", {},
                  "Partitions of the signal topic that another instance took over before this one "
                  "knew, whose last uncommitted work was dropped and is done there."),
      // Stages.
      GaugeSpec(kStageBusy, "signinwatch_stage_busy_ratio", "ratio", {"stage"},
                "Share of the last ten seconds in which the stage was busy; 1 is its limit."),
      GaugeSpec(kStageQueue, "signinwatch_stage_queue_depth", "", {"stage"},
                "What waits for the stage, in the unit of its maximum."),
      GaugeSpec(kStageQueueMax, "signinwatch_stage_queue_depth_max", "", {"stage"},
                "Limit of the stage's queue."),
      // Kafka.
      GaugeSpec(kBrokerUp, "signinwatch_kafka_broker_up", "", {"broker"},
                "1 while the connection to the broker is up."),
      GaugeSpec(kBrokerThrottle, "signinwatch_kafka_broker_throttle_seconds", "seconds", {"broker"},
                "How long the broker delays its answers to keep to a quota, on average over the "
                "last window."),
      CounterSpec(kSourceErrors, "signinwatch_kafka_errors_total", "", {},
                  "Errors that the Kafka client reported; it retries."),
      CounterSpec(kRebalances, "signinwatch_kafka_rebalances_total", "", {},
                  "Assignments and revocations by the consumer group."),
      CounterSpec(kTokenRefreshes, "signinwatch_kafka_token_refreshes_total", "", {"outcome"},
                  "Access tokens requested, by outcome: success or failure."),
      // Store.
      CounterSpec(
          kCommits, "signinwatch_store_commits_total", "", {"outcome"},
          "Commits of state, tickets and positions, by outcome: success or failure (retried)."),
      HistogramSpec(kCommitDuration, "signinwatch_store_commit_duration_seconds", "seconds", {},
                    "How long each commit took until it was on disk.", kCommitBuckets),
      CounterSpec(kCommitRows, "signinwatch_store_committed_rows_total", "", {"kind"},
                  "Rows committed, by kind: state, revision or position."),
      GaugeSpec(kStoreBytes, "signinwatch_store_size_bytes", "bytes", {},
                "Size of the store: database and write-ahead log."),
      GaugeSpec(kStoreDiskFree, "signinwatch_store_disk_free_bytes", "bytes", {},
                "Free space of the file system that the store is on, for its user."),
      GaugeSpec(kStoreDisk, "signinwatch_store_disk_size_bytes", "bytes", {},
                "Size of the file system that the store is on."),
      GaugeSpec(kLastCommit, "signinwatch_store_last_commit_timestamp_seconds", "seconds", {},
                "When the last commit succeeded."),
      // State.
      GaugeSpec(kTrackedKeys, "signinwatch_tracked_keys", "", {"kind"},
                "What detection holds, by kind: tenants, users, failing_users, ids, events or "
                "tickets."),
      GaugeSpec(
          kTrackedKeysMax, "signinwatch_tracked_keys_max", "", {"kind"},
          "Limit on what detection holds, by the same kinds; beyond it something is evicted."),
      GaugeSpec(kStateBytes, "signinwatch_state_size_bytes", "bytes", {},
                "Estimated memory used by detection's state."),
      CounterSpec(kEvictions, "signinwatch_evictions_total", "", {"policy"},
                  "State dropped early because a limit was reached, by policy. While it is 0, the "
                  "same records give the same tickets in any order."),
      GaugeSpec(kMemoryMax, "signinwatch_memory_max_bytes", "bytes", {},
                "The process's memory budget (`limits.memory`)."),
      CounterSpec(kMemoryPauses, "signinwatch_memory_pauses_total", "", {},
                  "How often reading waited because memory was near its budget."),
      // Delivery.
      CounterSpec(kExcepted, "signinwatch_ticket_revisions_excepted_total", "", {"exception"},
                  "Ticket revisions that a configured exception keeps from being sent."),
      CounterSpec(kDeliveries, "signinwatch_deliveries_total", "", {"sink", "outcome"},
                  "Attempts to deliver, by outcome: delivered, temporary (retried), permanent "
                  "(given up) or dropped (the outbox was full)."),
      GaugeSpec(kDeliveriesWaiting, "signinwatch_deliveries_waiting", "", {"sink", "reason"},
                "Deliveries that failed and are to be tried again, by what they failed by: auth, "
                "connection, rate_limited, server, timeout, ..."),
      CounterSpec(kDeliveriesGivenUp, "signinwatch_deliveries_given_up_total", "",
                  {"sink", "reason"},
                  "Deliveries that were refused and are not tried again, by why."),
      GaugeSpec(kOutboxDepth, "signinwatch_outbox_depth", "", {"sink"},
                "Revisions that wait for the sink."),
      GaugeSpec(kOutboxAge, "signinwatch_outbox_oldest_age_seconds", "seconds", {"sink"},
                "Age of the oldest revision that waits for the sink; 0 if none does."),
      GaugeSpec(kSinkUp, "signinwatch_sink_up", "", {"sink"},
                "0 after an attempt that failed because of the other side, else 1."),
      GaugeSpec(
          kSinkBreaker, "signinwatch_sink_breaker_state", "", {"sink", "state"},
          "1 for the state that the sink's circuit breaker is in, 0 for the others: closed "
          "(all is sent), open (nothing is, for a while), half_open (one delivery is tried)."),
      CounterSpec(kDamped, "signinwatch_resolutions_damped_total", "", {"sink"},
                  "Resolutions that a sink was not told since their tickets flap (flap_after)."),
      // The program.
      GaugeSpec(kBuildInfo, "signinwatch_build_info", "", {"version", "compiler"},
                "Always 1; the labels say what is running."),
      GaugeSpec(kReady, "signinwatch_ready", "", {}, "1 while /-/ready says yes."),
      GaugeSpec(kConfigReloadSuccess, "signinwatch_config_last_reload_successful", "", {},
                "1 if the configuration was read without a mistake the last time."),
      GaugeSpec(kConfigReloadTime, "signinwatch_config_last_reload_success_timestamp_seconds",
                "seconds", {}, "When the configuration was last read without a mistake."),
      GaugeSpec(kWebConfigSuccess, "signinwatch_web_config_last_reload_successful", "", {},
                "1 if the web configuration file as it is now is in use, or there is none."),
      CounterSpec(kHttpLogInFailures, "signinwatch_http_log_in_failures_total", "", {},
                  "Requests with a wrong user name or password. The log has their addresses."),
      CounterSpec(
          kHttpTurnedAway, "signinwatch_http_turned_away_total", "", {"reason"},
          "HTTP connections turned away for lack of room: no_room (told to try again later) or "
          "slow (closed, as their request had not arrived when others needed the room)."),
      CounterSpec(kLogLines, "signinwatch_log_lines_total", "", {"level"},
                  "Lines written to the log, by level: debug, info, warning or error."),
      CounterSpec(
          kLogLinesDropped, "signinwatch_log_lines_dropped_total", "", {"reason"},
          "Lines missing from the log: repeated (more than ten times a minute) or unwritable."),
      CounterSpec(kSeriesCapped, "signinwatch_metric_series_capped_total", "", {"metric"},
                  "Updates counted under other because the metric already has too many series."),
      // The process.
      CounterSpec(kProcessCpu, "process_cpu_seconds_total", "seconds", {},
                  "Total user and system CPU time spent in seconds."),
      GaugeSpec(kProcessStartTime, "process_start_time_seconds", "seconds", {},
                "Start time of the process since unix epoch in seconds."),
      GaugeSpec(kProcessResidentMemory, "process_resident_memory_bytes", "bytes", {},
                "Resident memory size in bytes."),
      GaugeSpec(kProcessVirtualMemory, "process_virtual_memory_bytes", "bytes", {},
                "Virtual memory size in bytes."),
      GaugeSpec(kProcessOpenFiles, "process_open_fds", "", {}, "Number of open file descriptors."),
      GaugeSpec(kProcessOpenFilesMax, "process_max_fds", "", {},
                "Maximum number of open file descriptors."),
      GaugeSpec(kProcessThreads, "process_threads", "", {}, "Number of threads of the process."),
  };
}

}  // namespace

const char* MetricTypeName(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "unknown";
}

std::span<const MetricSpec> MetricCatalogue() {
  static const auto& catalogue = *new std::vector<MetricSpec>(MakeCatalogue());
  return catalogue;
}

const MetricSpec& SpecOf(Metric metric) { return MetricCatalogue()[static_cast<size_t>(metric)]; }

}  // namespace signinwatch::metrics
