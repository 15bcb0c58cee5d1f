// Reads batches, several at a time, and hands them on in the order in which they came.
//
//   ParseStage stage(RecordReaders(options), threads, bytes_max, clock, hooks);
//   stage.Submit(std::move(batch));                  // the consume stage
//   stage.Step(now);                                 // several threads
//   std::unique_ptr<Batch> batch = stage.Next();     // the fold stage, in order, parsed
//   stage.Recycle(std::move(batch));
//
// Bounds: the number of batches that were submitted and not recycled, and what they hold in memory
// (Batch::held_bytes): payloads, then what was parsed, which may be many times as much. While that
// is above the bound only the batch that the fold waits for is parsed. The lock is taken a few
// times a batch.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_PARSE_STAGE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_PARSE_STAGE_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/pipeline/batch.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/steps/step_result.h"
#include "parser/message_parser.h"

namespace signinwatch::pipeline {

// Turns the messages of a batch into what is folded. One thread's at a time, with buffers that it
// uses again.
using BatchReader = std::function<void(Batch&)>;
using BatchReaderMaker = std::function<BatchReader()>;
[[nodiscard]] BatchReaderMaker RecordReaders(const ParserOptions& options);  // what Entra exports
[[nodiscard]] BatchReaderMaker SignalReaders();                              // the signal topic

// Called on any thread that calls the stage, without its lock.
struct ParseHooks {
  std::function<void()> work;   // there is something for one more Step to do
  std::function<void()> ready;  // Next has a batch, or it is over
  std::function<void()> room;   // there is room again
};

// Thread-safe.
class ParseStage {
 public:
  static constexpr size_t kBatchesMax = 64;

  // `threads` so many call Step. `clock` outlives the stage. What was not taken is dropped with it.
  ParseStage(BatchReaderMaker make_reader, int threads, size_t bytes_max, const clock::Clock& clock,
             ParseHooks hooks);
  ParseStage(const ParseStage&) = delete;
  ParseStage& operator=(const ParseStage&) = delete;

  // Parses one batch. Done: closed, and nothing is left that nobody parses.
  [[nodiscard]] steps::StepResult Step(clock::Instant now);

  // An empty batch, with buffers of an earlier one if there is one.
  [[nodiscard]] std::unique_ptr<Batch> NewBatch();
  // Whether another batch is to be fetched. One may be submitted without room.
  [[nodiscard]] bool HasRoom() const;
  void Submit(std::unique_ptr<Batch> batch);
  // A batch that was not submitted.
  void TakeBack(std::unique_ptr<Batch> batch);
  // No more will be submitted.
  void Close();

  // nullptr: the next one is not parsed yet, or it is over.
  [[nodiscard]] std::unique_ptr<Batch> Next();
  // Closed, and all was taken.
  [[nodiscard]] bool over() const;
  void Recycle(std::unique_ptr<Batch> batch);

  [[nodiscard]] const steps::BusyMeter& busy() const { return busy_; }
  [[nodiscard]] size_t queue_depth() const;  // submitted and not taken
  [[nodiscard]] size_t held_bytes() const;   // of what was submitted and not recycled
  [[nodiscard]] bool idle() const;           // all that was submitted is recycled

 private:
  struct Slot {
    std::unique_ptr<Batch> batch;
    bool parsed = false;
    // As it was submitted.
    size_t held_bytes = 0;
    size_t parse_bytes = 0;
  };

  // The next slot to parse and a reader for it; nothing where there is none, or no room.
  [[nodiscard]] Slot* TakeSlot(BatchReader* reader);
  void PutParsed(Slot* slot, BatchReader reader);
  // With the lock.
  [[nodiscard]] bool MayParse() const;
  [[nodiscard]] bool WithinBounds() const {
    return in_flight_ < kBatchesMax && bytes_ < bytes_max_;
  }

  const BatchReaderMaker make_reader_;
  const size_t bytes_max_;
  const clock::Clock& clock_;
  const ParseHooks hooks_;
  steps::BusyMeter busy_;

  mutable std::mutex mutex_;  // guards all that follows, but for what is being parsed
  std::deque<std::unique_ptr<Slot>> slots_;  // in order of submission
  std::deque<Slot*> to_parse_;
  std::vector<BatchReader> readers_;  // as many as there were steps at a time
  std::vector<std::unique_ptr<Batch>> free_;
  size_t free_bytes_ = 0;
  size_t in_flight_ = 0;  // submitted and not recycled
  size_t bytes_ = 0;      // that they hold
  size_t unparsed_ = 0;   // of these, what is still to be parsed
  bool closed_ = false;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_PARSE_STAGE_H_
