// Records in, final tickets out: parser, watermark and detector put together as replay does it.
#ifndef SIGNINWATCH_TESTS_STORIES_DETECTION_RUN_H_
#define SIGNINWATCH_TESTS_STORIES_DETECTION_RUN_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detectors/config.h"
#include "detectors/detector.h"
#include "detectors/ticket.h"
#include "detectors/watermark.h"
#include "parser/event_time.h"
#include "parser/message_parser.h"

namespace signinwatch {

struct RunCounts {
  uint64_t records = 0;
  uint64_t accepted = 0;
  uint64_t irrelevant = 0;
  uint64_t rejected = 0;
  uint64_t duplicates = 0;
  uint64_t late = 0;
  uint64_t late_dropped = 0;
};

class DetectionRun {
 public:
  // `now`: the reference time of `future`.
  DetectionRun(const DetectionConfig& config, const ParserOptions& parser, EventTime now,
               size_t partitions = 1);

  // One message of `partition`.
  void Read(size_t partition, std::string_view message);
  void EndPartition(size_t partition);
  // The partition to go on with; the number of partitions when all have ended.
  [[nodiscard]] size_t NextPartition() const { return watermarks_.furthest_behind(); }
  // The end of input.
  void Finish();

  [[nodiscard]] const RunCounts& counts() const { return counts_; }
  // Every revision, in order.
  [[nodiscard]] const std::vector<Ticket>& revisions() const { return revisions_; }
  // The last revision of each ticket that did not end as merged, by first event time, tenant,
  // detector and user.
  [[nodiscard]] std::vector<Ticket> FinalTickets() const;

 private:
  [[nodiscard]] EventTime Moment() const;
  void Take();

  Detector detector_;
  MessageParser parser_;
  ParsedMessage parsed_;
  WatermarkTracker watermarks_;
  EventTime now_;
  RunCounts counts_;
  std::vector<Ticket> revisions_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_STORIES_DETECTION_RUN_H_
