#include "daemon/pipeline/fold_stage.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace signinwatch {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{100};
constexpr milliseconds kPublishEvery{250};
constexpr milliseconds kPublishSizesEvery{2'000};
// A commit that has tickets does not wait for the interval, only for its predecessor and this.
constexpr milliseconds kTicketCommitPause{20};
constexpr size_t kRejectedBytesMax = size_t{16} << 20;

}  // namespace

FoldStage::FoldStage(const Config& config, const RecordSource& source, SourceCommands& commands,
                     ParseStage& parse, CommitStage& commit, const Clock& clock, Metrics& metrics,
                     FoldMetrics& fold_metrics)
    : config_(config.serve.pipeline),
      source_(source),
      commands_(commands),
      parse_(parse),
      commit_(commit),
      clock_(clock),
      fold_(config, metrics, fold_metrics),
      busy_(clock.Steady()) {}

absl::Status FoldStage::Restore(RestoredState restored, Instant now) {
  if (absl::Status status = fold_.Restore(std::move(restored), now.wall); !status.ok()) {
    return status;
  }
  tick_at_ = now.steady + kTick;
  handed_over_at_ = now.steady;
  Publish(now.steady, /*at_once=*/true);
  return absl::OkStatus();
}

StepResult FoldStage::Step(Instant now) {
  const bool last = parse_.over();  // asked once: what comes in meanwhile is for the next step
  if (!HandOverWork(now, last)) return commit_.over() ? End(now) : StepResult::WhenWoken();
  if (last) return End(now);
  return FoldOne(now) ? StepResult::AtOnce() : StepResult::At(NextTime(now.steady));
}

bool FoldStage::HandOverWork(Instant now, bool last) {
  if (!work_.has_value()) {
    if (!CommitDue(now.steady) && !(last && fold_.changed())) return true;
    const BusyMeter::Span span(busy_, clock_);
    work_ = fold_.TakeWork(now.wall);
  }
  // While the commit before waits for the disk, so does the fold: it is not busy then.
  if (!commit_.Submit(*work_)) return false;
  work_.reset();
  handed_over_at_ = now.steady;
  return true;
}

bool FoldStage::CommitDue(SteadyTime now) const {
  if (!fold_.changed()) return false;
  const auto since = now - handed_over_at_;
  return since >= config_.commit_interval || fold_.signals() >= config_.commit_signals ||
         fold_.rejected_bytes() >= kRejectedBytesMax ||
         (fold_.has_revisions() && since >= kTicketCommitPause && commit_.idle());
}

bool FoldStage::FoldOne(Instant now) {
  const BusyMeter::Span span(busy_, clock_);
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

SteadyTime FoldStage::NextTime(SteadyTime now) const {
  if (CommitDue(now)) return now;
  SteadyTime next = tick_at_;
  if (fold_.changed()) next = std::min(next, handed_over_at_ + config_.commit_interval);
  // Behind that pause the commit stage wakes us when it is idle.
  const SteadyTime soonest = handed_over_at_ + kTicketCommitPause;
  if (fold_.has_revisions() && now < soonest) next = std::min(next, soonest);
  return next;
}

StepResult FoldStage::End(Instant now) {
  Publish(now.steady, /*at_once=*/true);
  commit_.Close();
  return StepResult::Done();
}

void FoldStage::Publish(SteadyTime now, bool at_once) {
  if (!at_once && now - published_at_ < kPublishEvery) return;
  published_at_ = now;
  fold_.NoteElsewhere(source_.facts().partitions_elsewhere);
  const bool with_sizes = at_once || now - measured_at_ >= kPublishSizesEvery;
  FoldSnapshot next{.watermark = fold_.partitions().stream_watermark(),
                    .partitions = PartitionStatuses(),
                    .topics = fold_.topics().statuses(),
                    .totals = fold_.totals(),
                    .detection = fold_.detector().counters(),
                    .sizes = {},
                    .failures = fold_.failures().All(),
                    .open_bursts = fold_.open_bursts().counts(),
                    .near_misses = fold_.near_misses().All(),
                    .tenants_other = fold_.tenants_other()};
  // These cost a walk over all tenants and tickets.
  if (with_sizes) {
    sizes_ = fold_.detector().sizes();
    measured_at_ = now;
  }
  next.sizes = sizes_;
  const std::lock_guard lock(snapshot_mutex_);
  snapshot_ = std::move(next);
}

std::vector<PartitionStatus> FoldStage::PartitionStatuses() const {
  const PartitionTable& table = fold_.partitions();
  std::vector<PartitionStatus> statuses;
  statuses.reserve(table.size());
  for (size_t i = 0; i < table.size(); ++i) {
    const PartitionTable::Partition& partition = table.partition(i);
    statuses.push_back({.topic = partition.topic,
                        .partition = partition.partition,
                        .assigned = partition.assigned,
                        .paused = partition.paused,
                        .at_end = partition.at_end,
                        .idle = table.idle(i),
                        .next_offset = partition.next_offset,
                        .watermark = table.watermark(i),
                        .stands_at = {},
                        .stepped_past = partition.stepped_past,
                        .made_anew = partition.made_anew,
                        .made_anew_at = partition.made_anew_at});
  }
  return statuses;
}

FoldSnapshot FoldStage::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

}  // namespace signinwatch
