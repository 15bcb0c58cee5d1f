// The stages of the role `ingest` (SPEC 14), each on threads of its own:
//
//   consume -> parse -> route
//      ^                 |
//      +- SourceCommands +
//
//   IngestPipeline pipeline({.config = config, .source = source, ...});
//   pipeline.Start();
//   ...
//   pipeline.Stop(10s);      // drains from the left
//
// Thread-safe but for Start and Stop.
#ifndef SIGNINWATCH_DAEMON_INGEST_INGEST_PIPELINE_H_
#define SIGNINWATCH_DAEMON_INGEST_INGEST_PIPELINE_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/ingest/route_stage.h"
#include "daemon/ingest/signal_output.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/consume_stage.h"
#include "daemon/pipeline/memory_guard.h"
#include "daemon/pipeline/parse_stage.h"
#include "daemon/pipeline/source_commands.h"
#include "daemon/pipeline/status.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/steps/stage_threads.h"
#include "metrics/metrics.h"

namespace signinwatch::ingest {

// All outlive the pipeline.
struct IngestParts {
  const config::Config& config;
  kafka::RecordSource& source;
  SignalOutput::ProducerMaker make_producer;
  sinks::DeadLetterSink* dead_letters = nullptr;  // nullptr: rejected records are only counted
  pipeline::MemoryGuard memory;
  const clock::Clock& clock;
  metrics::Metrics& metrics;
  pipeline::FoldMetrics& fold_metrics;
  // On any thread, once: it can not go on.
  std::function<void(const absl::Status&)> failed;
};

class IngestPipeline {
 public:
  explicit IngestPipeline(IngestParts parts);
  ~IngestPipeline();  // Stop, without patience
  IngestPipeline(const IngestPipeline&) = delete;
  IngestPipeline& operator=(const IngestPipeline&) = delete;

  void Start();
  // Reads no more, sends what was read, waits for its acknowledgement for `patience`, and leaves
  // the group.
  void Stop(std::chrono::milliseconds patience);

  [[nodiscard]] RouteSnapshot snapshot() const { return route_.snapshot(); }
  [[nodiscard]] std::vector<pipeline::StageStatus> stages() const;

 private:
  void Fail(const absl::Status& status);

  const IngestParts parts_;
  std::atomic<bool> failed_ = false;
  pipeline::SourceCommands commands_;
  SignalOutput output_;
  pipeline::ParseStage parse_;
  pipeline::ConsumeStage consume_;
  RouteStage route_;
  steps::StageThreads consume_threads_, parse_threads_, route_threads_;
  bool running_ = false;
};

}  // namespace signinwatch::ingest

#endif  // SIGNINWATCH_DAEMON_INGEST_INGEST_PIPELINE_H_
