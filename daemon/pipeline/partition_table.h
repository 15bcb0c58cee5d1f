// Event time of the input partitions (SPEC 4): which hold the watermark back, which are idle, which
// are so far ahead that they are paused.
//
// Pure: `now`, the wall clock, is an argument. A partition is idle when it is known that it was
// read to its end, and for idle_timeout it had no accepted record but old ones: an old one lies
// `alignment` or more behind the greatest watermark of the other partitions. Whoever sends a few of
// those a second holds nobody back; a partition that catches up is not at its end, and does. A
// partition that nobody reads (it has gone to another member, or its topic is gone) counts as idle
// after the same time, but only while others are read: as long as nothing is read at all, the
// watermark stands.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_PARTITION_TABLE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_PARTITION_TABLE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/status.h"
#include "daemon/store/state_store.h"
#include "detectors/config.h"
#include "detectors/watermark.h"

namespace signinwatch::pipeline {

class PartitionTable {
 public:
  struct Partition {
    std::string topic;
    int32_t partition = 0;
    kafka::PartitionSlot slot = 0;
    bool assigned = false;
    bool at_end = false;
    bool paused = false;
    int64_t next_offset = 0;
    bool moved = false;     // since TakeMoved
    bool was_blind = true;  // until its end was seen since it was assigned, or out of reach
    bool told = false;      // `paused` has been told to the source since it was assigned
    EventTime active_at = kBeginningOfTime;  // wall time of the last accepted record that was not
                                             // old, or of when waiting for one began
    uint64_t mark = 0;                       // of the message before `next_offset`; 0: not known
    SteppedPast stepped_past;
    uint64_t made_anew = 0;
    EventTime made_anew_at = kBeginningOfTime;
  };

  // `restored`: as the store has them, with the stream's watermark of that moment. A partition's
  // watermark beyond `now` is set back to it less allowed_lateness.
  PartitionTable(const TimeConfig& config, const std::vector<position::PartitionPosition>& restored,
                 EventTime stream_watermark, EventTime now);

  void Handle(const kafka::PartitionEvent& event, EventTime now);
  // The messages below `next_offset` are in the state. `mark`: of the last of them; 0: not known.
  void Advance(kafka::PartitionSlot slot, int64_t next_offset, uint64_t mark);
  // An accepted record.
  void Observe(kafka::PartitionSlot slot, EventTime event_time, EventTime now);
  // Time has passed: finds the idle partitions.
  void Tick(EventTime now);
  // How many partitions of the topics others read. While there are none, a partition that is not
  // assigned here does not exist.
  void NoteElsewhere(uint32_t partitions) { elsewhere_ = partitions; }

  [[nodiscard]] EventTime stream_watermark() const { return watermarks_.stream_watermark(); }
  // Partitions whose restored watermark was set back.
  [[nodiscard]] size_t set_back() const { return set_back_; }
  // Those that are to be paused and those that are to go on, since the last call.
  struct Alignment {
    std::vector<kafka::PartitionSlot> pause, resume;
  };
  [[nodiscard]] Alignment Align();
  // Positions that moved since the last call.
  [[nodiscard]] std::vector<position::PartitionPosition> TakeMoved();

  // nullptr: unknown.
  [[nodiscard]] const Partition* FindSlot(kafka::PartitionSlot slot) const {
    const size_t i = Find(slot);
    return i == kUnknown ? nullptr : &partitions_[i];
  }
  [[nodiscard]] size_t size() const { return partitions_.size(); }
  [[nodiscard]] const Partition& partition(size_t i) const { return partitions_[i]; }
  [[nodiscard]] EventTime watermark(size_t i) const { return watermarks_.partition_watermark(i); }
  [[nodiscard]] bool idle(size_t i) const { return watermarks_.idle(i); }
  // As they are shown, without what the source alone knows.
  [[nodiscard]] std::vector<PartitionStatus> statuses() const;

 private:
  static constexpr size_t kUnknown = ~size_t{0};

  [[nodiscard]] size_t Find(kafka::PartitionSlot slot) const {
    return slot < by_slot_.size() ? by_slot_[slot] : kUnknown;
  }
  size_t Learn(const kafka::PartitionEvent& event, EventTime now);
  static void MoveTo(int64_t offset, Partition& p);
  // Goes on at gap_end.
  static void Skip(const kafka::PartitionEvent& event, Partition& p);
  [[nodiscard]] bool MayBeIdle(const Partition& partition, EventTime now) const;
  [[nodiscard]] position::PartitionPosition PositionOf(size_t i) const;
  // What alignment is measured from: the least watermark of the partitions that are read here,
  // which is the stream's unless others hold that back. Before their first record they have none.
  [[nodiscard]] EventTime AlignmentBase() const;
  // The greatest watermark of all partitions but one.
  [[nodiscard]] EventTime GreatestBeside(size_t i) const {
    return i == first_ ? second_greatest_ : greatest_;
  }
  void NoteWatermark(size_t i);

  // What is known of others may be so old.
  static constexpr Duration kElsewhereAge = std::chrono::seconds(10);

  TimeConfig config_;
  uint32_t elsewhere_ = 0;
  size_t set_back_ = 0;
  // Of the partitions' watermarks: the greatest, whose it is, and the greatest of the others. None
  // ever goes back.
  EventTime greatest_ = kBeginningOfTime, second_greatest_ = kBeginningOfTime;
  size_t first_ = kUnknown;
  WatermarkTracker watermarks_;
  std::vector<Partition> partitions_;  // by number in watermarks_
  std::vector<size_t> by_slot_;
  absl::flat_hash_map<std::pair<std::string, int32_t>, size_t> by_name_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_PARTITION_TABLE_H_
