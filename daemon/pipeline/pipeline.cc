#include "daemon/pipeline/pipeline.h"

#include <utility>

namespace signinwatch::pipeline {

Pipeline::Pipeline(PipelineParts parts)
    : clock_(parts.clock),
      stages_(std::move(parts), [this](Stage stage) { threads(stage).Wake(); }) {
  for (const Stage stage : kStages) {
    threads_.push_back(std::make_unique<steps::StageThreads>(
        clock_, [this, stage](clock::Instant now) { return stages_.Step(stage, now); }));
  }
}

Pipeline::~Pipeline() { Stop(std::chrono::milliseconds(0)); }

absl::Status Pipeline::Start(RestoredState restored) {
  if (absl::Status status = stages_.Start(std::move(restored), clock_.Now()); !status.ok()) {
    return status;
  }
  for (const Stage stage : kStages) {
    threads(stage).Start(stage == Stage::kParse ? stages_.parse_threads() : 1);
  }
  running_ = true;
  return absl::OkStatus();
}

void Pipeline::Stop(std::chrono::milliseconds patience) {
  if (!std::exchange(running_, false)) return;
  stages_.End();
  threads(Stage::kConsume).Join();
  stages_.LimitPatience(clock_.Steady() + patience);
  for (const Stage stage : kStages) threads(stage).Join();
  stages_.Leave();
}

}  // namespace signinwatch::pipeline
