// Takes parsed batches in their order, sends the signals that detection needs to the partition of
// their tenant, and tells all partitions how far event time has come (docs/signals.md).
//
// What it keeps is of the moment: positions are the group's, committed for what the brokers have
// acknowledged and the dead letters have, with the numbers of logs that were made anew. Where a
// message can't be delivered, the producer is destroyed, everything that was not acknowledged is
// read and sent again, and what is known of event time is learned anew, since it says something of
// what may not have arrived.
#ifndef SIGNINWATCH_DAEMON_INGEST_ROUTE_STAGE_H_
#define SIGNINWATCH_DAEMON_INGEST_ROUTE_STAGE_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/config/config.h"
#include "daemon/ingest/sent_positions.h"
#include "daemon/ingest/signal_output.h"
#include "daemon/ingest/success_filter.h"
#include "daemon/json/dead_letter.h"
#include "daemon/kafka/record_source.h"
#include "daemon/pipeline/fold_metrics.h"
#include "daemon/pipeline/parse_stage.h"
#include "daemon/pipeline/partition_table.h"
#include "daemon/pipeline/source_commands.h"
#include "daemon/pipeline/topic_health.h"
#include "daemon/signals/signal_encoder.h"
#include "daemon/sinks/dead_letter_sink.h"
#include "daemon/steps/busy_meter.h"
#include "daemon/steps/step_result.h"
#include "metrics/metrics.h"

namespace signinwatch::ingest {

// What the stage shows of itself.
struct RouteSnapshot {
  EventTime watermark = kBeginningOfTime;  // of the partitions that are read here
  std::vector<pipeline::PartitionStatus> partitions;
  std::vector<pipeline::TopicStatus> topics;
  pipeline::FoldTotals totals;
  uint64_t signals_sent = 0, signals_unneeded = 0;
  uint64_t rewinds = 0;
  size_t in_flight_bytes = 0;
  std::string problem;  // why nothing can be handed on; empty: it can
};

// All outlive the stage.
struct RouteParts {
  const config::Config& config;
  pipeline::SourceCommands& commands;
  pipeline::ParseStage& parse;
  SignalOutput& output;
  sinks::DeadLetterSink* dead_letters = nullptr;  // nullptr: rejected records are only counted
  const clock::Clock& clock;
  metrics::Metrics& metrics;
  pipeline::FoldMetrics& fold_metrics;
};

// One thread's but for snapshot(), busy() and LimitPatience.
class RouteStage {
 public:
  RouteStage(RouteParts parts, clock::Instant now);

  // Sends one batch, or what is due without one. Done: the parse stage is over, and all that was
  // sent is acknowledged and committed, or the patience is over.
  [[nodiscard]] steps::StepResult Step(clock::Instant now);
  // What is not acknowledged by then is read again by whoever comes next.
  void LimitPatience(clock::SteadyTime until);

  [[nodiscard]] RouteSnapshot snapshot() const;
  [[nodiscard]] const steps::BusyMeter& busy() const { return busy_; }

 private:
  struct Sending {  // of a slot
    uint64_t log = 0;
    bool goes_back = false;  // StartAt was asked for; what comes before its answer is of before
    std::vector<std::optional<signals::SourcePosition>>
        last_sent;  // by partition of the signal topic
  };

  [[nodiscard]] Sending& Of(kafka::PartitionSlot slot);
  [[nodiscard]] bool IsOver() const;
  [[nodiscard]] clock::SteadyTime give_up_at() const;
  void Restart(clock::Instant now);
  void GoBack(clock::Instant now);
  void LearnAnew(EventTime now);
  void Route(pipeline::Batch& batch, EventTime now);
  void HandleEvents(const kafka::MessageBatch& input, EventTime now);
  void Learn(const kafka::PartitionEvent& event);
  void Begin(const kafka::PartitionEvent& event);
  void NoteLost(const kafka::PartitionEvent& event,
                const pipeline::PartitionTable::Partition& partition);
  void RouteMessage(pipeline::Batch& batch, size_t i, EventTime now);
  void CountSignals(size_t sent, size_t unneeded);
  void KeepRejected(pipeline::Batch& batch, size_t i,
                    const pipeline::PartitionTable::Partition& partition);
  void Tell(clock::Instant now);
  [[nodiscard]] signals::WatermarksMessage WatermarksFor(int32_t to, EventTime now);
  void TellSources(EventTime now);
  // What is safe, at most every so often or `at_once`.
  void CommitSafe(clock::Instant now, bool at_once);
  [[nodiscard]] absl::Status WriteDeadLetters();
  void Publish(clock::SteadyTime now);

  const RouteParts parts_;
  const int32_t output_partitions_;
  SuccessFilter filter_;
  signals::SignalEncoder encoder_;
  std::vector<signals::EncodedSignals> encoded_;
  std::optional<pipeline::PartitionTable> table_;
  std::vector<kafka::PartitionEvent> known_;  // kExists of each partition of the input
  std::vector<Sending> sending_;              // by slot
  SentPositions sent_;
  std::vector<std::optional<SentPositions::Position>> committed_;  // by slot
  bool all_committed_ = true;
  pipeline::TopicHealth topics_;
  std::vector<json::DeadLetter> rejected_;
  size_t rejected_taken_ = 0;  // of them, that the dead letters have taken
  size_t rejected_bytes_ = 0;
  uint64_t signals_sent_ = 0, signals_unneeded_ = 0, rewinds_ = 0;
  uint64_t list_version_ = 0;
  bool list_changed_ = false;
  bool down_ = true;  // there is no producer
  std::string problem_;
  clock::SteadyTime restart_at_, tell_list_at_, tell_at_, tell_soon_at_, commit_at_, publish_at_;
  double told_s_ = 0;  // the sum of the watermarks that were told last
  steps::BusyMeter busy_;

  mutable std::mutex mutex_;  // guards what follows
  RouteSnapshot snapshot_;
  clock::SteadyTime give_up_at_ = clock::SteadyTime::max();
};

}  // namespace signinwatch::ingest

#endif  // SIGNINWATCH_DAEMON_INGEST_ROUTE_STAGE_H_
