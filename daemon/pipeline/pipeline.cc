#include "daemon/pipeline/pipeline.h"

#include <algorithm>
#include <utility>

#include "daemon/log/log.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPollTimeout{100};
constexpr milliseconds kRoomTimeout{500};
constexpr milliseconds kTick{100};
constexpr milliseconds kPublishEvery{250};
constexpr milliseconds kPublishSizesEvery{2'000};
// A commit that has tickets does not wait for the interval, only for its predecessor and this.
constexpr milliseconds kTicketCommitPause{20};
constexpr size_t kRejectedBytesMax = size_t{16} << 20;
constexpr milliseconds kCloseTimeout{5'000};
constexpr int kParseThreadsDefaultMax = 4;

EventTime WallClock() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

// A parse thread does several GB/s: one is enough until fetching takes several processors.
int ParseThreads(const PipelineConfig& config) {
  if (config.parse_threads > 0) return config.parse_threads;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1,
                    kParseThreadsDefaultMax);
}

}  // namespace

Pipeline::Pipeline(const Config& config, RecordSource& source, Store& store,
                   DeadLetterSink* dead_letters, Metrics& metrics, FoldMetrics& fold_metrics,
                   PipelineHooks hooks)
    : config_(config),
      source_(source),
      metrics_(metrics),
      hooks_(std::move(hooks)),
      fold_(config, metrics, fold_metrics),
      parse_(config.parser, ParseThreads(config.serve.pipeline), config.serve.pipeline.queue_bytes),
      commit_(config, store, dead_letters, metrics,
              {.now = WallClock,
               .committed = [this](const StoreCommit& commit) { OnCommitted(commit); },
               .failed = [this](const absl::Status& status) { Fail(status); }}),
      memory_(config.memory_bytes) {
  metrics_.counter(Metric::kMemoryPauses);
}

Pipeline::~Pipeline() { Stop(milliseconds(0)); }

absl::Status Pipeline::Start(RestoredState restored) {
  if (absl::Status status = fold_.Restore(std::move(restored), WallClock()); !status.ok()) {
    return status;
  }
  Publish(/*at_once=*/true);
  submitted_at_ = steady_clock::now();
  commit_.Start();
  fold_thread_ = std::thread([this] { RunFold(); });
  consume_thread_ = std::thread([this] { RunConsume(); });
  return absl::OkStatus();
}

void Pipeline::Stop(milliseconds patience) {
  if (!consume_thread_.joinable()) return;
  stopping_ = true;
  consume_thread_.join();
  parse_.Close();
  commit_.LimitPatience(patience);
  fold_thread_.join();
  commit_.Finish();
  // The consume thread has ended: the source is ours.
  ApplyCommands();
  source_.Close(kCloseTimeout);
}

void Pipeline::Fail(const absl::Status& status) {
  if (!failed_.exchange(true)) hooks_.failed(status);
}

void Pipeline::RunConsume() {
  while (!stopping_ && !failed_) {
    ApplyCommands();
    // Behind a stage that is slow, or waits for the disk, what is not fetched stays at Kafka.
    const absl::Status status = HasRoom() ? Consume() : source_.KeepAlive(kPollTimeout);
    if (!status.ok()) Fail(status);
  }
}

bool Pipeline::HasRoom() {
  if (!parse_.WaitForRoom(kRoomTimeout)) return false;
  // Where nothing that was read is left, waiting would bring no memory back.
  const bool wait = !parse_.idle() && memory_.Near(steady_clock::now());
  if (wait && !waits_for_memory_) {
    metrics_.counter(Metric::kMemoryPauses).Add();
    Log(LogLevel::kWarning, "reading waits: memory is near limits.memory");
  }
  waits_for_memory_ = wait;
  return !wait;
}

absl::Status Pipeline::Consume() {
  std::unique_ptr<Batch> batch = parse_.NewBatch();
  absl::Status status;
  {
    // Taking what is there is work; what comes after that was waiting.
    const BusyMeter::Span span(consume_busy_, SystemClock());
    status = source_.Poll(milliseconds(0), &batch->input);
  }
  if (status.ok() && batch->input.empty()) status = source_.Poll(kPollTimeout, &batch->input);
  batch->read_at = WallClock();
  if (batch->input.empty()) {
    parse_.TakeBack(std::move(batch));
  } else {
    parse_.Submit(std::move(batch));
  }
  return status;
}

