#include "daemon/pipeline/stages.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace signinwatch {
namespace {

constexpr int kParseThreadsDefaultMax = 4;

// A parse thread does several GB/s: one is enough until fetching takes several processors.
int ParseThreads(const PipelineConfig& config) {
  if (config.parse_threads > 0) return config.parse_threads;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1,
                    kParseThreadsDefaultMax);
}

}  // namespace

Stages::Stages(PipelineParts parts, std::function<void(Stage)> wake)
    : parts_(std::move(parts)),
      wake_(std::move(wake)),
      parse_threads_(ParseThreads(parts_.config.serve.pipeline)),
      parse_(parts_.config.parser, parse_threads_, parts_.config.serve.pipeline.queue_bytes,
             parts_.clock,
             {.work = [this] { wake_(Stage::kParse); },
              .ready = [this] { wake_(Stage::kFold); },
              .room = [this] { wake_(Stage::kConsume); }}),
      consume_(parts_.source, commands_, parse_, parts_.memory, parts_.clock, parts_.metrics,
               [this](const absl::Status& status) { Fail(status); }),
      commit_(parts_.config, parts_.store, parts_.dead_letters, parts_.clock, parts_.metrics,
              {.work = [this] { wake_(Stage::kCommit); },
               .room = [this] { wake_(Stage::kFold); },
               .committed = [this](const StoreCommit& commit) { OnCommitted(commit); },
               .failed = [this](const absl::Status& status) { Fail(status); }}),
      fold_(parts_.config, parts_.source, commands_, parse_, commit_, parts_.clock, parts_.metrics,
            parts_.fold_metrics) {}

StepResult Stages::Step(Stage stage, Instant now) {
  switch (stage) {
    case Stage::kConsume:
      return consume_.Step(now);
    case Stage::kParse:
      return parse_.Step(now);
    case Stage::kFold:
      return fold_.Step(now);
    case Stage::kCommit:
      return commit_.Step(now);
  }
  return StepResult::Done();
}

void Stages::End() {
  consume_.End();
  wake_(Stage::kConsume);
}

void Stages::OnCommitted(const StoreCommit& commit) {
  commands_.Commit(commit.positions);
  parts_.committed(commit);
}

void Stages::Fail(const absl::Status& status) {
  if (failed_.exchange(true)) return;
  parts_.failed(status);
  End();
}

std::vector<StageStatus> Stages::statuses(SteadyTime now) const {
  return {{.name = "consume", .busy_ratio = consume_.busy().Ratio(now)},
          {.name = "parse",
           .queue_depth = parse_.queue_depth(),
           .queue_max = ParseStage::kBatchesMax,
           .busy_ratio = parse_.busy().Ratio(now)},
          {.name = "fold", .busy_ratio = fold_.busy().Ratio(now)},
          {.name = "commit",
           .queue_depth = commit_.queue_depth(),
           .queue_max = CommitStage::kQueueMax + 1,
           .busy_ratio = commit_.busy().Ratio(now)}};
}

}  // namespace signinwatch
