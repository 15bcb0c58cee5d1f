// Polls the source and hands batches of messages to the parse stage, as long as there is room:
// behind a stage that is slow, or waits for the disk, what is not fetched stays at Kafka.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_CONSUME_STAGE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_CONSUME_STAGE_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/memory_guard.h"
#include "daemon/pipeline/parse_stage.h"
#include "daemon/pipeline/source_commands.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/steps/step_result.h"
#include "metrics/metrics.h"

namespace signinwatch::pipeline {

// One thread's but for End and busy().
class ConsumeStage {
 public:
  // All outlive the stage. `failed`: the source can not go on; called in a step, once.
  ConsumeStage(kafka::RecordSource& source, SourceCommands& commands, ParseStage& parse,
               MemoryGuard memory, const clock::Clock& clock, metrics::Metrics& metrics,
               std::function<void(const absl::Status&)> failed);

  // Takes what the source has. Where that is nothing the source waits, for a tenth of a second: its
  // client can be waited for in no other way. Done: the parse stage is closed.
  [[nodiscard]] steps::StepResult Step(clock::Instant now);
  // The next step reads no more. From any thread.
  void End() { ending_ = true; }
  // After the last step of all stages: commits the last offsets for others to look at, and leaves
  // the group.
  void Leave();

  [[nodiscard]] const steps::BusyMeter& busy() const { return busy_; }

 private:
  [[nodiscard]] bool IsNearMemory(clock::SteadyTime now);
  [[nodiscard]] absl::Status Consume();

  kafka::RecordSource& source_;
  SourceCommands& commands_;
  ParseStage& parse_;
  MemoryGuard memory_;
  const clock::Clock& clock_;
  metrics::Metrics& metrics_;
  const std::function<void(const absl::Status&)> failed_;
  steps::BusyMeter busy_;
  std::atomic<bool> ending_ = false;
  std::optional<clock::SteadyTime> keep_alive_at_;  // set while there is no room
  bool waits_for_memory_ = false;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_CONSUME_STAGE_H_
