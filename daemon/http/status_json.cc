#include "daemon/http/status_json.h"

#include "daemon/json/json_writer.h"

namespace signinwatch::http {
namespace {

void WriteTime(json::JsonWriter& json, std::string_view key, EventTime time) {
  json.Key(key);
  time == kBeginningOfTime ? json.Null() : json.Time(time);
}
void WriteKnown(json::JsonWriter& json, std::string_view key, int64_t number) {
  json.Key(key);
  number < 0 ? json.Null() : json.Number(number);
}
void WriteText(json::JsonWriter& json, std::string_view key, const std::string& text) {
  json.Key(key);
  json.StringOrNull(text);
}

template <typename T>
void WriteList(json::JsonWriter& json, std::string_view key, const std::vector<T>& values,
               void (*write)(json::JsonWriter&, const T&)) {
  json.Key(key);
  json.Open('[');
  for (const T& value : values) write(json, value);
  json.Close(']');
}

void WriteSteppedPast(json::JsonWriter& json, const pipeline::SteppedPast& past) {
  if (past.batches == 0) return json.Null();
  json.Open('{');
  json.Member("batches", past.batches);
  json.Member("last_from", past.from);
  json.Member("last_to", past.to - 1);
  json.Member("last_reason", past.reason);
  WriteTime(json, "last_at", past.at);
  json.Close('}');
}

void WritePartition(json::JsonWriter& json, const pipeline::PartitionStatus& partition) {
  json.Open('{');
  json.Member("topic", partition.topic);
  json.Member("partition", partition.partition);
  json.Member("assigned", partition.assigned);
  json.Member("paused", partition.paused);
  json.Member("at_end", partition.at_end);
  json.Member("idle", partition.idle);
  json.Member("next_offset", partition.next_offset);
  WriteKnown(json, "log_end_offset", partition.log_end_offset);
  WriteKnown(json, "lag_records", partition.lag_records);
  json.Member("lag_seconds", partition.lag_seconds);
  WriteTime(json, "watermark", partition.watermark);
  WriteText(json, "stands_at", partition.stands_at);
  json.Key("unreadable");
  WriteSteppedPast(json, partition.stepped_past);
  json.Member("made_anew", partition.made_anew);
  WriteTime(json, "made_anew_at", partition.made_anew_at);
  json.Close('}');
}

void WriteTopic(json::JsonWriter& json, const pipeline::TopicStatus& topic) {
  json.Open('{');
  json.Member("topic", topic.topic);
  json.Member("read", topic.records);
  json.Member("accepted", topic.accepted);
  json.Member("irrelevant", topic.irrelevant);
  json.Member("rejected", topic.rejected);
  WriteTime(json, "unused_since", topic.unused_since);
  json.Member("unused", topic.unused);
  WriteText(json, "looks_like", topic.shape);
  WriteText(json, "advice", topic.advice);
  json.Close('}');
}

void WriteNearMiss(json::JsonWriter& json, const NearMiss& miss) {
  json.Open('{');
  json.Member("detector", miss.detector);
  json.Member("scope", miss.scope == GroupBy::kUser ? "user" : "tenant");
  json.Member("tenant_id", miss.tenant_id);
  WriteText(json, "user", miss.user);
  json.Member("events", miss.events);
  json.Member("users", miss.users);
  json.Key("threshold");
  json.Open('{');
  json.Member("events", miss.threshold_events);
  json.Member("users", miss.threshold_users);
  json.Close('}');
  WriteTime(json, "first_event_time", miss.first_event_time);
  WriteTime(json, "last_event_time", miss.last_event_time);
  json.Close('}');
}

void WriteStage(json::JsonWriter& json, const pipeline::StageStatus& stage) {
  json.Open('{');
  json.Member("name", stage.name);
  json.Member("queue_depth", stage.queue_depth);
  json.Member("queue_max", stage.queue_max);
  json.Member("busy_ratio", stage.busy_ratio);
  json.Close('}');
}

void WriteSink(json::JsonWriter& json, const pipeline::SinkStatus& sink) {
  const sinks::DeliveryStatus& delivery = sink.delivery;
  json.Open('{');
  json.Member("name", delivery.sink);
  json.Member("type", delivery.type);
  json.Member("down", delivery.down);
  json.Member("breaker", sinks::BreakerStateName(delivery.breaker));
  json.Member("delivered", delivery.delivered);
  json.Member("temporary_failures", delivery.temporary_failures);
  json.Member("permanent_failures", delivery.permanent_failures);
  json.Member("waiting_retry", delivery.waiting_retry);
  json.Member("dropped", sink.dropped);
  json.Member("outbox_depth", sink.outbox.depth);
  WriteTime(json, "outbox_oldest", sink.outbox.oldest);
  WriteTime(json, "last_delivered_at", delivery.last_delivered_at);
  WriteText(json, "last_error", delivery.last_error);
  json.Member("damped", delivery.damped);
  json.Texts("flapping", delivery.flapping);
  json.Member("busy_ratio", delivery.busy_ratio);
  json.Close('}');
}

template <typename Name>
void WriteCounts(json::JsonWriter& json, std::string_view key, int size, const uint64_t* counts,
                 Name name) {
  json.Key(key);
  json.Open('{');
  for (int i = 0; i < size; ++i) json.Member(name(i), counts[i]);
  json.Close('}');
}

void WriteDetection(json::JsonWriter& json, const DetectorCounters& counters) {
  json.Open('{');
  json.Member("duplicates", counters.duplicates);
  json.Member("late", counters.late);
  json.Member("late_dropped", counters.late_dropped);
  json.Member("bursts_opened", counters.bursts_opened);
  WriteCounts(json, "credential_events", kChangeKindCount, counters.credential_events,
              [](int i) { return ChangeKindName(static_cast<ChangeKind>(i)); });
  WriteCounts(json, "evictions", kEvictionCount, counters.evictions,
              [](int i) { return EvictionName(static_cast<Eviction>(i)); });
  json.Key("unknown_password_operations");
  json.Open('{');
  for (const auto& [name, count] : counters.unknown_password_operations) json.Member(name, count);
  json.Close('}');
  json.Close('}');
}

void WriteState(json::JsonWriter& json, const DetectorSizes& state) {
  json.Open('{');
  json.Member("tenants", state.tenants);
  json.Member("users", state.users);
  json.Member("dedup_ids", state.dedup_ids);
  json.Member("live_events", state.live_events);
  json.Member("open_tickets", state.open_tickets);
  json.Member("tickets", state.tickets);
  json.Member("bytes", state.bytes);
  json.Close('}');
}

void WriteBroker(json::JsonWriter& json, const kafka::SourceFacts::Broker& broker) {
  json.Open('{');
  json.Member("name", broker.name);
  json.Member("up", broker.up);
  json.Member("throttle_seconds", broker.throttle_seconds);
  json.Member("received_bytes", broker.received_bytes);
  json.Close('}');
}

void WriteFailure(json::JsonWriter& json, const store::FailureCount& failure) {
  json.Open('{');
  WriteTime(json, "bucket", failure.bucket);
  json.Member("code", failure.code);
  json.Member("count", failure.count);
  json.Close('}');
}

}  // namespace

std::string StatusJson(const pipeline::ServeStatus& status) {
  std::string text;
  json::JsonWriter json(&text);
  json.Open('{');
  json.Member("version", status.version);
  WriteTime(json, "started_at", status.started_at);
  WriteTime(json, "now", status.now);
  json.Member("ready", status.not_ready.empty());
  json.Texts("not_ready", pipeline::SentencesOf(status.not_ready));
  json.Texts("warnings", pipeline::SentencesOf(status.warnings));
  WriteTime(json, "watermark", status.watermark);
  json.Key("records");
  json.Open('{');
  json.Member("read", status.records);
  json.Member("accepted", status.accepted);
  json.Member("irrelevant", status.irrelevant);
  json.Member("rejected", status.rejected);
  json.Close('}');
  WriteList(json, "topics", status.topics, WriteTopic);
  WriteList(json, "partitions", status.partitions, WritePartition);
  WriteList(json, "brokers", status.brokers, WriteBroker);
  WriteText(json, "source_error", status.source_error);
  WriteList(json, "stages", status.stages, WriteStage);
  WriteList(json, "sinks", status.sinks, WriteSink);
  json.Key("detection");
  WriteDetection(json, status.detection);
  json.Key("state");
  WriteState(json, status.state);
  json.Key("store");
  json.Open('{');
  json.Member("file_bytes", status.store.file_bytes);
  json.Member("state_rows", status.store.state_rows);
  json.Member("tickets", status.store.tickets);
  json.Member("revisions", status.store.revisions);
  json.Member("disk_free_bytes", status.store.disk_free_bytes);
  json.Member("disk_bytes", status.store.disk_bytes);
  WriteTime(json, "last_commit_at", status.last_commit_at);
  json.Close('}');
  WriteList(json, "near_misses", status.near_misses, WriteNearMiss);
  WriteList(json, "failures", status.failures, WriteFailure);
  json.Close('}');
  return text;
}

}  // namespace signinwatch::http
