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

namespace signinwatch {

// One thread's but for snapshot() and busy().
class FoldStage {
 public:
  // All outlive the stage. Of the source only its facts are asked.
  FoldStage(const PipelineConfig& config, Fold& fold, const RecordSource& source,
            SourceCommands& commands, ParseStage& parse, CommitStage& commit, const Clock& clock);

  // Before the first step, when the fold is as it begins.
  void Start(Instant now);

  // Folds one batch, or lets time pass for what was folded. Done: the parse stage is over, all was
  // handed to the commit stage, and that one is closed.
  [[nodiscard]] StepResult Step(Instant now);

  [[nodiscard]] FoldSnapshot snapshot() const;
  [[nodiscard]] const BusyMeter& busy() const { return busy_; }

 private:
  // false: there is a commit that the commit stage has no room for, or it has ended. `last`:
  // whatever has changed is to be committed.
  [[nodiscard]] bool HandOverWork(Instant now, bool last);
  [[nodiscard]] bool CommitDue(SteadyTime now) const;   // of all
  [[nodiscard]] bool TicketsDue(SteadyTime now) const;  // of what is not to wait
  // true: it was a batch.
  bool FoldOne(Instant now);
  // When there is something to do without a batch.
  [[nodiscard]] SteadyTime NextTime(SteadyTime now) const;
  [[nodiscard]] StepResult End(Instant now);
  void Publish(SteadyTime now, bool at_once);

  const PipelineConfig& config_;
  const RecordSource& source_;
  SourceCommands& commands_;
  ParseStage& parse_;
  CommitStage& commit_;
  const Clock& clock_;
  Fold& fold_;
  BusyMeter busy_;
  std::vector<CommitWork> works_;  // to be handed over
  SteadyTime tick_at_, handed_over_at_, published_at_, measured_at_;
  DetectorSizes sizes_;

  mutable std::mutex snapshot_mutex_;
  FoldSnapshot snapshot_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_PIPELINE_FOLD_STAGE_H_
