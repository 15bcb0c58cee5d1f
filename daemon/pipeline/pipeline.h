// consume -> parse -> fold -> commit, each on threads of its own. Delivery reads what was committed
// from the store (daemon/sinks).
//
//   Pipeline pipeline(config, source, store, dead_letters, metrics, fold_metrics, hooks);
//   pipeline.Start(restored);
//   ...
//   pipeline.Stop(10s);      // drains from the left
//
// Thread-safe but for Start and Stop.
#ifndef SIGNINWATCH_DAEMON_PIPELINE_PIPELINE_H_
#define SIGNINWATCH_DAEMON_PIPELINE_PIPELINE_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "daemon/config/config.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/commit_stage.h"
#include "daemon/pipeline/memory_guard.h"
#include "daemon/pipeline/parse_stage.h"
#include "daemon/pipeline/status.h"
#include "daemon/pipeline/stream_fold.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/store/store.h"
#include "metrics/metrics.h"

namespace signinwatch {

struct PipelineHooks {
  // On the commit thread, after each commit.
  std::function<void(const StoreCommit&)> committed;
  // On any of its threads, once: the pipeline can not go on.
  std::function<void(const absl::Status&)> failed;
};

class Pipeline {
 public:
  // All outlive the pipeline; `dead_letters` may be nullptr.
  Pipeline(const Config& config, RecordSource& source, Store& store, DeadLetterSink* dead_letters,
           Metrics& metrics, FoldMetrics& fold_metrics, PipelineHooks hooks);
  ~Pipeline();
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  // Loads the state and starts. The error is StreamFold::Restore's.
  [[nodiscard]] absl::Status Start(RestoredState restored);
  // Reads no more, folds what was read, commits it within `patience`, leaves the group.
  void Stop(std::chrono::milliseconds patience);

  // What the fold shows of itself, some times a second.
  struct Snapshot {
    EventTime watermark = kBeginningOfTime;
    std::vector<PartitionStatus> partitions;
    std::vector<TopicStatus> topics;
    FoldTotals totals;
    DetectorCounters detection;
    DetectorSizes sizes;
    std::vector<FailureCount> failures;
    std::map<BurstLabels, uint64_t> open_bursts;
    std::vector<NearMiss> near_misses;
    size_t tenants_other = 0;
  };
  [[nodiscard]] Snapshot snapshot() const;
  [[nodiscard]] const CommitStage& commit_stage() const { return commit_; }
  [[nodiscard]] std::vector<StageStatus> stages() const;

 private:
  void RunConsume();
  [[nodiscard]] bool HasRoom();
  [[nodiscard]] absl::Status Consume();
  void ApplyCommands();
  void RunFold();
  [[nodiscard]] bool CommitDue(std::chrono::steady_clock::time_point now) const;
  // false: the commit stage has ended.
  [[nodiscard]] bool SubmitCommit();
  void OnCommitted(const StoreCommit& commit);
  void SendAlignment();
  void Publish(bool at_once);
  [[nodiscard]] std::vector<PartitionStatus> PartitionStatuses() const;
  void Fail(const absl::Status& status);

  const Config& config_;
  RecordSource& source_;
  Metrics& metrics_;
  const PipelineHooks hooks_;

  StreamFold fold_;
  ParseStage parse_;
  CommitStage commit_;
  BusyMeter consume_busy_{SystemClock().Steady()}, fold_busy_{SystemClock().Steady()};
  // The consume thread's.
  MemoryGuard memory_;
  bool waits_for_memory_ = false;
  // The fold thread's.
  std::chrono::steady_clock::time_point submitted_at_, published_at_, measured_at_;
  DetectorSizes sizes_;

  std::atomic<bool> stopping_ = false;
  std::atomic<bool> failed_ = false;

  // For the consume thread, which alone may talk to the source.
  mutable std::mutex commands_mutex_;
  PartitionTable::Alignment alignment_;
  std::vector<RecordSource::Offset> offsets_;

  mutable std::mutex snapshot_mutex_;
  Snapshot snapshot_;

  std::thread consume_thread_, fold_thread_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_PIPELINE_PIPELINE_H_
