// Takes parsed batches in their order through the fold, decides when something is to be committed,
// and shows what the fold knows of itself.
//
// It may be one commit ahead of the one that waits to be written; then it folds no more until the
// commit stage has taken that: so a disk that is slow or full holds back those to the left.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_FOLD_STAGE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_FOLD_STAGE_H_

#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/commit_stage.h"
#include "daemon/pipeline/fold.h"
#include "daemon/pipeline/parse_stage.h"
#include "daemon/pipeline/source_commands.h"
#include "daemon/pipeline/status.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/steps/step_result.h"
#include "metrics/metrics.h"

namespace signinwatch::pipeline {

// One thread's but for snapshot() and busy().
class FoldStage {
 public:
  // All outlive the stage. Of the source only its facts are asked.
  FoldStage(const config::PipelineConfig& config, Fold& fold, const kafka::RecordSource& source,
            SourceCommands& commands, ParseStage& parse, CommitStage& commit,
            const clock::Clock& clock);

  // Before the first step, when the fold is as it begins.
  void Start(clock::Instant now);

  // Folds one batch, or lets time pass for what was folded. Done: the parse stage is over, all was
  // handed to the commit stage, and that one is closed.
  [[nodiscard]] steps::StepResult Step(clock::Instant now);

  [[nodiscard]] FoldSnapshot snapshot() const;
  [[nodiscard]] const steps::BusyMeter& busy() const { return busy_; }

 private:
  // false: there is a commit that the commit stage has no room for, or it has ended. `last`:
  // whatever has changed is to be committed.
  [[nodiscard]] bool HandOverWork(clock::Instant now, bool last);
  [[nodiscard]] bool CommitDue(clock::SteadyTime now) const;   // of all
  [[nodiscard]] bool TicketsDue(clock::SteadyTime now) const;  // of what is not to wait
  // true: it was a batch.
  bool FoldOne(clock::Instant now);
  // When there is something to do without a batch.
  [[nodiscard]] clock::SteadyTime NextTime(clock::SteadyTime now) const;
  [[nodiscard]] steps::StepResult End(clock::Instant now);
  void Publish(clock::SteadyTime now, bool at_once);

  const config::PipelineConfig& config_;
  const kafka::RecordSource& source_;
  SourceCommands& commands_;
  ParseStage& parse_;
  CommitStage& commit_;
  const clock::Clock& clock_;
  Fold& fold_;
  steps::BusyMeter busy_;
  std::vector<CommitWork> works_;  // to be handed over
  clock::SteadyTime tick_at_, handed_over_at_, published_at_, measured_at_;
  DetectorSizes sizes_;

  mutable std::mutex snapshot_mutex_;
  FoldSnapshot snapshot_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_DAEMON_PIPELINE_FOLD_STAGE_H_