void Pipeline::ApplyCommands() {
  PartitionTable::Alignment alignment;
  std::vector<RecordSource::Offset> offsets;
  {
    const std::lock_guard lock(commands_mutex_);
    alignment = std::exchange(alignment_, {});
    offsets = std::exchange(offsets_, {});
  }
  // In this order: a partition that is in both was paused first.
  if (!alignment.pause.empty()) source_.Pause(alignment.pause);
  if (!alignment.resume.empty()) source_.Resume(alignment.resume);
  if (!offsets.empty()) source_.CommitOffsets(offsets);
}

void Pipeline::RunFold() {
  bool committing = true;
  while (committing && !parse_.over()) {
    std::unique_ptr<Batch> batch = parse_.Next(kTick);
    {
      const BusyMeter::Span span(fold_busy_, SystemClock());
      if (batch != nullptr) {
        fold_.Apply(*batch, WallClock());
        parse_.Recycle(std::move(batch));
      } else {
        fold_.Tick(WallClock());
      }
      SendAlignment();
      Publish(/*at_once=*/false);
    }
    // Waits while the commit before is being written: the fold is not busy then.
    if (CommitDue(steady_clock::now())) committing = SubmitCommit();
  }
  if (committing && fold_.changed()) (void)SubmitCommit();
  Publish(/*at_once=*/true);
}

bool Pipeline::CommitDue(steady_clock::time_point now) const {
  if (!fold_.changed()) return false;
  const PipelineConfig& config = config_.serve.pipeline;
  const auto since = now - submitted_at_;
  return since >= config.commit_interval || fold_.signals() >= config.commit_signals ||
         fold_.rejected_bytes() >= kRejectedBytesMax ||
         (fold_.has_revisions() && since >= kTicketCommitPause && commit_.idle());
}

bool Pipeline::SubmitCommit() {
  CommitWork work;
  {
    const BusyMeter::Span span(fold_busy_, SystemClock());
    work = fold_.TakeWork(WallClock());
  }
  const bool submitted = commit_.Submit(std::move(work));
  submitted_at_ = steady_clock::now();
  return submitted;
}

void Pipeline::OnCommitted(const StoreCommit& commit) {
  {
    const std::lock_guard lock(commands_mutex_);
    for (const PartitionPosition& position : commit.positions) {
      offsets_.push_back({.topic = position.topic,
                          .partition = position.partition,
                          .next_offset = position.next_offset});
    }
  }
  hooks_.committed(commit);
}

void Pipeline::SendAlignment() {
  PartitionTable::Alignment alignment = fold_.Align();
  if (alignment.pause.empty() && alignment.resume.empty()) return;
  const std::lock_guard lock(commands_mutex_);
  for (const PartitionSlot slot : alignment.pause) {
    std::erase(alignment_.resume, slot);
    alignment_.pause.push_back(slot);
  }
  for (const PartitionSlot slot : alignment.resume) {
    std::erase(alignment_.pause, slot);
    alignment_.resume.push_back(slot);
  }
}

void Pipeline::Publish(bool at_once) {
  const auto now = steady_clock::now();
  if (!at_once && now - published_at_ < kPublishEvery) return;
  published_at_ = now;
  fold_.NoteElsewhere(source_.facts().partitions_elsewhere);
  const bool with_sizes = at_once || now - measured_at_ >= kPublishSizesEvery;
  Snapshot next{.watermark = fold_.partitions().stream_watermark(),
                .partitions = PartitionStatuses(),
                .topics = fold_.topics().statuses(),
                .totals = fold_.totals(),
                .detection = fold_.detector().counters(),
                .sizes = {},
                .failures = fold_.failures().All(),
                .open_bursts = fold_.open_bursts().counts(),
                .near_misses = {fold_.near_misses().begin(), fold_.near_misses().end()},
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

std::vector<PartitionStatus> Pipeline::PartitionStatuses() const {
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

Pipeline::Snapshot Pipeline::snapshot() const {
  const std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

std::vector<StageStatus> Pipeline::stages() const {
  const SteadyTime now = SystemClock().Steady();
  return {{.name = "consume", .busy_ratio = consume_busy_.Ratio(now)},
          {.name = "parse",
           .queue_depth = parse_.queue_depth(),
           .queue_max = ParseStage::kBatchesMax,
           .busy_ratio = parse_.busy().Ratio(now)},
          {.name = "fold", .busy_ratio = fold_busy_.Ratio(now)},
          {.name = "commit",
           .queue_depth = commit_.queue_depth(),
           .queue_max = CommitStage::kQueueMax + 1,
           .busy_ratio = commit_.busy().Ratio(now)}};
}

}  // namespace signinwatch
