#include "daemon/pipeline/fold_stage.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace signinwatch::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
constexpr milliseconds kPublishEvery{250};
constexpr milliseconds kPublishSizesEvery{2'000};
// A commit that has tickets does not wait for the interval, only for its predecessor and this.
constexpr milliseconds kTicketCommitPause{20};
constexpr size_t kRejectedBytesMax = size_t{16} << 20;

}  // namespace

FoldStage::FoldStage(const config::PipelineConfig& config, Fold& fold,
                     const kafka::RecordSource& source, SourceCommands& commands, ParseStage& parse,
                     CommitStage& commit, const clock::Clock& clock)
    : config_(config),
      source_(source),
      commands_(commands),
      parse_(parse),
      commit_(commit),
      clock_(clock),
      fold_(fold),
      busy_(clock.Steady()) {}

void FoldStage::Start(clock::Instant now) {
  tick_at_ = now.steady + kTick;
  handed_over_at_ = now.steady;
  Publish(now.steady, /*at_once=*/true);
}

steps::StepResult FoldStage::Step(clock::Instant now) {
  const bool last = parse_.over();  // asked once: what comes in meanwhile is for the next step
  if (last) fold_.End();
  if (!HandOverWork(now, last)) return commit_.over() ? End(now) : steps::StepResult::WhenWoken();
  if (last) return End(now);
  return FoldOne(now) ? steps::StepResult::AtOnce() : steps::StepResult::At(NextTime(now.steady));
}

bool FoldStage::HandOverWork(clock::Instant now, bool last) {
  if (works_.empty()) {
    const bool all = last ? fold_.changed() : CommitDue(now.steady);
    if (!all && !TicketsDue(now.steady)) return true;
    const steps::BusyMeter::Span span(busy_, clock_);
    works_ = fold_.TakeWorks(now.wall, all);
  }
  // While the commit before waits for the disk, so does the fold: it is not busy then.
  if (!commit_.Submit(works_)) return false;
  handed_over_at_ = now.steady;
  return true;
}

bool FoldStage::CommitDue(clock::SteadyTime now) const {
  if (!fold_.changed()) return false;
  const auto since = now - handed_over_at_;
  return since >= config_.commit_interval || fold_.signals() >= config_.commit_signals ||
         fold_.rejected_bytes() >= kRejectedBytesMax;
}

bool FoldStage::TicketsDue(clock::SteadyTime now) const {
  return fold_.has_revisions() && now - handed_over_at_ >= kTicketCommitPause && commit_.idle();
}

bool FoldStage::FoldOne(clock::Instant now) {
  const steps::BusyMeter::Span span(busy_, clock_);
  std::unique_ptr<Batch> batch = parse_.Next();
  const bool is_batch = batch != nullptr;
  if (is_batch) {
    fold_.Apply(*batch, now.wall);
    parse_.Recycle(std::move(batch));
  } else if (now.steady >= tick_at_) {
    fold_.Tick(now.wall);
  }
  if (is_batch || now.steady >= tick_at_) tick_at_ = now.steady + kTick;
  commands_.Align(fold_.Align());
  Publish(now.steady, /*at_once=*/false);
  return is_batch;
}

clock::SteadyTime FoldStage::NextTime(clock::SteadyTime now) const {
  if (CommitDue(now) || TicketsDue(now)) return now;
  clock::SteadyTime next = tick_at_;
  if (fold_.changed()) next = std::min(next, handed_over_at_ + config_.commit_interval);
  // Behind that pause the commit stage wakes us when it is idle.
  const clock::SteadyTime soonest = handed_over_at_ + kTicketCommitPause;
  if (fold_.has_revisions() && now < soonest) next = std::min(next, soonest);
  return next;
}

steps::StepResult FoldStage::End(clock::Instant now) {
  Publish(now.steady, /*at_once=*/true);
  commit_.Close();
  return steps::StepResult::Done();
}

void FoldStage::Publish(clock::SteadyTime now, bool at_once) {
  if (!at_once && now - published_at_ < kPublishEvery) return;
  published_at_ = now;
  fold_.NoteElsewhere(source_.facts().partitions_elsewhere);
  const bool with_sizes = at_once || now - measured_at_ >= kPublishSizesEvery;
  FoldSnapshot next = fold_.Look();
  if (with_sizes) {
    sizes_ = fold_.Measure();
    measured_at_ = now;
  }
  next.sizes = sizes_;
  const std::lock_guard lock(snapshot_mutex_);
  snapshot_ = std::move(next);
}

FoldSnapshot FoldStage::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

}  // namespace signinwatch::pipeline
