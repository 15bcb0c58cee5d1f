#include "daemon/pipeline/detection_fold.h"

#include <string>
#include <utility>

namespace signinwatch::pipeline {

DetectionFold::DetectionFold(const config::Config& config) : detector_(config.detection) {}

absl::Status DetectionFold::Restore(const RestoredState& restored, EventTime now) {
  work_.claim = restored.claim;
  absl::Status read;
  const bool loaded = detector_.Load(
      [&](const StateVisitor& visit) {
        if (!restored.rows) return;
        read = restored.rows(
            [&](const StateRow& row) { return near_misses_.Load(row) || visit(row); });
      },
      now);
  if (!read.ok()) return read;
  if (!loaded) {
    return absl::FailedPreconditionError(
        "the state in the store was written by another version, or by more than " +
        std::to_string(kRetiredRulesMax) +
        " detectors that are no longer configured but still have bursts: start that version or "
        "configuration, or move the store away to start over from what Kafka still has");
  }
  counted_ = detector_.counters();
  failures_ = std::make_unique<FailureHistory>(restored.failures);
  detector_.ForEachTicket([this](const Ticket& ticket) { open_bursts_.Note(ticket); });
  return absl::OkStatus();
}

void DetectionFold::Apply(const Signal& signal, const ParsedMessage& message, EventTime now,
                          FoldMetrics& metrics) {
  const Outcome outcome = detector_.Apply(signal, message, now);
  if (signal.is_risk_event()) return;
  if (!outcome.duplicate && metrics.IsWatched(signal)) {
    failures_->Count(signal.event_time, signal.code);
  }
  metrics.CountDetected(signal, message, outcome, now);
}

void DetectionFold::AdvanceTo(EventTime watermark, EventTime now) {
  if (watermark <= detector_.watermark()) return;
  detector_.AdvanceTo(watermark, now);
  for (NearMiss& miss : detector_.TakeNearMisses()) {
    work_.commit.state.push_back(near_misses_.Add(std::move(miss)));
  }
  changed_ = true;
}

void DetectionFold::TakeRevisions(EventTime watermark, EventTime broker_time, EventTime now,
                                  FoldMetrics& metrics) {
  detector_.AdvanceTo(watermark, now);
  for (Ticket& ticket : detector_.TakeRevisions()) {
    open_bursts_.Note(ticket);
    metrics.CountRevision(ticket);
    work_.commit.revisions.push_back(
        {.ticket = std::move(ticket), .json = {}, .broker_time = broker_time, .sinks = {}});
    changed_ = true;
  }
}

CommitWork DetectionFold::TakeWork(EventTime now) {
  work_.commit.moment = now;
  detector_.SaveChanges([this](StateRow row) { work_.commit.state.push_back(std::move(row)); });
  work_.commit.failures = failures_->TakeChanged();
  changed_ = false;
  CommitWork work = std::exchange(work_, {});
  work_.claim = work.claim;
  return work;
}

}  // namespace signinwatch::pipeline
