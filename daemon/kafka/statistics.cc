#include "daemon/kafka/statistics.h"

#include <nlohmann/json.hpp>

namespace signinwatch::kafka {
namespace {

using Json = nlohmann::json;

// Absent and of another kind are the same: the default.
template <typename T>
T Get(const Json& object, const char* name, T absent) {
  const auto member = object.find(name);
  if (member == object.end()) return absent;
  if constexpr (std::is_same_v<T, std::string>) {
    return member->is_string() ? member->get<std::string>() : absent;
  } else {
    return member->is_number() ? member->get<T>() : absent;
  }
}

const Json& Child(const Json& object, const char* name) {
  static const Json kNone = Json::object();
  const auto member = object.find(name);
  return member != object.end() && member->is_object() ? *member : kNone;
}

Statistics::Broker ReadBroker(const Json& json) {
  const std::string state = Get<std::string>(json, "state", "");
  return {
      .id = Get<int32_t>(json, "nodeid", -1),
      .name = Get<std::string>(json, "nodename", ""),
      .up = state == "UP" || state == "UPDATE",
      .received_bytes = Get<uint64_t>(json, "rxbytes", 0),
      .responses = Get<uint64_t>(json, "rx", 0),
      .requests_waiting = Get<int64_t>(json, "waitresp_cnt", 0),
      .throttle_seconds = Get<double>(Child(json, "throttle"), "avg", 0) / 1'000,
  };
}

std::vector<Statistics::Partition> ReadPartitions(const Json& json) {
  std::vector<Statistics::Partition> partitions;
  for (const auto& [key, partition] : json.items()) {
    if (!partition.is_object()) continue;
    const auto id = Get<int32_t>(partition, "partition", -1);
    // -1 is the client's own place for messages without a partition; the cluster does not know what
    // is left of a topic that had more.
    const auto unknown = partition.find("unknown");
    const bool gone = unknown != partition.end() && *unknown == true;
    if (id >= 0 && !gone)
      partitions.push_back({.id = id, .broker = Get<int32_t>(partition, "broker", -1)});
  }
  return partitions;
}

// The histograms are most of the text, and nobody reads them.
bool IsWanted(int depth, Json::parse_event_t event, Json& parsed) {
  constexpr int kOfBroker = 3;
  if (event != Json::parse_event_t::key || depth != kOfBroker) return true;
  const auto& key = parsed.get_ref<const std::string&>();
  return key != "int_latency" && key != "outbuf_latency" && key != "rtt" && key != "req";
}

}  // namespace

std::optional<Statistics> ParseStatistics(std::string_view json) {
  const Json root = Json::parse(json.begin(), json.end(), IsWanted, /*allow_exceptions=*/false);
  if (!root.is_object()) return std::nullopt;
  Statistics statistics;
  statistics.group_steady = Get<std::string>(Child(root, "cgrp"), "join_state", "") == "steady";
  for (const auto& [key, broker] : Child(root, "brokers").items()) {
    // Logical brokers (the group's coordinator) stand beside the one that they are.
    if (!broker.is_object() || Get<std::string>(broker, "source", "") == "logical") continue;
    statistics.brokers.push_back(ReadBroker(broker));
  }
  for (const auto& [name, topic] : Child(root, "topics").items()) {
    if (topic.is_object()) statistics.topics[name] = ReadPartitions(Child(topic, "partitions"));
  }
  return statistics;
}

void BrokerWatch::Update(const Statistics& statistics) {
  for (auto& [id, state] : brokers_) state.known = false;
  for (const Statistics::Broker& broker : statistics.brokers) {
    if (broker.id < 0) continue;
    State& state = brokers_[broker.id];
    state.known = true;
    state.up = broker.up;
    const bool silent = broker.requests_waiting > 0 && broker.responses == state.responses;
    state.silent = silent ? state.silent + 1 : 0;
    state.responses = broker.responses;
  }
  std::erase_if(brokers_, [](const auto& entry) { return !entry.second.known; });
}

bool BrokerWatch::IsReachable(int32_t id) const {
  const auto state = brokers_.find(id);
  return state != brokers_.end() && state->second.up && state->second.silent < kSilentMax;
}

}  // namespace signinwatch::kafka
