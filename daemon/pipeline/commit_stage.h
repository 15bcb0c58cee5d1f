// Writes what the fold hands over to the store, dead letters first: after a crash the process is as
// if what was not committed had never been read.
//
// What tickets say is made here from their facts (daemon/words), so that the fold, which is one
// thread for all, does not wait for it.
//
// A commit that fails for a reason that may pass (a full disk, ...) is tried again until it works;
// meanwhile the fold waits for it, the queues fill and reading pauses. Nothing is dropped.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_COMMIT_STAGE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_COMMIT_STAGE_H_

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/pipeline/commit_work.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/steps/step_result.h"
#include "daemon/store/state_store.h"
#include "metrics/metrics.h"

namespace signinwatch::pipeline {

// Called without the stage's lock.
struct CommitHooks {
  std::function<void()> work;                                // there is something for Step to do
  std::function<void()> room;                                // a commit was taken, or is over
  std::function<void(const store::StoreCommit&)> committed;  // on disk; in a step
  // The claim is over: given back, or taken by another. In a step.
  std::function<void(const store::ShardClaim&, bool taken)> ended;
  std::function<void(const absl::Status&)> failed;  // it can not go on; in a step
};

// Step is one thread's; the rest is anybody's.
class CommitStage {
 public:
  // One is written while the next waits: the fold is never more than two ahead of the disk.
  static constexpr size_t kQueueMax = 1;

  // All outlive the stage; `dead_letters` may be nullptr.
  CommitStage(const config::Config& config, store::StateStore& store,
              sinks::DeadLetterSink* dead_letters, const clock::Clock& clock,
              metrics::Metrics& metrics, CommitHooks hooks);
  CommitStage(const CommitStage&) = delete;
  CommitStage& operator=(const CommitStage&) = delete;

  // Tries to write one commit; then upkeep, where it is due. Done: it is closed and all is written,
  // or it can not go on, or the patience is over.
  [[nodiscard]] steps::StepResult Step(clock::Instant now);

  // Takes `works`, which are written one after another. false: others wait, or it is over; then
  // they are as they were.
  [[nodiscard]] bool Submit(std::vector<CommitWork>& works);
  // No more will be submitted.
  void Close();
  // A commit that fails is not tried again from `until` on; then the stage ends.
  void LimitPatience(clock::SteadyTime until);

  // Nothing is being written or waits to be.
  [[nodiscard]] bool idle() const { return queue_depth() == 0; }
  // It takes nothing any more.
  [[nodiscard]] bool over() const;
  // Why nothing can be committed at the moment; empty: it can.
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] const steps::BusyMeter& busy() const { return busy_; }
  [[nodiscard]] size_t queue_depth() const;
  [[nodiscard]] EventTime last_commit_at() const;

 private:
  void TakeNext();
  // nullopt: it was written.
  [[nodiscard]] std::optional<steps::StepResult> TryToWrite(clock::Instant now);
  [[nodiscard]] absl::Status WriteOnce(CommitWork& work);
  // Gives the claim back. Where that fails who claims the shard next takes it all the same.
  void Release(const store::ShardClaim& claim);
  [[nodiscard]] absl::Status WriteDeadLetters(CommitWork& work);
  // Counted, and as one that may pass: reading waits until they can be written.
  [[nodiscard]] absl::Status DeadLetterProblem(const absl::Status& status);
  // Words the tickets and says who is told of them: once, however often writing is tried.
  void Prepare(store::StoreCommit* commit);
  void CountCommit(const store::StoreCommit& commit, std::chrono::duration<double> took);
  void Maintain(clock::Instant now);
  void NoteProblem(const absl::Status& status);
  [[nodiscard]] clock::SteadyTime give_up_at() const;
  [[nodiscard]] steps::StepResult End();

  const config::Config& config_;
  store::StateStore& store_;
  sinks::DeadLetterSink* const dead_letters_;
  const clock::Clock& clock_;
  metrics::Metrics& metrics_;
  const CommitHooks hooks_;
  steps::BusyMeter busy_;

  // The steps'.
  std::deque<CommitWork> works_;        // the first is being written
  std::chrono::milliseconds pause_{0};  // behind its last failure; 0: it has not failed
  clock::SteadyTime retry_at_;
  clock::SteadyTime maintain_at_;

  mutable std::mutex mutex_;  // guards what follows
  std::vector<CommitWork> next_;
  bool writing_ = false;
  bool closed_ = false;
  bool over_ = false;
  std::string problem_;
  EventTime last_commit_at_ = kBeginningOfTime;
  clock::SteadyTime give_up_at_ = clock::SteadyTime::max();
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_COMMIT_STAGE_H_
