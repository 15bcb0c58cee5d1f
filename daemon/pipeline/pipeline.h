// The stages of stages.h, each on threads of its own. Delivery reads what was committed from the
// store (daemon/sinks).
//
//   Pipeline pipeline({.config = config, .source = source, ...});
//   pipeline.Start(restored);
//   ...
//   pipeline.Stop(10s);      // drains from the left
//
// Thread-safe but for Start and Stop.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_PIPELINE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_PIPELINE_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/pipeline/stages.h"
#include "daemon/pipeline/status.h"
#include "daemon/steps/stage_threads.h"

namespace signinwatch::pipeline {

class Pipeline {
 public:
  explicit Pipeline(PipelineParts parts);
  ~Pipeline();  // Stop, without patience
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Loads the state and starts. See Stages::Start.
  [[nodiscard]] absl::Status Start(RestoredState restored);
  // Reads no more, folds what was read, commits it within `patience`, leaves the group.
  void Stop(std::chrono::milliseconds patience);

  [[nodiscard]] FoldSnapshot snapshot() const { return stages_.snapshot(); }
  [[nodiscard]] const CommitStage& commit_stage() const { return stages_.commit_stage(); }
  [[nodiscard]] std::string takeover_problem() const { return stages_.takeover_problem(); }
  [[nodiscard]] std::vector<StageStatus> stages() const {
    return stages_.statuses(clock_.Steady());
  }

 private:
  [[nodiscard]] steps::StageThreads& threads(Stage stage) {
    return *threads_[static_cast<size_t>(stage)];
  }

  const clock::Clock& clock_;
  Stages stages_;
  std::vector<std::unique_ptr<steps::StageThreads>> threads_;  // by Stage
  bool running_ = false;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_PIPELINE_H_
