#include "daemon/pipeline/stages.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace signinwatch::pipeline {
namespace {

constexpr int kParseThreadsDefaultMax = 4;

// A parse thread does several GB/s: one is enough until fetching takes several processors.
int ParseThreads(const config::PipelineConfig& config) {
  if (config.parse_threads > 0) return config.parse_threads;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1,
                    kParseThreadsDefaultMax);
}

}  // namespace

Stages::Stages(PipelineParts parts, std::function<void(Stage)> wake)
    : parts_(std::move(parts)),
      wake_(std::move(wake)),
      parse_threads_(ParseThreads(parts_.config.serve.pipeline)),
      parse_(parts_.config.serve.role == config::Role::kDetect
                 ? SignalReaders()
                 : RecordReaders(parts_.config.parser),
             parse_threads_, parts_.config.serve.pipeline.queue_bytes, parts_.clock,
             {.work = [this] { wake_(Stage::kParse); },
              .ready = [this] { wake_(Stage::kFold); },
              .room = [this] { wake_(Stage::kConsume); }}),
      consume_(parts_.source, commands_, parse_, parts_.memory, parts_.clock, parts_.metrics,
               [this](const absl::Status& status) { Fail(status); }),
      commit_(parts_.config, parts_.store, parts_.dead_letters, parts_.clock, parts_.metrics,
              {.work = [this] { wake_(Stage::kCommit); },
               .room = [this] { wake_(Stage::kFold); },
               .committed = [this](const store::StoreCommit& commit) { OnCommitted(commit); },
               .ended = [this](const store::ShardClaim& claim,
                               bool taken) { OnClaimEnded(claim, taken); },
               .failed = [this](const absl::Status& status) { Fail(status); }}),
      fold_stage_(parts_.config.serve.pipeline, MakeFold(), parts_.source, commands_, parse_,
                  commit_, parts_.clock) {}

Fold& Stages::MakeFold() {
  if (parts_.config.serve.role != config::Role::kDetect) {
    stream_ = std::make_unique<StreamFold>(parts_.config, parts_.metrics, parts_.fold_metrics);
    return *stream_;
  }
  const auto fail = [this](const absl::Status& status) { Fail(status); };
  takeover_ =
      std::make_unique<TakeoverStage>(parts_.config, parts_.store, parts_.clock, parts_.metrics,
                                      TakeoverHooks{.work = [this] { wake_(Stage::kTakeover); },
                                                    .ready =
                                                        [this] {
                                                          wake_(Stage::kFold);
                                                          parts_.shards_changed();
                                                        },
                                                    .failed = fail});
  shards_ = std::make_unique<ShardsFold>(parts_.config, *takeover_, commands_, parts_.metrics,
                                         parts_.fold_metrics, fail);
  return *shards_;
}

absl::Status Stages::Start(RestoredState restored, clock::Instant now) {
  if (stream_ != nullptr) {
    if (absl::Status status = stream_->Restore(std::move(restored), now.wall); !status.ok()) {
      return status;
    }
  }
  fold_stage_.Start(now);
  return absl::OkStatus();
}

steps::StepResult Stages::Step(Stage stage, clock::Instant now) {
  switch (stage) {
    case Stage::kConsume:
      return consume_.Step(now);
    case Stage::kParse:
      return parse_.Step(now);
    case Stage::kFold:
      return fold_stage_.Step(now);
    case Stage::kCommit:
      return commit_.Step(now);
    case Stage::kTakeover:
      return takeover_ == nullptr ? steps::StepResult::Done() : takeover_->Step(now);
  }
  return steps::StepResult::Done();
}

void Stages::End() {
  consume_.End();
  wake_(Stage::kConsume);
}

void Stages::OnCommitted(const store::StoreCommit& commit) {
  commands_.Commit(commit.positions);
  parts_.committed(commit);
}

void Stages::OnClaimEnded(const store::ShardClaim& claim, bool taken) {
  if (shards_ == nullptr) {
    if (taken) {
      Fail(absl::FailedPreconditionError(
          "another instance has taken over the store: only one of role all can use it"));
    }
    return;
  }
  shards_->NoteEnded(claim, taken);
  wake_(Stage::kFold);
}

void Stages::Fail(const absl::Status& status) {
  if (failed_.exchange(true)) return;
  parts_.failed(status);
  End();
}

std::vector<StageStatus> Stages::statuses(clock::SteadyTime now) const {
  std::vector<StageStatus> statuses = {
      {.name = "consume", .busy_ratio = consume_.busy().Ratio(now)},
      {.name = "parse",
       .queue_depth = parse_.queue_depth(),
       .queue_max = ParseStage::kBatchesMax,
       .busy_ratio = parse_.busy().Ratio(now)},
      {.name = "fold", .busy_ratio = fold_stage_.busy().Ratio(now)},
      {.name = "commit",
       .queue_depth = commit_.queue_depth(),
       .queue_max = CommitStage::kQueueMax + 1,
       .busy_ratio = commit_.busy().Ratio(now)}};
  if (takeover_ != nullptr) {
    statuses.push_back({.name = "take over",
                        .queue_depth = takeover_->queue_depth(),
                        .queue_max = 0,
                        .busy_ratio = takeover_->busy().Ratio(now)});
  }
  return statuses;
}

}  // namespace signinwatch::pipeline
