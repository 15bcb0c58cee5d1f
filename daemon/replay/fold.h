// The fold at the heart of replay: parsed messages through the detector, in the order in which the
// contract reads files (SPEC 4).
//
//   ReplayFold fold(config, files);
//   for (size_t file; (file = fold.NextFile()) != files;) {
//     if (its messages are used up) fold.EndFile(file);
//     else fold.Apply(file, message);
//     for (Ticket& ticket : fold.TakeRevisions()) ...
//   }
//   fold.Finish();
//
// Always the file with the least watermark is next, of several the first; so the sequence depends
// on the files' contents alone. Not thread-safe.
#ifndef SIGNINWATCH_DAEMON_REPLAY_FOLD_H_
#define SIGNINWATCH_DAEMON_REPLAY_FOLD_H_

#include <cstddef>
#include <vector>

#include "daemon/replay/input_counts.h"
#include "detectors/config.h"
#include "detectors/detector.h"
#include "detectors/watermark.h"
#include "parser/message_parser.h"

namespace signinwatch::replay {

class ReplayFold {
 public:
  ReplayFold(const DetectionConfig& config, size_t files);

  // The file to go on with; the number of files when all have ended.
  [[nodiscard]] size_t NextFile() const { return watermarks_.furthest_behind(); }
  void Apply(size_t file, const ParsedMessage& message);
  void EndFile(size_t file);
  // The end of input.
  void Finish();

  [[nodiscard]] std::vector<Ticket> TakeRevisions() { return detector_.TakeRevisions(); }
  [[nodiscard]] std::vector<NearMiss> TakeNearMisses() { return detector_.TakeNearMisses(); }
  // A hint: `signal` will be applied soon. Within a message that is done anyway.
  void Prefetch(const Signal& signal) { detector_.Prefetch(signal); }

  [[nodiscard]] const InputCounts& input() const { return input_; }
  [[nodiscard]] const DetectorCounters& detection() const { return detector_.counters(); }

 private:
  void AdvanceWatermark();
  // The processing clock of replay.
  [[nodiscard]] EventTime Moment() const;

  Detector detector_;
  WatermarkTracker watermarks_;
  EventTime advanced_to_ = kBeginningOfTime;
  InputCounts input_;
};

}  // namespace signinwatch::replay

#endif  // SIGNINWATCH_DAEMON_REPLAY_FOLD_H_
