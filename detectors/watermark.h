// Event-time watermarks of the input partitions and of the stream (SPEC 4).
//
// Pure. The stream's watermark is the least over the partitions that are not idle, and never goes
// back.
#ifndef SIGNINWATCH_DETECTORS_WATERMARK_H_
#define SIGNINWATCH_DETECTORS_WATERMARK_H_

#include <cstddef>
#include <set>
#include <utility>
#include <vector>

#include "parser/event_time.h"

namespace signinwatch {

class WatermarkTracker {
 public:
  WatermarkTracker(size_t partitions, Duration allowed_lateness);

  // An accepted record of `partition`: moves its watermark, and wakes it when it was idle.
  void Observe(size_t partition, EventTime event_time);
  // An idle partition holds nobody back. In replay: a file that has ended.
  void SetIdle(size_t partition);
  // It holds the others back again, from its own watermark on.
  void Wake(size_t partition);
  // One more partition, whose watermark is known from an earlier run (else kBeginningOfTime). Its
  // number is the size before.
  void AddPartition(EventTime watermark);
  // The stream's watermark is at least this: known from an earlier run, or, where all partitions
  // are idle, by the wall clock.
  void AdvanceTo(EventTime watermark);

  // Of one partition; kBeginningOfTime before its first accepted record.
  [[nodiscard]] EventTime partition_watermark(size_t partition) const;
  // kBeginningOfTime until every partition that is not idle has had an accepted record.
  [[nodiscard]] EventTime stream_watermark() const { return stream_; }
  // The greatest event time seen; kBeginningOfTime before the first.
  [[nodiscard]] EventTime greatest_event_time() const { return greatest_; }
  // The partition that is not idle with the least watermark, of several the first; size() if none.
  [[nodiscard]] size_t furthest_behind() const;
  [[nodiscard]] bool idle(size_t partition) const { return partitions_[partition].idle; }
  [[nodiscard]] size_t size() const { return partitions_.size(); }

 private:
  struct Partition {
    EventTime watermark = kBeginningOfTime;
    bool idle = false;
  };
  void Update();

  Duration allowed_lateness_;
  std::vector<Partition> partitions_;
  std::set<std::pair<EventTime, size_t>> active_;  // by watermark, then number
  EventTime stream_ = kBeginningOfTime;
  EventTime greatest_ = kBeginningOfTime;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_WATERMARK_H_
