#include "daemon/pipeline/partition_table.h"

#include <algorithm>

namespace signinwatch::pipeline {

PartitionTable::PartitionTable(const TimeConfig& config,
                               const std::vector<position::PartitionPosition>& restored,
                               EventTime stream_watermark, EventTime now)
    : config_(config), watermarks_(0, config.allowed_lateness) {
  watermarks_.AdvanceTo(stream_watermark);
  for (const position::PartitionPosition& position : restored) {
    by_name_.emplace(std::pair(position.topic, position.partition), partitions_.size());
    const bool beyond = position.watermark > now;
    set_back_ += beyond ? 1 : 0;
    watermarks_.AddPartition(beyond ? now - config.allowed_lateness : position.watermark);
    partitions_.push_back({.topic = position.topic,
                           .partition = position.partition,
                           .next_offset = position.next_offset,
                           .moved = beyond,
                           .active_at = now,
                           .mark = position.mark,
                           .stepped_past = {}});
    NoteWatermark(partitions_.size() - 1);
  }
}

void PartitionTable::NoteWatermark(size_t i) {
  const EventTime watermark = watermarks_.partition_watermark(i);
  if (i == first_) {
    greatest_ = watermark;
  } else if (watermark > greatest_) {
    second_greatest_ = std::exchange(greatest_, watermark);
    first_ = i;
  } else {
    second_greatest_ = std::max(second_greatest_, watermark);
  }
}

size_t PartitionTable::Learn(const kafka::PartitionEvent& event, EventTime now) {
  const auto [place, is_new] =
      by_name_.emplace(std::pair(event.topic, event.partition), partitions_.size());
  const size_t i = place->second;
  if (is_new) {
    watermarks_.AddPartition(kBeginningOfTime);
    partitions_.emplace_back();
    partitions_.back().topic = event.topic;
    partitions_.back().partition = event.partition;
    partitions_.back().active_at = now;
  }
  if (event.slot >= by_slot_.size()) by_slot_.resize(event.slot + 1, kUnknown);
  by_slot_[event.slot] = i;
  return i;
}

void PartitionTable::Handle(const kafka::PartitionEvent& event, EventTime now) {
  using Kind = kafka::PartitionEvent::Kind;
  const bool is_named = event.kind == Kind::kExists || event.kind == Kind::kAssigned;
  const size_t i = is_named ? Learn(event, now) : Find(event.slot);
  if (i == kUnknown) return;
  Partition& p = partitions_[i];
  switch (event.kind) {
    case Kind::kExists:
    case Kind::kOffered:
      break;
    case Kind::kAssigned:
      p.slot = event.slot;
      p.assigned = true;
      p.at_end = false;
      p.paused = false;
      p.told = false;
      p.was_blind = true;
      p.active_at = now;
      // A position is stored from the first assignment on, so that a restart does not begin
      // elsewhere.
      p.moved = p.moved || p.next_offset != event.offset || event.offset == 0;
      MoveTo(event.offset, p);
      watermarks_.Wake(i);
      break;
    case Kind::kRevoked:
      p.assigned = false;
      p.at_end = false;
      p.paused = false;
      p.active_at = now;
      break;
    case Kind::kReachedEnd:
      // While it was out of sight nothing was known of its end: waiting begins now.
      if (std::exchange(p.was_blind, false)) p.active_at = now;
      p.at_end = true;
      break;
    case Kind::kUnreachable:
      p.at_end = false;
      p.was_blind = true;
      break;
    case Kind::kReset:
      ++p.made_anew;
      p.made_anew_at = now;
      Skip(event, p);
      break;
    case Kind::kUnreadable:
      p.stepped_past = {.batches = p.stepped_past.batches + 1,
                        .from = event.offset,
                        .to = event.gap_end,
                        .reason = kafka::UnreadableReasonName(event.reason),
                        .at = now};
      Skip(event, p);
      break;
    case Kind::kGap:
      Skip(event, p);
      break;
  }
}

void PartitionTable::MoveTo(int64_t offset, Partition& p) {
  if (p.next_offset != offset) p.mark = 0;
  p.next_offset = offset;
}

void PartitionTable::Skip(const kafka::PartitionEvent& event, Partition& p) {
  p.at_end = false;
  p.moved = true;
  p.next_offset = event.gap_end;
  p.mark = 0;  // what stands before it was not read, or is of another log
}

void PartitionTable::Advance(kafka::PartitionSlot slot, int64_t next_offset, uint64_t mark) {
  const size_t i = Find(slot);
  if (i == kUnknown) return;
  Partition& p = partitions_[i];
  p.next_offset = next_offset;
  p.mark = mark;
  p.moved = true;
  p.at_end = false;
}

void PartitionTable::Observe(kafka::PartitionSlot slot, EventTime event_time, EventTime now) {
  const size_t i = Find(slot);
  if (i == kUnknown) return;
  const bool old = event_time <= GreatestBeside(i) - config_.alignment;
  if (!old) partitions_[i].active_at = now;
  watermarks_.Observe(i, event_time);
  NoteWatermark(i);
}

bool PartitionTable::MayBeIdle(const Partition& p, EventTime now) const {
  const Duration quiet = now - p.active_at;
  if (p.assigned) return p.at_end && !p.paused && quiet >= config_.idle_timeout;
  return elsewhere_ == 0 && quiet >= std::max(config_.idle_timeout, kElsewhereAge);
}

void PartitionTable::Tick(EventTime now) {
  const bool reading = std::any_of(partitions_.begin(), partitions_.end(),
                                   [](const Partition& p) { return p.assigned; });
  if (!reading) return;
  bool all_idle = true;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    if (MayBeIdle(partitions_[i], now)) watermarks_.SetIdle(i);
    all_idle = all_idle && watermarks_.idle(i);
  }
  if (all_idle) watermarks_.AdvanceTo(now - config_.allowed_lateness);
}

