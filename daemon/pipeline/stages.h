// The stages from the source to the store, put together:
//
//   consume -> parse -> fold -> commit
//      ^                 |        |
//      +-- SourceCommands <-------+
//
// With the role `detect` what is parsed are signals, and beside the fold shards are taken over.
//
// Each has a Step and no thread. Whoever runs them calls Step of a stage when it wants it or is
// woken: the threads of pipeline.h, or a test that chooses the order and the time.
//
// They end from the left: End lets the consume stage end, and each that has no more to do closes
// the next one.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_STAGES_H_
#define SIGNINWATCH_DAEMON_PIPELINE_STAGES_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/commit_stage.h"
#include "daemon/pipeline/consume_stage.h"
#include "daemon/pipeline/fold_stage.h"
#include "daemon/pipeline/memory_guard.h"
#include "daemon/pipeline/parse_stage.h"
#include "daemon/pipeline/shards_fold.h"
#include "daemon/pipeline/source_commands.h"
#include "daemon/pipeline/status.h"
#include "daemon/pipeline/stream_fold.h"
#include "daemon/pipeline/takeover_stage.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/steps/step_result.h"
#include "daemon/store/state_store.h"
#include "metrics/metrics.h"

namespace signinwatch::pipeline {

// From the left.
enum class Stage : uint8_t { kConsume, kParse, kFold, kCommit, kTakeover };
inline constexpr std::array kStages = {Stage::kConsume, Stage::kParse, Stage::kFold, Stage::kCommit,
                                       Stage::kTakeover};

// All outlive the stages.
struct PipelineParts {
  const config::Config& config;
  kafka::RecordSource& source;
  store::StateStore& store;
  sinks::DeadLetterSink* dead_letters = nullptr;  // nullptr: rejected records are only counted
  MemoryGuard memory;
  const clock::Clock& clock;
  metrics::Metrics& metrics;
  FoldMetrics& fold_metrics;
  // In a step of the commit stage, after each commit.
  std::function<void(const store::StoreCommit&)> committed;
  // In a step of any stage: another set of shards is ours, whose tickets may wait to be delivered.
  std::function<void()> shards_changed = [] {};
  // In a step of any stage, once: they can not go on.
  std::function<void(const absl::Status&)> failed;
};

class Stages {
 public:
  // `wake`: the stage has something to do. Called by whoever calls the stages, on any thread.
  Stages(PipelineParts parts, std::function<void(Stage)> wake);
  Stages(const Stages&) = delete;
  Stages& operator=(const Stages&) = delete;

  // Before the first step. `restored`: of the role `all`; `detect` reads its shards as they come.
  // The error is StreamFold::Restore's.
  [[nodiscard]] absl::Status Start(RestoredState restored, clock::Instant now);
  // One at a time of each stage, but of the parse stage parse_threads().
  [[nodiscard]] steps::StepResult Step(Stage stage, clock::Instant now);
  [[nodiscard]] int parse_threads() const { return parse_threads_; }

  // Reads no more. From any thread.
  void End();
  // What can't be committed until then is given up. From any thread.
  void LimitPatience(clock::SteadyTime until) { commit_.LimitPatience(until); }
  // Once all are done: leaves the group.
  void Leave() { consume_.Leave(); }

  // From any thread.
  [[nodiscard]] FoldSnapshot snapshot() const { return fold_stage_.snapshot(); }
  // Why a shard can't be taken over at the moment; empty: nothing is known against it.
  [[nodiscard]] std::string takeover_problem() const {
    return takeover_ == nullptr ? std::string() : takeover_->problem();
  }
  [[nodiscard]] const CommitStage& commit_stage() const { return commit_; }
  [[nodiscard]] std::vector<StageStatus> statuses(clock::SteadyTime now) const;

 private:
  void OnCommitted(const store::StoreCommit& commit);
  void OnClaimEnded(const store::ShardClaim& claim, bool taken);
  void Fail(const absl::Status& status);
  [[nodiscard]] Fold& MakeFold();

  const PipelineParts parts_;
  const std::function<void(Stage)> wake_;
  const int parse_threads_;
  std::atomic<bool> failed_ = false;
  SourceCommands commands_;
  ParseStage parse_;
  ConsumeStage consume_;
  CommitStage commit_;
  // Of the role: one of both, the takeover with the latter.
  std::unique_ptr<StreamFold> stream_;
  std::unique_ptr<TakeoverStage> takeover_;
  std::unique_ptr<ShardsFold> shards_;
  FoldStage fold_stage_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_STAGES_H_
