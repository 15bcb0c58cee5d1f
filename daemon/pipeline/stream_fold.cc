#include "daemon/pipeline/stream_fold.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/log/log.h"
#include "daemon/pipeline/source_letters.h"

namespace signinwatch::pipeline {

StreamFold::StreamFold(const config::Config& config, metrics::Metrics& metrics,
                       FoldMetrics& fold_metrics)
    : config_(config), metrics_(metrics), fold_metrics_(fold_metrics), detection_(config) {}

absl::Status StreamFold::Restore(RestoredState restored, EventTime now) {
  if (absl::Status status = detection_.Restore(restored, now); !status.ok()) return status;
  std::erase_if(restored.positions, [this](const position::PartitionPosition& position) {
    const auto& topics = config_.serve.kafka.topics;
    return std::find(topics.begin(), topics.end(), position.topic) == topics.end();
  });
  partitions_ = std::make_unique<PartitionTable>(config_.detection.time, restored.positions,
                                                 detector().watermark(), now);
  SayWhatWasSetBack();
  fold_metrics_.Begin(config_.detection, config_.serve.metrics.max_tenants);
  return absl::OkStatus();
}

void StreamFold::SayWhatWasSetBack() {
  const bool stream = detector().set_back_from() > Duration(0);
  const size_t partitions = partitions_->set_back();
  if (!stream && partitions == 0) return;
  detection_.NoteChange();
  const auto update = metrics_.BeginUpdate();
  fold_metrics_.CountSetBack((stream ? 1 : 0) + partitions);
  log::Log(config::LogLevel::kWarning,
           "stored watermarks were beyond the wall clock and are set back: it was wrong, or is",
           {{"stream_ahead_s", std::chrono::duration<double>(detector().set_back_from()).count()},
            {"partitions", partitions}});
}

void StreamFold::Apply(Batch& batch, EventTime now) {
  const auto update = metrics_.BeginUpdate();
  HandleEvents(batch.input, now);
  // One that had reached its end may be idle, whatever came of it since.
  if (!batch.input.events.empty()) partitions_->Tick(now);
  for (size_t i = 0; i < batch.input.messages.size(); ++i) ApplyMessage(batch, i, now);
  partitions_->Tick(now);
  AdvanceWatermark(now);
  TakeRevisions(kBeginningOfTime, now);
  detection_.CountDetection(fold_metrics_);
}

void StreamFold::Tick(EventTime now) {
  const auto update = metrics_.BeginUpdate();
  partitions_->Tick(now);
  AdvanceWatermark(now);
  TakeRevisions(kBeginningOfTime, now);
}

void StreamFold::HandleEvents(const kafka::MessageBatch& input, EventTime now) {
  using Kind = kafka::PartitionEvent::Kind;
  for (const kafka::PartitionEvent& event : input.events) {
    partitions_->Handle(event, now);
    if (event.kind == Kind::kExists || event.kind == Kind::kReachedEnd ||
        event.kind == Kind::kUnreachable) {
      continue;
    }
    detection_.NoteChange();
    const PartitionTable::Partition* partition = partitions_->FindSlot(event.slot);
    if (partition == nullptr) continue;
    if (event.kind == Kind::kGap) {
      fold_metrics_.CountGap(partition->topic, event.gap_end - event.offset);
    } else if (event.kind == Kind::kReset) {
      fold_metrics_.CountMadeAnew(partition->topic);
    } else if (event.kind == Kind::kUnreadable) {
      KeepUnreadable(event, *partition);
    }
  }
}

void StreamFold::KeepUnreadable(const kafka::PartitionEvent& event,
                                const PartitionTable::Partition& partition) {
  fold_metrics_.CountUnreadable(event.slot, partition.topic, event.reason);
  topics_.NoteUnreadable(partition.topic);
  if (!keeps_rejected()) return;
  rejected_bytes_ += sizeof(json::DeadLetter);
  detection_.KeepRejected(UnreadableLetter(event, partition));
}

void StreamFold::ApplyMessage(Batch& batch, size_t i, EventTime now) {
  const kafka::FetchedMessage& message = batch.input.messages[i];
  const ParsedMessage& parsed = batch.parsed(i);
  const PartitionTable::Partition* partition = partitions_->FindSlot(message.slot);
  if (partition == nullptr) return;  // the source names a partition before its messages
  topics_.Note(partition->topic, parsed, batch.shape(i), now);
  fold_metrics_.CountMessage(message.slot, partition->topic, batch.payload_bytes(i), parsed);
  for (size_t k = 0; k < parsed.signals.size(); ++k) {
    if (k + Detector::kPrefetchDistance < parsed.signals.size()) {
      detection_.Prefetch(parsed.signals[k + Detector::kPrefetchDistance]);
    }
    ApplySignal(parsed.signals[k], parsed, message.slot, now);
  }
  if (!parsed.rejects.empty()) KeepRejected(batch, i, *partition);
  partitions_->Advance(message.slot, message.offset + 1, message.mark);
  TakeRevisions(message.broker_time, now);
  detection_.NoteChange();
  signals_ += parsed.signals.size();
}

void StreamFold::ApplySignal(const Signal& signal, const ParsedMessage& message,
                             kafka::PartitionSlot slot, EventTime now) {
  // A record is late by the watermark as it was before the record moved it.
  detection_.Apply(signal, message, now, fold_metrics_);
  if (signal.is_risk_event()) return;  // the watermark knows none
  fold_metrics_.CountRecord(signal);
  partitions_->Observe(slot, signal.event_time, now);
  AdvanceWatermark(now);
}

void StreamFold::KeepRejected(Batch& batch, size_t i, const PartitionTable::Partition& partition) {
  for (json::DeadLetter& letter : TakeRejectedLetters(batch, i, partition, keeps_rejected())) {
    rejected_bytes_ += BytesOf(letter);
    detection_.KeepRejected(std::move(letter));
  }
}

void StreamFold::AdvanceWatermark(EventTime now) {
  detection_.AdvanceTo(partitions_->stream_watermark(), now);
}

void StreamFold::TakeRevisions(EventTime broker_time, EventTime now) {
  detection_.TakeRevisions(partitions_->stream_watermark(), broker_time, now, fold_metrics_);
}

CommitWork StreamFold::TakeWork(EventTime now) {
  CommitWork work = detection_.TakeWork(now);
  work.commit.positions = partitions_->TakeMoved();
  signals_ = 0;
  rejected_bytes_ = 0;
  return work;
}

std::vector<CommitWork> StreamFold::TakeWorks(EventTime now, bool /*all*/) {
  std::vector<CommitWork> works;
  works.push_back(TakeWork(now));
  return works;
}

FoldSnapshot StreamFold::Look() const {
  return {.watermark = partitions_->stream_watermark(),
          .partitions = partitions_->statuses(),
          .topics = topics_.statuses(),
          .totals = fold_metrics_.totals(),
          .detection = detector().counters(),
          .sizes = {},
          .failures = failures().All(),
          .open_bursts = open_bursts().counts(),
          .near_misses = near_misses().All(),
          .tenants_other = fold_metrics_.tenants_other()};
}

}  // namespace signinwatch::pipeline
