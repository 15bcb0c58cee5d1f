// Parses batches on several threads and hands them on in the order in which they came.
//
//   ParseStage stage(options, threads, bytes_max);
//   stage.Submit(std::move(batch));               // the consume thread
//   std::unique_ptr<Batch> batch = stage.Next(100ms);    // the fold thread, in order, parsed
//   stage.Recycle(std::move(batch));
//
// Bounds: the number of batches that were submitted and not recycled, and what they hold in memory
// (Batch::held_bytes): payloads, then what was parsed, which may be many times as much. While that
// is above the bound only the batch that the fold waits for is parsed. The lock is taken a few
// times a batch.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_PARSE_STAGE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_PARSE_STAGE_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/pipeline/batch.h"
#include "daemon/steps/busy_meter.h"
#include "parser/message_parser.h"

namespace signinwatch {

class ParseStage {
 public:
  static constexpr size_t kBatchesMax = 64;

  ParseStage(const ParserOptions& options, int threads, size_t bytes_max);
  ~ParseStage();  // Close; what was not taken is dropped
  ParseStage(const ParseStage&) = delete;
  ParseStage& operator=(const ParseStage&) = delete;

  // An empty batch, with buffers of an earlier one if there is one.
  [[nodiscard]] std::unique_ptr<Batch> NewBatch();
  // Waits up to `timeout` until there is room for another batch. A batch may be submitted without
  // room: the bound is on when the next is fetched.
  [[nodiscard]] bool WaitForRoom(std::chrono::milliseconds timeout);
  void Submit(std::unique_ptr<Batch> batch);
  // A batch that was not submitted.
  void TakeBack(std::unique_ptr<Batch> batch);
  // No more will be submitted.
  void Close();

  // nullptr: nothing was ready in time, or it is over.
  [[nodiscard]] std::unique_ptr<Batch> Next(std::chrono::milliseconds timeout);
  // Closed, and all was taken.
  [[nodiscard]] bool over() const;
  void Recycle(std::unique_ptr<Batch> batch);

  [[nodiscard]] const BusyMeter& busy() const { return busy_; }
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

  void Run();
  // Whether the next batch may be parsed now.
  [[nodiscard]] bool MayParse() const;
  [[nodiscard]] bool HasRoom() const { return in_flight_ < kBatchesMax && bytes_ < bytes_max_; }

  const ParserOptions options_;
  const size_t bytes_max_;
  BusyMeter busy_;

  mutable std::mutex mutex_;  // guards all that follows, but for what a parsing thread works on
  std::condition_variable room_, work_, ready_;
  std::deque<std::unique_ptr<Slot>> slots_;  // in order of submission
  std::deque<Slot*> to_parse_;
  std::vector<std::unique_ptr<Batch>> free_;
  size_t free_bytes_ = 0;
  size_t in_flight_ = 0;  // submitted and not recycled
  size_t bytes_ = 0;      // that they hold
  size_t unparsed_ = 0;   // of these, what is still to be parsed
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_PIPELINE_PARSE_STAGE_H_
