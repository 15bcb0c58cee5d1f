#include "daemon/kafka/source_partitions.h"

#include <algorithm>

namespace signinwatch::kafka {

SourcePartitions::SourcePartitions(const std::vector<position::PartitionPosition>& positions) {
  for (const position::PartitionPosition& position : positions) {
    if (position.next_offset >= 0) TopicOf(position.topic).positions.push_back(position);
  }
}

SourcePartitions::Topic* SourcePartitions::FindTopic(std::string_view name) {
  const auto topic = std::find_if(topics_.begin(), topics_.end(),
                                  [name](const Topic& each) { return each.name == name; });
  return topic == topics_.end() ? nullptr : &*topic;
}

SourcePartitions::Topic& SourcePartitions::TopicOf(std::string_view name) {
  if (Topic* topic = FindTopic(name); topic != nullptr) return *topic;
  return topics_.emplace_back(Topic{.name = std::string(name), .positions = {}, .by_id = {}});
}

SourcePartition* SourcePartitions::Find(std::string_view topic, int32_t partition) {
  Topic* found = FindTopic(topic);
  const auto id = static_cast<size_t>(partition);
  return found == nullptr || id >= found->by_id.size() ? nullptr : found->by_id[id];
}

SourcePartition& SourcePartitions::Get(std::string_view topic, int32_t partition) {
  if (SourcePartition* known = Find(topic, partition); known != nullptr) return *known;
  Topic& owner = TopicOf(topic);
  SourcePartition& added = partitions_.emplace_back();
  added.topic = owner.name;
  added.id = partition;
  added.slot = static_cast<PartitionSlot>(partitions_.size() - 1);
  for (const position::PartitionPosition& position : owner.positions) {
    if (position.partition != partition) continue;
    added.next = position.next_offset;
    added.mark = position.mark;
  }
  const auto id = static_cast<size_t>(partition);
  if (id >= owner.by_id.size()) owner.by_id.resize(id + 1, nullptr);
  owner.by_id[id] = &added;
  return added;
}

bool SourcePartitions::IsKnown(std::string_view topic) const {
  return std::any_of(topics_.begin(), topics_.end(), [topic](const Topic& each) {
    if (each.name != topic) return false;
    return !each.positions.empty() ||
           std::any_of(each.by_id.begin(), each.by_id.end(), [](const SourcePartition* partition) {
             return partition != nullptr && partition->state != PartitionState::kKnown;
           });
  });
}

OffsetStep ClassifyOffset(int64_t next, int64_t offset, int64_t log_start, int64_t log_end) {
  if (offset == next) return OffsetStep::kExpected;
  if (next == kUnknownOffset) return OffsetStep::kFirst;
  if (offset > next) return log_start > next ? OffsetStep::kGap : OffsetStep::kSkipped;
  const bool shorter = log_end != kUnknownOffset && log_end < next;
  return shorter ? OffsetStep::kReset : OffsetStep::kRepeated;
}

}  // namespace signinwatch::kafka
