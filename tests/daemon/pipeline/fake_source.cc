#include "tests/daemon/pipeline/fake_source.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

namespace signinwatch::pipeline {
namespace {

using Kind = kafka::PartitionEvent::Kind;

// So that a test does not take long.
constexpr std::chrono::milliseconds kWaitMax{1};

// A payload is copied into memory of its own, so that a sanitizer sees whoever reads it too late.
struct Held {
  std::string bytes;
};
std::atomic<size_t> held_bytes = 0;
std::atomic<size_t> held_bytes_max = 0;

void ReleaseHeld(void* handle) {
  auto* held = static_cast<Held*>(handle);
  held_bytes -= held->bytes.size();
  delete held;
}

}  // namespace

FakeSource::FakeSource(const std::vector<std::vector<std::string>>& partitions,
                       const std::vector<position::PartitionPosition>& positions, Options options)
    : messages_(partitions),
      options_(std::move(options)),
      random_(options_.seed),
      partitions_(partitions.size()) {
  held_bytes_max = 0;
  for (const position::PartitionPosition& position : positions) {
    partitions_[static_cast<size_t>(position.partition)].next =
        static_cast<size_t>(position.next_offset);
  }
}

void FakeSource::Sleep(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

void FakeSource::Note(Kind kind, kafka::PartitionSlot slot) {
  events_.push_back({.kind = kind,
                     .slot = slot,
                     .offset = static_cast<int64_t>(partitions_[slot].next),
                     .gap_end = 0,
                     .topic = kTopic,
                     .partition = static_cast<int32_t>(slot)});
}

void FakeSource::Assign(kafka::PartitionSlot slot) {
  Partition& p = partitions_[slot];
  p.assigned = true;
  p.offered = false;
  p.paused = false;
  p.end_told = false;
  Note(Kind::kAssigned, slot);
}

void FakeSource::Give(kafka::PartitionSlot slot) {
  if (!options_.offers) return Assign(slot);
  partitions_[slot].offered = true;
  Note(Kind::kOffered, slot);
}

void FakeSource::StartAt(kafka::PartitionSlot slot, int64_t offset, uint64_t /*mark*/) {
  const std::lock_guard lock(mutex_);
  Partition& p = partitions_[slot];
  if (!p.assigned && !p.offered) return;
  p.next = static_cast<size_t>(offset);
  Assign(slot);
}

void FakeSource::Rebalance() {
  // A group's only member gets all partitions at once.
  if (!std::exchange(joined_, true)) {
    for (kafka::PartitionSlot slot = 0; slot < partitions_.size(); ++slot) Give(slot);
    return;
  }
  const auto slot = static_cast<kafka::PartitionSlot>(random_() % partitions_.size());
  if (partitions_[slot].offered) return;
  if (!partitions_[slot].assigned) {
    Give(slot);
  } else if (partitions_[slot].next < messages_[slot].size() &&
             Chance() < options_.rebalance_chance) {
    // Not at the end, so that it ends.
    partitions_[slot].assigned = false;
    Note(Kind::kRevoked, slot);
  }
}

void FakeSource::HandOut(kafka::PartitionSlot slot, kafka::MessageBatch* batch) {
  Partition& p = partitions_[slot];
  const size_t count = 1 + random_() % options_.messages_max;
  for (size_t i = 0; i < count && p.next < messages_[slot].size(); ++i, ++p.next) {
    auto* held = new Held{messages_[slot][p.next]};
    held_bytes += held->bytes.size();
    if (held_bytes > held_bytes_max) held_bytes_max = held_bytes.load();
    batch->messages.push_back({.payload = held->bytes,
                               .slot = slot,
                               .offset = static_cast<int64_t>(p.next),
                               .broker_time = kEndOfTime - 365 * kDay,
                               .handle = held,
                               .mark = MarkOf(static_cast<int64_t>(p.next))});
    batch->bytes += held->bytes.size();
    batch->release = ReleaseHeld;
  }
}

absl::Status FakeSource::Poll(std::chrono::milliseconds timeout, kafka::MessageBatch* batch) {
  {
    const std::lock_guard lock(mutex_);
    Rebalance();
    batch->events = std::exchange(events_, {});
    const auto slot = static_cast<kafka::PartitionSlot>(random_() % partitions_.size());
    Partition& p = partitions_[slot];
    if (p.assigned && !p.paused) {
      if (p.next < messages_[slot].size()) {
        HandOut(slot, batch);
      } else if (!p.end_told) {
        p.end_told = true;
        batch->events.push_back({.kind = Kind::kReachedEnd,
                                 .slot = slot,
                                 .offset = static_cast<int64_t>(p.next),
                                 .gap_end = 0,
                                 .topic = "",
                                 .partition = 0});
      }
    }
  }
  if (batch->empty() && timeout.count() > 0) {
    options_.wait(std::min(timeout, kWaitMax));
  }
  return absl::OkStatus();
}

absl::Status FakeSource::KeepAlive(std::chrono::milliseconds timeout) {
  {
    const std::lock_guard lock(mutex_);
    ++keep_alives_;
  }
  options_.wait(std::min(timeout, kWaitMax));
  return absl::OkStatus();
}

void FakeSource::Pause(std::span<const kafka::PartitionSlot> slots) {
  const std::lock_guard lock(mutex_);
  pauses_ += slots.size();
  for (const kafka::PartitionSlot slot : slots) partitions_[slot].paused = true;
}

void FakeSource::Resume(std::span<const kafka::PartitionSlot> slots) {
  const std::lock_guard lock(mutex_);
  for (const kafka::PartitionSlot slot : slots) partitions_[slot].paused = false;
}

void FakeSource::CommitOffsets(std::span<const position::PartitionPosition> offsets) {
  const std::lock_guard lock(mutex_);
  committed_.insert(committed_.end(), offsets.begin(), offsets.end());
}

void FakeSource::Close(std::chrono::milliseconds) {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

kafka::SourceFacts FakeSource::facts() const {
  kafka::SourceFacts facts;
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < partitions_.size(); ++i) {
    facts.partitions.push_back({.topic = kTopic,
                                .partition = static_cast<int32_t>(i),
                                .slot = static_cast<kafka::PartitionSlot>(i),
                                .assigned = partitions_[i].assigned,
                                .log_start_offset = 0,
                                .log_end_offset = static_cast<int64_t>(messages_[i].size())});
  }
  for (const Partition& partition : partitions_) {
    if (!partition.assigned) ++facts.partitions_elsewhere;
  }
  facts.brokers.push_back({.name = "fake:9092", .up = true});
  return facts;
}

uint64_t FakeSource::keep_alives() const {
  const std::lock_guard lock(mutex_);
  return keep_alives_;
}
uint64_t FakeSource::pauses() const {
  const std::lock_guard lock(mutex_);
  return pauses_;
}
size_t FakeSource::in_flight_max() const { return held_bytes_max; }
std::vector<position::PartitionPosition> FakeSource::committed() const {
  const std::lock_guard lock(mutex_);
  return committed_;
}
bool FakeSource::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

}  // namespace signinwatch::pipeline
