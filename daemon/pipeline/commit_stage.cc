#include "daemon/pipeline/commit_stage.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/log/log.h"
#include "daemon/pipeline/may_pass.h"
#include "daemon/routing/routing.h"
#include "daemon/words/ticket_json.h"
#include "detectors/ticket.h"

namespace signinwatch::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRetryMin{100};
constexpr milliseconds kRetryMax{5'000};
constexpr milliseconds kDeadLetterTimeout{10'000};
constexpr milliseconds kMaintainEvery{10'000};
constexpr milliseconds kMaintainAgain{500};  // while there is more to do

}  // namespace

CommitStage::CommitStage(const config::Config& config, store::StateStore& store,
                         sinks::DeadLetterSink* dead_letters, const clock::Clock& clock,
                         metrics::Metrics& metrics, CommitHooks hooks)
    : config_(config),
      store_(store),
      dead_letters_(dead_letters),
      clock_(clock),
      metrics_(metrics),
      hooks_(std::move(hooks)),
      busy_(clock.Steady()) {
  metrics_.counter(metrics::Metric::kCommits, {"success"});
  metrics_.counter(metrics::Metric::kCommits, {"failure"});
  metrics_.counter(metrics::Metric::kDeadLetters, {"written"});
  metrics_.counter(metrics::Metric::kDeadLetters, {"failed"});
}

steps::StepResult CommitStage::Step(clock::Instant now) {
  if (works_.empty()) TakeNext();
  if (!works_.empty()) {
    if (const std::optional<steps::StepResult> later = TryToWrite(now)) return *later;
  }
  Maintain(now);
  {
    const std::lock_guard lock(mutex_);
    if (!works_.empty() || !next_.empty()) return steps::StepResult::AtOnce();
    if (!closed_) return steps::StepResult::At(maintain_at_);
  }
  return End();
}

bool CommitStage::Submit(std::vector<CommitWork>& works) {
  {
    const std::lock_guard lock(mutex_);
    if (!next_.empty() || closed_ || over_) return false;
    next_ = std::exchange(works, {});
  }
  hooks_.work();
  return true;
}

void CommitStage::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  hooks_.work();
}

void CommitStage::LimitPatience(clock::SteadyTime until) {
  {
    const std::lock_guard lock(mutex_);
    give_up_at_ = until;
  }
  hooks_.work();
}

void CommitStage::TakeNext() {
  {
    const std::lock_guard lock(mutex_);
    if (next_.empty()) return;
    std::move(next_.begin(), next_.end(), std::back_inserter(works_));
    next_.clear();
    writing_ = true;
  }
  hooks_.room();
  for (CommitWork& work : works_) Prepare(&work.commit);
}

std::optional<steps::StepResult> CommitStage::TryToWrite(clock::Instant now) {
  if (pause_ > milliseconds(0)) {
    if (now.steady >= give_up_at()) {
      log::Log(config::LogLevel::kWarning,
               "stopped with uncommitted work, which will be read again");
      return End();
    }
    if (now.steady < retry_at_) return steps::StepResult::At(std::min(retry_at_, give_up_at()));
  }
  if (const absl::Status status = WriteOnce(works_.front()); !status.ok()) {
    metrics_.counter(metrics::Metric::kCommits, {"failure"}).Add();
    log::Log(config::LogLevel::kError, "commit failed", {{"error", status.ToString()}});
    NoteProblem(status);
    if (!MayPass(status)) {
      hooks_.failed(status);
      return End();
    }
    pause_ = std::clamp(2 * pause_, kRetryMin, kRetryMax);
    retry_at_ = clock_.Steady() + pause_;  // the attempt may have taken long
    return steps::StepResult::At(std::min(retry_at_, give_up_at()));
  }
  pause_ = milliseconds(0);
  works_.pop_front();
  {
    const std::lock_guard lock(mutex_);
    writing_ = !works_.empty();
  }
  hooks_.room();
  return std::nullopt;
}

steps::StepResult CommitStage::End() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    writing_ = false;
    next_.clear();
  }
  hooks_.room();
  return steps::StepResult::Done();
}

absl::Status CommitStage::WriteOnce(CommitWork& work) {
  const steps::BusyMeter::Span span(busy_, clock_);
  if (absl::Status status = WriteDeadLetters(work); !status.ok()) return status;
  const clock::SteadyTime start = clock_.Steady();
  const absl::Status status = store_.Commit(work.claim, work.commit);
  if (absl::IsAborted(status)) {
    log::Log(config::LogLevel::kWarning, "a shard was taken over by another instance",
             {{"shard", work.claim.shard}, {"status", status.message()}});
    hooks_.ended(work.claim, /*taken=*/true);
    return absl::OkStatus();
  }
  if (!status.ok()) return status;
  CountCommit(work.commit, clock_.Steady() - start);
  NoteProblem(absl::OkStatus());
  {
    const std::lock_guard lock(mutex_);
    last_commit_at_ = clock_.Wall();
  }
  hooks_.committed(work.commit);
  if (work.release) Release(work.claim);
  return absl::OkStatus();
}

