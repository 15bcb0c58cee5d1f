#include "daemon/http/status_json.h"

#include "daemon/http/json.h"

namespace signinwatch {
namespace {

OrderedJson TimeJson(EventTime time) {
  return time == kBeginningOfTime ? OrderedJson() : OrderedJson(FormatEventTime(time));
}
OrderedJson KnownJson(int64_t number) { return number < 0 ? OrderedJson() : OrderedJson(number); }
OrderedJson TextJson(const std::string& text) {
  return text.empty() ? OrderedJson() : OrderedJson(text);
}

OrderedJson SteppedPastJson(const SteppedPast& past) {
  if (past.batches == 0) return {};
  return {{"batches", past.batches},
          {"last_from", past.from},
          {"last_to", past.to - 1},
          {"last_reason", past.reason},
          {"last_at", TimeJson(past.at)}};
}

OrderedJson PartitionJson(const PartitionStatus& partition) {
  return {{"topic", partition.topic},
          {"partition", partition.partition},
          {"assigned", partition.assigned},
          {"paused", partition.paused},
          {"at_end", partition.at_end},
          {"idle", partition.idle},
          {"next_offset", partition.next_offset},
          {"log_end_offset", KnownJson(partition.log_end_offset)},
          {"lag_records", KnownJson(partition.lag_records)},
          {"lag_seconds", partition.lag_seconds},
          {"watermark", TimeJson(partition.watermark)},
          {"stands_at", TextJson(partition.stands_at)},
          {"unreadable", SteppedPastJson(partition.stepped_past)},
          {"made_anew", partition.made_anew},
          {"made_anew_at", TimeJson(partition.made_anew_at)}};
}

OrderedJson TopicJson(const TopicStatus& topic) {
  return {{"topic", topic.topic},
          {"read", topic.records},
          {"accepted", topic.accepted},
          {"irrelevant", topic.irrelevant},
          {"rejected", topic.rejected},
          {"unused_since", TimeJson(topic.unused_since)},
          {"unused", topic.unused},
          {"looks_like", TextJson(topic.shape)},
          {"advice", TextJson(topic.advice)}};
}

OrderedJson NearMissJson(const NearMiss& miss) {
  return {{"detector", miss.detector},
          {"scope", miss.scope == GroupBy::kUser ? "user" : "tenant"},
          {"tenant_id", miss.tenant_id},
          {"user", TextJson(miss.user)},
          {"events", miss.events},
          {"users", miss.users},
          {"threshold", {{"events", miss.threshold_events}, {"users", miss.threshold_users}}},
          {"first_event_time", TimeJson(miss.first_event_time)},
          {"last_event_time", TimeJson(miss.last_event_time)}};
}

OrderedJson StageJson(const StageStatus& stage) {
  return {{"name", stage.name},
          {"queue_depth", stage.queue_depth},
          {"queue_max", stage.queue_max},
          {"busy_ratio", stage.busy_ratio}};
}

OrderedJson SinkJson(const SinkStatus& sink) {
  const DeliveryStatus& delivery = sink.delivery;
  return {{"name", delivery.sink},
          {"type", delivery.type},
          {"down", delivery.down},
          {"delivered", delivery.delivered},
          {"temporary_failures", delivery.temporary_failures},
          {"permanent_failures", delivery.permanent_failures},
          {"waiting_retry", delivery.waiting_retry},
          {"dropped", sink.dropped},
          {"outbox_depth", sink.outbox.depth},
          {"outbox_oldest", TimeJson(sink.outbox.oldest)},
          {"last_delivered_at", TimeJson(delivery.last_delivered_at)},
          {"last_error", TextJson(delivery.last_error)},
          {"busy_ratio", delivery.busy_ratio}};
}

OrderedJson DetectionJson(const DetectorCounters& counters) {
  OrderedJson credential_events = OrderedJson::object();
  for (int i = 0; i < kChangeKindCount; ++i) {
    credential_events[ChangeKindName(static_cast<ChangeKind>(i))] = counters.credential_events[i];
  }
  OrderedJson evictions = OrderedJson::object();
  for (int i = 0; i < kEvictionCount; ++i) {
    evictions[EvictionName(static_cast<Eviction>(i))] = counters.evictions[i];
  }
  OrderedJson unknown = OrderedJson::object();
  for (const auto& [name, count] : counters.unknown_password_operations) unknown[name] = count;
  return {{"duplicates", counters.duplicates},
          {"late", counters.late},
          {"late_dropped", counters.late_dropped},
          {"bursts_opened", counters.bursts_opened},
          {"credential_events", std::move(credential_events)},
          {"evictions", std::move(evictions)},
          {"unknown_password_operations", std::move(unknown)}};
}

OrderedJson StateJson(const DetectorSizes& state) {
  return {{"tenants", state.tenants},
          {"users", state.users},
          {"dedup_ids", state.dedup_ids},
          {"live_events", state.live_events},
          {"open_tickets", state.open_tickets},
          {"tickets", state.tickets},
          {"bytes", state.bytes}};
}

OrderedJson BrokerJson(const SourceFacts::Broker& broker) {
  return {{"name", broker.name},
          {"up", broker.up},
          {"throttle_seconds", broker.throttle_seconds},
          {"received_bytes", broker.received_bytes}};
}

OrderedJson FailureJson(const FailureCount& failure) {
  return {{"bucket", TimeJson(failure.bucket)}, {"code", failure.code}, {"count", failure.count}};
}

template <typename T>
OrderedJson ListJson(const std::vector<T>& values, OrderedJson (*json)(const T&)) {
  OrderedJson list = OrderedJson::array();
  for (const T& value : values) list.push_back(json(value));
  return list;
}

}  // namespace

std::string StatusJson(const ServeStatus& status) {
  const OrderedJson json{
      {"version", status.version},
      {"started_at", TimeJson(status.started_at)},
      {"now", TimeJson(status.now)},
      {"ready", status.not_ready.empty()},
      {"not_ready", SentencesOf(status.not_ready)},
      {"warnings", SentencesOf(status.warnings)},
      {"watermark", TimeJson(status.watermark)},
      {"records",
       {{"read", status.records},
        {"accepted", status.accepted},
        {"irrelevant", status.irrelevant},
        {"rejected", status.rejected}}},
      {"topics", ListJson(status.topics, TopicJson)},
      {"partitions", ListJson(status.partitions, PartitionJson)},
      {"brokers", ListJson(status.brokers, BrokerJson)},
      {"source_error", TextJson(status.source_error)},
      {"stages", ListJson(status.stages, StageJson)},
      {"sinks", ListJson(status.sinks, SinkJson)},
      {"detection", DetectionJson(status.detection)},
      {"state", StateJson(status.state)},
      {"store",
       {{"file_bytes", status.store.file_bytes},
        {"state_rows", status.store.state_rows},
        {"tickets", status.store.tickets},
        {"revisions", status.store.revisions},
        {"disk_free_bytes", status.store.disk_free_bytes},
        {"disk_bytes", status.store.disk_bytes},
        {"last_commit_at", TimeJson(status.last_commit_at)}}},
      {"near_misses", ListJson(status.near_misses, NearMissJson)},
      {"failures", ListJson(status.failures, FailureJson)},
  };
  return JsonText(json);
}

}  // namespace signinwatch