EventTime PartitionTable::AlignmentBase() const {
  const EventTime stream = stream_watermark();
  EventTime base = kEndOfTime;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    // One that is not read here would not come closer by waiting.
    if (!partitions_[i].assigned || watermarks_.idle(i)) continue;
    const EventTime watermark = std::max(watermarks_.partition_watermark(i), stream);
    if (watermark > kBeginningOfTime) base = std::min(base, watermark);
  }
  return base;
}

PartitionTable::Alignment PartitionTable::Align() {
  Alignment alignment;
  const EventTime base = AlignmentBase();
  for (size_t i = 0; i < partitions_.size(); ++i) {
    Partition& p = partitions_[i];
    if (!p.assigned) continue;
    const Duration ahead = watermarks_.partition_watermark(i) - base;
    // It goes on when it is half as far ahead, so that it is not stopped and started for every
    // message; that costs a new fetch each time.
    const bool pause =
        !watermarks_.idle(i) && ahead > (p.paused ? config_.alignment / 2 : config_.alignment);
    if (pause == p.paused && p.told) continue;
    p.paused = pause;
    p.told = true;
    (pause ? alignment.pause : alignment.resume).push_back(p.slot);
  }
  return alignment;
}

position::PartitionPosition PartitionTable::PositionOf(size_t i) const {
  const Partition& p = partitions_[i];
  return {.topic = p.topic,
          .partition = p.partition,
          .next_offset = p.next_offset,
          .watermark = watermarks_.partition_watermark(i),
          .mark = p.mark};
}

std::vector<position::PartitionPosition> PartitionTable::TakeMoved() {
  std::vector<position::PartitionPosition> moved;
  for (size_t i = 0; i < partitions_.size(); ++i) {
    if (!std::exchange(partitions_[i].moved, false)) continue;
    moved.push_back(PositionOf(i));
  }
  return moved;
}

std::vector<PartitionStatus> PartitionTable::statuses() const {
  std::vector<PartitionStatus> statuses;
  statuses.reserve(partitions_.size());
  for (size_t i = 0; i < partitions_.size(); ++i) {
    const Partition& partition = partitions_[i];
    statuses.push_back({.topic = partition.topic,
                        .partition = partition.partition,
                        .assigned = partition.assigned,
                        .paused = partition.paused,
                        .at_end = partition.at_end,
                        .idle = idle(i),
                        .next_offset = partition.next_offset,
                        .watermark = watermark(i),
                        .stands_at = {},
                        .stepped_past = partition.stepped_past,
                        .made_anew = partition.made_anew,
                        .made_anew_at = partition.made_anew_at});
  }
  return statuses;
}

}  // namespace signinwatch::pipeline