void CommitStage::Release(const store::ShardClaim& claim) {
  if (const absl::Status status = store_.Release(claim); !status.ok()) {
    log::Log(config::LogLevel::kInfo, "a shard could not be given back, and is left to be taken",
             {{"shard", claim.shard}, {"status", status.message()}});
  }
  hooks_.ended(claim, /*taken=*/false);
}

absl::Status CommitStage::WriteDeadLetters(CommitWork& work) {
  if (dead_letters_ == nullptr || work.rejected.empty()) return absl::OkStatus();
  // What was taken at an earlier try is not given again.
  for (; work.rejected_taken < work.rejected.size(); ++work.rejected_taken) {
    const absl::Status status = dead_letters_->Write(work.rejected[work.rejected_taken]);
    if (!status.ok()) return DeadLetterProblem(status);
  }
  if (absl::Status status = dead_letters_->Flush(kDeadLetterTimeout); !status.ok()) {
    return DeadLetterProblem(status);
  }
  metrics_.counter(metrics::Metric::kDeadLetters, {"written"})
      .Add(static_cast<double>(work.rejected.size()));
  work.rejected.clear();
  return absl::OkStatus();
}

absl::Status CommitStage::DeadLetterProblem(const absl::Status& status) {
  metrics_.counter(metrics::Metric::kDeadLetters, {"failed"}).Add();
  return absl::UnavailableError("dead letters: " + std::string(status.message()));
}

void CommitStage::Prepare(store::StoreCommit* commit) {
  const steps::BusyMeter::Span span(busy_, clock_);
  for (store::TicketRevision& revision : commit->revisions) {
    revision.ticket.exception =
        routing::ExceptionFor(revision.ticket, config_.serve.exceptions, commit->moment);
    revision.json = words::TicketToJson(revision.ticket, config_.serve.http.external_url);
    for (const config::SinkConfig& sink : config_.serve.sinks) {
      const routing::Audience audience = routing::AudienceOf(sink, revision.ticket);
      if (audience == routing::Audience::kTold) revision.sinks.push_back(sink.name);
      if (audience == routing::Audience::kRolledUp) revision.rolled_up.push_back(sink.name);
    }
  }
}

void CommitStage::CountCommit(const store::StoreCommit& commit,
                              std::chrono::duration<double> took) {
  const auto update = metrics_.BeginUpdate();
  metrics_.counter(metrics::Metric::kCommits, {"success"}).Add();
  metrics_.histogram(metrics::Metric::kCommitDuration).Observe(took.count());
  for (const store::TicketRevision& revision : commit.revisions) {
    if (revision.ticket.exception.empty()) continue;
    metrics_.counter(metrics::Metric::kExcepted, {revision.ticket.exception}).Add();
  }
  const auto rows = [this](const char* kind, size_t count) {
    metrics_.counter(metrics::Metric::kCommitRows, {kind}).Add(static_cast<double>(count));
  };
  rows("state", commit.state.size());
  rows("revision", commit.revisions.size());
  rows("position", commit.positions.size());
}

void CommitStage::Maintain(clock::Instant now) {
  if (now.steady < maintain_at_) return;
  const absl::StatusOr<bool> more = store_.Maintain(now.wall);
  maintain_at_ = now.steady + (more.ok() && *more ? kMaintainAgain : kMaintainEvery);
  if (!more.ok()) {
    log::Log(config::LogLevel::kWarning, "upkeep of the store failed",
             {{"error", more.status().ToString()}});
  }
}

void CommitStage::NoteProblem(const absl::Status& status) {
  const std::lock_guard lock(mutex_);
  problem_ = status.ok() ? std::string() : std::string(status.message());
}

clock::SteadyTime CommitStage::give_up_at() const {
  const std::lock_guard lock(mutex_);
  return give_up_at_;
}

bool CommitStage::over() const {
  const std::lock_guard lock(mutex_);
  return over_;
}

size_t CommitStage::queue_depth() const {
  const std::lock_guard lock(mutex_);
  return (next_.empty() ? 0 : 1) + (writing_ ? 1 : 0);
}

std::string CommitStage::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

EventTime CommitStage::last_commit_at() const {
  const std::lock_guard lock(mutex_);
  return last_commit_at_;
}

}  // namespace signinwatch::pipeline
