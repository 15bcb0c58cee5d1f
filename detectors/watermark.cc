#include "detectors/watermark.h"

#include <algorithm>
#include <utility>

namespace signinwatch {

WatermarkTracker::WatermarkTracker(size_t partitions, Duration allowed_lateness)
    : allowed_lateness_(allowed_lateness), partitions_(partitions) {
  for (size_t i = 0; i < partitions; ++i) active_.emplace(kBeginningOfTime, i);
}

void WatermarkTracker::Observe(size_t partition, EventTime event_time) {
  Partition& p = partitions_[partition];
  greatest_ = std::max(greatest_, event_time);
  const EventTime watermark = event_time - allowed_lateness_;
  if (watermark <= p.watermark && !p.idle) return;
  if (p.idle) {
    p.idle = false;
    p.watermark = std::max(p.watermark, watermark);
    active_.emplace(p.watermark, partition);
  } else {
    // The node is used again: this happens for every record that is later than all before it.
    auto node = active_.extract({p.watermark, partition});
    p.watermark = watermark;
    node.value() = {watermark, partition};
    active_.insert(std::move(node));
  }
  Update();
}

void WatermarkTracker::SetIdle(size_t partition) {
  Partition& p = partitions_[partition];
  if (p.idle) return;
  active_.erase({p.watermark, partition});
  p.idle = true;
  Update();
}

void WatermarkTracker::Wake(size_t partition) {
  Partition& p = partitions_[partition];
  if (!p.idle) return;
  p.idle = false;
  active_.emplace(p.watermark, partition);
}

void WatermarkTracker::AddPartition(EventTime watermark) {
  active_.emplace(watermark, partitions_.size());
  partitions_.push_back({.watermark = watermark, .idle = false});
}

void WatermarkTracker::AdvanceTo(EventTime watermark) { stream_ = std::max(stream_, watermark); }

EventTime WatermarkTracker::partition_watermark(size_t partition) const {
  return partitions_[partition].watermark;
}

size_t WatermarkTracker::furthest_behind() const {
  return active_.empty() ? partitions_.size() : active_.begin()->second;
}

void WatermarkTracker::Update() {
  if (!active_.empty()) stream_ = std::max(stream_, active_.begin()->first);
}

}  // namespace signinwatch
