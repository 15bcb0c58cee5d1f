// Takes over shards: claims each and reads its state, beside the fold, which goes on with the
// shards that it has meanwhile. A database that is away, or a former owner that hangs, delays
// nothing but the shards that are waited for.
//
//   stage.Want(shard);                        // the fold
//   stage.Step(now);                          // one thread
//   for (auto& fold : stage.TakeReady()) ...  // the fold, when it is woken
#ifndef SIGNINWATCH_DAEMON_PIPELINE_TAKEOVER_STAGE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_TAKEOVER_STAGE_H_

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/pipeline/shard_fold.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/steps/step_result.h"
#include "daemon/store/state_store.h"
#include "metrics/metrics.h"

namespace signinwatch::pipeline {

// Called without the stage's lock.
struct TakeoverHooks {
  std::function<void()> work;                       // there is something for Step to do
  std::function<void()> ready;                      // TakeReady has something
  std::function<void(const absl::Status&)> failed;  // it can not go on; in a step
};

// Step is one thread's; the rest is anybody's.
class TakeoverStage {
 public:
  // All outlive the stage.
  TakeoverStage(const config::Config& config, store::StateStore& store, const clock::Clock& clock,
                metrics::Metrics& metrics, TakeoverHooks hooks);
  TakeoverStage(const TakeoverStage&) = delete;
  TakeoverStage& operator=(const TakeoverStage&) = delete;

  // Takes over one shard, or tries to. Done: it is closed, and what nobody took is given back.
  [[nodiscard]] steps::StepResult Step(clock::Instant now);

  // Once for each time that it comes out of TakeReady. Bounded by the partitions of the topic.
  void Want(store::Shard shard);
  [[nodiscard]] std::vector<std::unique_ptr<ShardFold>> TakeReady();
  // Nothing more is wanted.
  void Close();

  // Why a shard that is wanted can't be had at the moment; empty: nothing is known against it.
  [[nodiscard]] std::string problem() const;
  [[nodiscard]] size_t queue_depth() const;
  [[nodiscard]] const steps::BusyMeter& busy() const { return busy_; }

 private:
  [[nodiscard]] bool closed() const;
  // Where it fails: the shard is tried again behind the others.
  [[nodiscard]] steps::StepResult TakeOver(store::Shard shard, clock::Instant now);
  void GiveBackWhatIsLeft();

  const config::Config& config_;
  store::StateStore& store_;
  const clock::Clock& clock_;
  metrics::Metrics& metrics_;
  const TakeoverHooks hooks_;
  steps::BusyMeter busy_;
  std::chrono::milliseconds pause_{0};  // behind the last failure; 0: it did not fail
  clock::SteadyTime retry_at_;

  mutable std::mutex mutex_;  // guards what follows
  std::deque<store::Shard> wanted_;
  std::vector<std::unique_ptr<ShardFold>> ready_;
  bool closed_ = false;
  std::string problem_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_TAKEOVER_STAGE_H_
