#include "tests/daemon/http/sample_status.h"

#include <chrono>

namespace signinwatch::http {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

pipeline::PartitionStatus Partition(int32_t number, EventTime watermark) {
  pipeline::PartitionStatus partition;
  partition.topic = "insights-logs-signinlogs";
  partition.partition = number;
  partition.assigned = true;
  partition.at_end = true;
  partition.next_offset = 81'204'113 + number;
  partition.log_end_offset = 81'204'113 + number;
  partition.lag_records = 0;
  partition.watermark = watermark;
  return partition;
}

pipeline::SinkStatus Sink(const char* name, const char* type, EventTime now) {
  pipeline::SinkStatus sink;
  sink.delivery.sink = name;
  sink.delivery.type = type;
  sink.delivery.delivered = 1'843;
  sink.delivery.last_delivered_at = now - seconds(48);
  sink.delivery.busy_ratio = 0.02;
  sink.outbox.sink = name;
  return sink;
}

// A quiet night, a busy morning, a mass reset.
std::vector<store::FailureCount> Failures(EventTime end) {
  std::vector<store::FailureCount> failures;
  const EventTime begin = std::chrono::ceil<std::chrono::hours>(end) - kDay;
  for (int bucket = 0; begin + bucket * store::kFailureBucket < end; ++bucket) {
    const uint64_t rhythm = static_cast<uint64_t>(bucket > 48 ? 6 + bucket * 7 % 13 : 1);
    const uint64_t reset =
        bucket >= 96 && bucket < 102 ? 90 - static_cast<uint64_t>(bucket - 96) * 14 : 0;
    const EventTime time = begin + bucket * store::kFailureBucket;
    failures.push_back({time, 50132, rhythm + reset});
    failures.push_back({time, 50133, rhythm / 2 + reset / 3});
    if (bucket % 3 == 0) failures.push_back({time, 50173, rhythm / 3 + reset / 5 + 1});
  }
  return failures;
}

}  // namespace

pipeline::ServeStatus SampleStatus() {
  pipeline::ServeStatus status;
  status.version = "0.1.0";
  status.now = *ParseEventTime("2026-11-24T10:03:05Z");
  status.started_at = *ParseEventTime("2026-11-20T06:30:00Z");
  status.watermark = *ParseEventTime("2026-11-24T09:31:40Z");
  status.partitions = {Partition(0, status.watermark), Partition(1, status.watermark + minutes(1))};
  status.stages = {{"consume", 0, 0, 0.04},
                   {"parse", 1, 64, 0.31},
                   {"fold", 2, 64, 0.12},
                   {"commit", 0, 4, 0.07}};
  status.sinks = {Sink("soc", "webhook", status.now), Sink("archive", "file", status.now)};
  status.records = 162'408'226;
  status.accepted = 120'400'120;
  status.irrelevant = 42'008'006;
  status.rejected = 100;
  status.detection.duplicates = 4'120;
  status.detection.late = 88;
  status.detection.bursts_opened = 61;
  status.detection.credential_events[0] = 12;
  status.state = {.tenants = 3,
                  .users = 48'112,
                  .dedup_ids = 120'000,
                  .live_events = 900,
                  .open_tickets = 12,
                  .tickets = 73,
                  .bytes = 96'000'000};
  status.store = {.file_bytes = 212'400'000,
                  .state_rows = 51'000,
                  .tickets = 2'104,
                  .revisions = 6'020,
                  .disk_free_bytes = 40'000'000'000,
                  .disk_bytes = 64'000'000'000};
  status.topics = {{.topic = "insights-logs-signinlogs",
                    .records = 162'408'226,
                    .accepted = 120'400'120,
                    .irrelevant = 42'008'006,
                    .rejected = 100,
                    .unused_since = kBeginningOfTime,
                    .unused = 0,
                    .shape = "",
                    .advice = "",
                    .irrelevant_for_long = false}};
  status.last_commit_at = status.now - seconds(1);
  status.brokers = {{"soc.servicebus.windows.net:9093", true, 0, 81'000'000'000}};
  status.near_misses = {{.detector = "user-session-invalid",
                         .scope = GroupBy::kUser,
                         .tenant_id = "11111111-2222-3333-4444-555555555555",
                         .user = "room-7@contoso.example",
                         .events = 9,
                         .users = 1,
                         .threshold_events = 10,
                         .threshold_users = 1,
                         .first_event_time = status.watermark - hours(2),
                         .last_event_time = status.watermark - hours(2) + minutes(9)}};
  status.failures = Failures(status.watermark);
  return status;
}

pipeline::ServeStatus TroubledStatus() {
  pipeline::ServeStatus status = SampleStatus();
  status.near_misses.clear();
  status.not_ready = {
      {pipeline::Condition::Reason::kNotCommitted,
       "Nothing can be committed, so reading waits: the disk is full (/var/lib/signinwatch)."}};
  status.warnings = {{pipeline::Condition::Reason::kUnused,
                      "Nothing in topic entra-logs is of use: none of the last 5000 records, since "
                      "2026-11-24T08:00 "
                      "UTC. They look like CSV: export the log as JSON."}};
  status.topics.front().unused_since = status.now - minutes(90);
  status.topics.front().unused = 5'000;
  status.topics.front().shape = "CSV";
  status.topics.front().advice = "export the log as JSON";
  status.source_error = "soc.servicebus.windows.net:9093: connection refused";
  status.brokers.front().up = false;
  status.brokers.front().throttle_seconds = 0.8;
  status.last_commit_at = status.now - minutes(4);
  pipeline::PartitionStatus& partition = status.partitions.front();
  partition.at_end = false;
  partition.lag_records = 1'200'400;
  partition.log_end_offset += partition.lag_records;
  partition.lag_seconds = 1'260;
  partition.stands_at = "compression";
  partition.stepped_past = {.batches = 2,
                            .from = 81'204'000,
                            .to = 81'204'113,
                            .reason = "corrupt",
                            .at = status.now - minutes(9)};
  partition.made_anew = 1;
  partition.made_anew_at = status.now - hours(2);
  status.partitions.back().paused = true;
  status.stages[1].busy_ratio = 0.97;
  pipeline::SinkStatus& sink = status.sinks.front();
  sink.delivery.down = true;
  sink.delivery.breaker = sinks::CircuitBreaker::State::kOpen;
  sink.delivery.damped = 4;
  sink.delivery.flapping = {"6f6f4c5e-0000-5000-8000-000000000001"};
  sink.delivery.temporary_failures = 12;
  sink.delivery.permanent_failures = 2;
  sink.delivery.waiting_retry = 1;
  sink.delivery.last_error = "HTTP 503";
  sink.outbox.depth = 57;
  sink.outbox.oldest = status.now - minutes(7);
  sink.dropped = 3;
  status.sinks.back().outbox.depth = 2;
  status.sinks.back().outbox.oldest = status.now - minutes(6);
  status.rejected = 5'000'000;
  status.detection.late_dropped = 17;
  status.detection.evictions[1] = 204;
  status.detection.unknown_password_operations = {{"set password policy", 3}};
  return status;
}

}  // namespace signinwatch::http
