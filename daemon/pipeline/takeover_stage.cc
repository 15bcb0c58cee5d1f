#include "daemon/pipeline/takeover_stage.h"

#include <algorithm>
#include <utility>

#include "daemon/log/log.h"
#include "daemon/pipeline/may_pass.h"

namespace signinwatch::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTakeoverRetryMin{100};
constexpr milliseconds kTakeoverRetryMax{2'000};

}  // namespace

TakeoverStage::TakeoverStage(const config::Config& config, store::StateStore& store,
                             const clock::Clock& clock, metrics::Metrics& metrics,
                             TakeoverHooks hooks)
    : config_(config),
      store_(store),
      clock_(clock),
      metrics_(metrics),
      hooks_(std::move(hooks)),
      busy_(clock.Steady()) {}

void TakeoverStage::Want(store::Shard shard) {
  {
    const std::lock_guard lock(mutex_);
    wanted_.push_back(shard);
  }
  hooks_.work();
}

std::vector<std::unique_ptr<ShardFold>> TakeoverStage::TakeReady() {
  const std::lock_guard lock(mutex_);
  return std::exchange(ready_, {});
}

void TakeoverStage::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    wanted_.clear();
  }
  hooks_.work();
}

steps::StepResult TakeoverStage::Step(clock::Instant now) {
  store::Shard shard = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!closed_ && wanted_.empty()) return steps::StepResult::WhenWoken();
    if (!closed_ && pause_ > milliseconds(0) && now.steady < retry_at_) {
      return steps::StepResult::At(retry_at_);
    }
    if (!closed_) shard = wanted_.front();
  }
  if (closed()) {
    GiveBackWhatIsLeft();
    return steps::StepResult::Done();
  }
  return TakeOver(shard, now);
}

steps::StepResult TakeoverStage::TakeOver(store::Shard shard, clock::Instant now) {
  const steps::BusyMeter::Span span(busy_, clock_);
  const clock::SteadyTime start = clock_.Steady();
  absl::StatusOr<std::unique_ptr<ShardFold>> fold =
      ShardFold::Load(config_, store_, shard, now.wall);
  // Another may have taken it meanwhile, and be about to lose it.
  if (!fold.ok() && !MayPass(fold.status())) {
    hooks_.failed(fold.status());
    return steps::StepResult::Done();
  }
  if (fold.ok()) {
    const std::chrono::duration<double> took = clock_.Steady() - start;
    metrics_.histogram(metrics::Metric::kTakeoverDuration).Observe(took.count());
    log::Log(config::LogLevel::kInfo, "a shard was taken over",
             {{"shard", shard},
              {"epoch", (*fold)->claim().epoch},
              {"offset", (*fold)->position().next_offset},
              {"seconds", took.count()}});
    pause_ = milliseconds(0);
  } else {
    log::Log(config::LogLevel::kWarning, "a shard can't be taken over yet",
             {{"shard", shard}, {"error", fold.status().message()}});
    pause_ = std::clamp(2 * pause_, kTakeoverRetryMin, kTakeoverRetryMax);
    retry_at_ = clock_.Steady() + pause_;  // the attempt may have taken long
  }
  {
    const std::lock_guard lock(mutex_);
    problem_ = fold.ok() ? std::string() : std::string(fold.status().message());
    if (!closed_) wanted_.pop_front();
    if (fold.ok()) {
      ready_.push_back(*std::move(fold));
    } else if (!closed_) {
      wanted_.push_back(shard);
    }
  }
  hooks_.ready();
  return steps::StepResult::AtOnce();
}

void TakeoverStage::GiveBackWhatIsLeft() {
  for (const std::unique_ptr<ShardFold>& fold : TakeReady()) {
    if (const absl::Status status = store_.Release(fold->claim()); !status.ok()) {
      log::Log(config::LogLevel::kInfo, "a shard could not be given back, and is left to be taken",
               {{"shard", fold->claim().shard}, {"status", status.message()}});
    }
  }
}

bool TakeoverStage::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::string TakeoverStage::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

size_t TakeoverStage::queue_depth() const {
  const std::lock_guard lock(mutex_);
  return wanted_.size();
}

}  // namespace signinwatch::pipeline
