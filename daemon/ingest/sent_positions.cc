#include "daemon/ingest/sent_positions.h"

namespace signinwatch::ingest {

SentPositions::Partition& SentPositions::Of(kafka::PartitionSlot slot) {
  if (slot >= partitions_.size()) partitions_.resize(slot + 1);
  return partitions_[slot];
}

void SentPositions::Start(kafka::PartitionSlot slot, int64_t next_offset, uint64_t mark) {
  Of(slot) = {.started = true, .safe = {next_offset, mark}, .pending = {}};
}

void SentPositions::End(kafka::PartitionSlot slot) { Of(slot) = {}; }

std::shared_ptr<SentPositions::Pending> SentPositions::Add(kafka::PartitionSlot slot,
                                                           int64_t next_offset, uint64_t mark) {
  Partition& partition = Of(slot);
  // Where nothing is to be waited for, one entry does for many messages.
  if (!partition.pending.empty() && partition.pending.back()->messages == 0) {
    partition.pending.pop_back();
  }
  partition.pending.push_back(
      std::make_shared<Pending>(Pending{.next_offset = next_offset, .mark = mark, .messages = 0}));
  return partition.pending.back();
}

std::optional<SentPositions::Position> SentPositions::SafeOf(kafka::PartitionSlot slot) {
  Partition& partition = Of(slot);
  if (!partition.started) return std::nullopt;
  while (!partition.pending.empty() && partition.pending.front()->messages == 0) {
    partition.safe = {partition.pending.front()->next_offset, partition.pending.front()->mark};
    partition.pending.pop_front();
  }
  return partition.safe;
}

}  // namespace signinwatch::ingest
