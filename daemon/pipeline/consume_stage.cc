#include "daemon/pipeline/consume_stage.h"

#include <memory>
#include <utility>

#include "daemon/log/log.h"

namespace signinwatch::pipeline {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollTimeout{100};
// Without room the group is told so often that we are alive.
constexpr milliseconds kKeepAliveEvery{500};
constexpr milliseconds kCloseTimeout{5'000};

}  // namespace

ConsumeStage::ConsumeStage(kafka::RecordSource& source, SourceCommands& commands, ParseStage& parse,
                           MemoryGuard memory, const clock::Clock& clock, metrics::Metrics& metrics,
                           std::function<void(const absl::Status&)> failed)
    : source_(source),
      commands_(commands),
      parse_(parse),
      memory_(std::move(memory)),
      clock_(clock),
      metrics_(metrics),
      failed_(std::move(failed)),
      busy_(clock.Steady()) {
  metrics_.counter(metrics::Metric::kMemoryPauses);
}

steps::StepResult ConsumeStage::Step(clock::Instant now) {
  if (ending_) {
    parse_.Close();
    return steps::StepResult::Done();
  }
  commands_.Apply(source_);
  absl::Status status;
  if (!parse_.HasRoom()) {
    if (!keep_alive_at_) keep_alive_at_ = now.steady + kKeepAliveEvery;
    if (now.steady < *keep_alive_at_) return steps::StepResult::At(*keep_alive_at_);
    status = source_.KeepAlive(kPollTimeout);
  } else if (IsNearMemory(now.steady)) {
    status = source_.KeepAlive(kPollTimeout);
  } else {
    status = Consume();
  }
  keep_alive_at_.reset();
  if (!status.ok()) {
    failed_(status);
    End();
  }
  return steps::StepResult::AtOnce();
}

bool ConsumeStage::IsNearMemory(clock::SteadyTime now) {
  // Where nothing that was read is left, waiting would bring no memory back.
  const bool wait = !parse_.idle() && memory_.Near(now);
  if (wait && !waits_for_memory_) {
    metrics_.counter(metrics::Metric::kMemoryPauses).Add();
    log::Log(config::LogLevel::kWarning, "reading waits: memory is near limits.memory");
  }
  waits_for_memory_ = wait;
  return wait;
}

absl::Status ConsumeStage::Consume() {
  std::unique_ptr<Batch> batch = parse_.NewBatch();
  absl::Status status;
  {
    // Taking what is there is work; what comes after that was waiting.
    const steps::BusyMeter::Span span(busy_, clock_);
    status = source_.Poll(milliseconds(0), &batch->input);
  }
  if (status.ok() && batch->input.empty()) status = source_.Poll(kPollTimeout, &batch->input);
  batch->read_at = clock_.Wall();  // not the step's: a message may have come while we waited
  if (batch->input.empty()) {
    parse_.TakeBack(std::move(batch));
  } else {
    parse_.Submit(std::move(batch));
  }
  return status;
}

void ConsumeStage::Leave() {
  commands_.Apply(source_);
  source_.Close(kCloseTimeout);
}

}  // namespace signinwatch::pipeline
