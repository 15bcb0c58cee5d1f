#include "daemon/pipeline/commit_stage.h"

#include <algorithm>
#include <utility>

#include "daemon/log/log.h"
#include "daemon/routing/routing.h"
#include "detectors/ticket.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryMin{100};
constexpr milliseconds kRetryMax{5'000};
constexpr milliseconds kDeadLetterTimeout{10'000};
constexpr Duration kMaintainEvery = std::chrono::seconds(10);
constexpr Duration kMaintainAgain = std::chrono::milliseconds(500);  // while there is more to do

bool MayPass(const absl::Status& status) {
  return !absl::IsDataLoss(status) && !absl::IsFailedPrecondition(status) &&
         !absl::IsInvalidArgument(status) && !absl::IsInternal(status);
}

}  // namespace

CommitStage::CommitStage(const Config& config, Store& store, DeadLetterSink* dead_letters,
                         Metrics& metrics, CommitHooks hooks)
    : config_(config),
      store_(store),
      dead_letters_(dead_letters),
      metrics_(metrics),
      hooks_(std::move(hooks)) {
  metrics_.counter(Metric::kCommits, {"success"});
  metrics_.counter(Metric::kCommits, {"failure"});
  metrics_.counter(Metric::kDeadLetters, {"written"});
  metrics_.counter(Metric::kDeadLetters, {"failed"});
}

CommitStage::~CommitStage() {
  LimitPatience(milliseconds(0));
  Finish();
}

void CommitStage::Start() {
  thread_ = std::thread([this] { Run(); });
}

void CommitStage::LimitPatience(milliseconds patience) {
  const std::lock_guard lock(mutex_);
  give_up_at_ = std::chrono::steady_clock::now() + patience;
  ending_.notify_all();
}

void CommitStage::Finish() {
  queue_.Close();
  if (thread_.joinable()) thread_.join();
}

void CommitStage::Run() {
  while (!queue_.over()) {
    std::optional<CommitWork> work = queue_.Pop(milliseconds(500));
    if (work.has_value()) {
      writing_ = true;
      const bool done = WriteUntilDone(*work);
      writing_ = false;
      if (!done) break;
    }
    Maintain();
  }
  queue_.Close();
}

bool CommitStage::WriteUntilDone(CommitWork& work) {
  Prepare(&work.commit);
  milliseconds pause = kRetryMin;
  while (true) {
    const absl::Status status = WriteOnce(work);
    if (status.ok()) return true;
    metrics_.counter(Metric::kCommits, {"failure"}).Add();
    Log(LogLevel::kError, "commit failed", {{"error", status.ToString()}});
    NoteProblem(status);
    if (!MayPass(status)) {
      hooks_.failed(status);
      return false;
    }
    if (!WaitToRetry(pause)) {
      Log(LogLevel::kWarning, "stopped with work that is not committed; it will be read again");
      return false;
    }
    pause = std::min(2 * pause, kRetryMax);
  }
}

absl::Status CommitStage::WriteOnce(CommitWork& work) {
  const BusyMeter::Span span(busy_, SystemClock());
  if (absl::Status status = WriteDeadLetters(work); !status.ok()) return status;
  const auto start = std::chrono::steady_clock::now();
  if (absl::Status status = store_.Commit(work.commit); !status.ok()) return status;
  CountCommit(work.commit, std::chrono::steady_clock::now() - start);
  NoteProblem(absl::OkStatus());
  {
    const std::lock_guard lock(mutex_);
    last_commit_at_ = hooks_.now();
  }
  hooks_.committed(work.commit);
  return absl::OkStatus();
}

absl::Status CommitStage::WriteDeadLetters(CommitWork& work) {
  if (dead_letters_ == nullptr || work.rejected.empty()) return absl::OkStatus();
  // What was taken at an earlier try is not given again.
  for (; work.rejected_taken < work.rejected.size(); ++work.rejected_taken) {
    const RejectedRecord& rejected = work.rejected[work.rejected_taken];
    const absl::Status status = dead_letters_->Write({.reason = rejected.reason,
                                                      .detail = rejected.detail,
                                                      .topic = rejected.topic,
                                                      .partition = rejected.partition,
                                                      .offset = rejected.offset,
                                                      .payload = rejected.payload});
    if (!status.ok()) return DeadLetterProblem(status);
  }
  if (absl::Status status = dead_letters_->Flush(kDeadLetterTimeout); !status.ok()) {
    return DeadLetterProblem(status);
  }
  metrics_.counter(Metric::kDeadLetters, {"written"})
      .Add(static_cast<double>(work.rejected.size()));
  work.rejected.clear();
  return absl::OkStatus();
}

absl::Status CommitStage::DeadLetterProblem(const absl::Status& status) {
  metrics_.counter(Metric::kDeadLetters, {"failed"}).Add();
  return absl::UnavailableError("dead letters: " + std::string(status.message()));
}

void CommitStage::Prepare(StoreCommit* commit) const {
  for (TicketRevision& revision : commit->revisions) {
    revision.ticket.exception =
        ExceptionFor(revision.ticket, config_.serve.exceptions, commit->moment);
    revision.json = TicketToJson(revision.ticket, config_.serve.http.external_url);
    for (const SinkConfig& sink : config_.serve.sinks) {
      if (IsFor(sink, revision.ticket)) revision.sinks.push_back(sink.name);
    }
  }
}

void CommitStage::CountCommit(const StoreCommit& commit, std::chrono::duration<double> took) {
  const auto update = metrics_.BeginUpdate();
  metrics_.counter(Metric::kCommits, {"success"}).Add();
  metrics_.histogram(Metric::kCommitDuration).Observe(took.count());
  for (const TicketRevision& revision : commit.revisions) {
    if (revision.ticket.exception.empty()) continue;
    metrics_.counter(Metric::kExcepted, {revision.ticket.exception}).Add();
  }
  const auto rows = [this](const char* kind, size_t count) {
    metrics_.counter(Metric::kCommitRows, {kind}).Add(static_cast<double>(count));
  };
  rows("state", commit.state.size());
  rows("revision", commit.revisions.size());
  rows("position", commit.positions.size());
}

void CommitStage::Maintain() {
  const EventTime now = hooks_.now();
  if (now < maintain_at_ && now > maintain_at_ - kMaintainEvery) return;
  const absl::StatusOr<bool> more = store_.Maintain(now);
  maintain_at_ = now + (more.ok() && *more ? kMaintainAgain : kMaintainEvery);
  if (!more.ok()) {
    Log(LogLevel::kWarning, "upkeep of the store failed", {{"error", more.status().ToString()}});
  }
}

void CommitStage::NoteProblem(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  problem_ = status.ok() ? std::string() : std::string(status.message());
}

bool CommitStage::WaitToRetry(milliseconds pause) {
  std::unique_lock lock(mutex_);
  const auto until = std::chrono::steady_clock::now() + pause;
  ending_.wait_until(lock, std::min(until, give_up_at_));
  return std::chrono::steady_clock::now() < give_up_at_;
}

std::string CommitStage::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

EventTime CommitStage::last_commit_at() const {
  const std::lock_guard lock(mutex_);
  return last_commit_at_;
}

}  // namespace signinwatch
