// Writes what the fold hands over to the store, dead letters first: after a crash the process is as
// if what was not committed had never been read.
//
// A commit that fails for a reason that may pass (a full disk, ...) is tried again until it works;
// meanwhile the fold waits for it, the queues fill and reading pauses. Nothing is dropped.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_COMMIT_STAGE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_COMMIT_STAGE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"
#include "daemon/pipeline/bounded_queue.h"
#include "daemon/pipeline/commit_work.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/store/store.h"
#include "metrics/metrics.h"

namespace signinwatch {

struct CommitHooks {
  std::function<EventTime()> now;
  std::function<void(const StoreCommit&)> committed;  // on disk
  std::function<void(const absl::Status&)> failed;    // it can not go on
};

class CommitStage {
 public:
  // One is written while the next waits: the fold is never more than two ahead of the disk.
  static constexpr size_t kQueueMax = 1;

  // All outlive the stage; `dead_letters` may be nullptr.
  CommitStage(const Config& config, Store& store, DeadLetterSink* dead_letters, Metrics& metrics,
              CommitHooks hooks);
  ~CommitStage();  // tries once what is not committed
  CommitStage(const CommitStage&) = delete;
  CommitStage& operator=(const CommitStage&) = delete;

  void Start();
  // Waits while another is being written. false: the stage has ended.
  [[nodiscard]] bool Submit(CommitWork work) { return queue_.Push(std::move(work)); }
  // Nothing is being written or waits to be.
  [[nodiscard]] bool idle() const { return queue_.size() == 0 && !writing_; }
  // From now on a commit that fails is tried again for at most so long; then the stage ends.
  void LimitPatience(std::chrono::milliseconds patience);
  // Commits what was submitted, then ends.
  void Finish();

  // Why nothing can be committed at the moment; empty: it can.
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] const BusyMeter& busy() const { return busy_; }
  [[nodiscard]] size_t queue_depth() const { return queue_.size() + (writing_ ? 1 : 0); }
  [[nodiscard]] EventTime last_commit_at() const;

 private:
  void Run();
  // false: it has to end.
  [[nodiscard]] bool WriteUntilDone(CommitWork& work);
  [[nodiscard]] absl::Status WriteOnce(CommitWork& work);
  [[nodiscard]] absl::Status WriteDeadLetters(CommitWork& work);
  // Counted, and as one that may pass: reading waits until they can be written.
  [[nodiscard]] absl::Status DeadLetterProblem(const absl::Status& status);
  void Prepare(StoreCommit* commit) const;
  void CountCommit(const StoreCommit& commit, std::chrono::duration<double> took);
  void Maintain();
  void NoteProblem(const absl::Status& status);
  // false: the patience is over.
  [[nodiscard]] bool WaitToRetry(std::chrono::milliseconds pause);

  const Config& config_;
  Store& store_;
  DeadLetterSink* const dead_letters_;
  Metrics& metrics_;
  const CommitHooks hooks_;
  BusyMeter busy_{SystemClock().Steady()};
  BoundedQueue<CommitWork> queue_{kQueueMax};
  std::atomic<bool> writing_ = false;
  EventTime maintain_at_ = kBeginningOfTime;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ending_;
  std::string problem_;
  EventTime last_commit_at_ = kBeginningOfTime;
  std::chrono::steady_clock::time_point give_up_at_ = std::chrono::steady_clock::time_point::max();

  std::thread thread_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_PIPELINE_COMMIT_STAGE_H_
