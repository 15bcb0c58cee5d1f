#include "daemon/pipeline/stream_fold.h"

#include <algorithm>
#include <string>
#include <utility>

#include "daemon/log/log.h"

namespace signinwatch {
namespace {}  // namespace

StreamFold::StreamFold(const Config& config, Metrics& metrics, FoldMetrics& fold_metrics)
    : config_(config), metrics_(metrics), fold_metrics_(fold_metrics), detector_(config.detection) {
  for (const BurstRule& rule : config.detection.rules) {
    watched_codes_.insert(rule.codes.begin(), rule.codes.end());
  }
}

absl::Status StreamFold::Restore(RestoredState restored, EventTime now) {
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
  std::erase_if(restored.positions, [this](const PartitionPosition& position) {
    const auto& topics = config_.serve.kafka.topics;
    return std::find(topics.begin(), topics.end(), position.topic) == topics.end();
  });
  partitions_ = std::make_unique<PartitionTable>(config_.detection.time, restored.positions,
                                                 detector_.watermark(), now);
  SayWhatWasSetBack();
  failures_ = std::make_unique<FailureHistory>(restored.failures);
  fold_metrics_.Begin(config_.detection, config_.serve.metrics.max_tenants, detector_.counters());
  detector_.ForEachTicket([this](const Ticket& ticket) { open_bursts_.Note(ticket); });
  return absl::OkStatus();
}

void StreamFold::SayWhatWasSetBack() {
  const bool stream = detector_.set_back_from() > Duration(0);
  const size_t partitions = partitions_->set_back();
  changed_ = stream || partitions > 0;
  if (!changed_) return;
  const auto update = metrics_.BeginUpdate();
  fold_metrics_.CountSetBack((stream ? 1 : 0) + partitions);
  Log(LogLevel::kWarning,
      "stored watermarks were beyond the wall clock and are set back: it was wrong, or is",
      {{"stream_ahead_s", std::chrono::duration<double>(detector_.set_back_from()).count()},
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
  fold_metrics_.CountDetection(detector_.counters());
}

void StreamFold::Tick(EventTime now) {
  const auto update = metrics_.BeginUpdate();
  partitions_->Tick(now);
  AdvanceWatermark(now);
  TakeRevisions(kBeginningOfTime, now);
}

void StreamFold::HandleEvents(const MessageBatch& input, EventTime now) {
  using Kind = PartitionEvent::Kind;
  for (const PartitionEvent& event : input.events) {
    partitions_->Handle(event, now);
    if (event.kind == Kind::kExists || event.kind == Kind::kReachedEnd ||
        event.kind == Kind::kUnreachable) {
      continue;
    }
    changed_ = true;
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

void StreamFold::KeepUnreadable(const PartitionEvent& event,
                                const PartitionTable::Partition& partition) {
  fold_metrics_.CountUnreadable(event.slot, partition.topic, event.reason);
  topics_.NoteUnreadable(partition.topic);
  if (!keeps_rejected()) return;
  rejected_bytes_ += sizeof(DeadLetter);
  work_.rejected.push_back({.reason = kUnreadableRecord,
                            .detail = "offsets " + std::to_string(event.offset) + " to " +
                                      std::to_string(event.gap_end - 1) + ": " +
                                      UnreadableReasonName(event.reason),
                            .source = partition.topic,
                            .partition = static_cast<uint64_t>(partition.partition),
                            .position = static_cast<uint64_t>(event.offset),
                            .payload = {}});
}

void StreamFold::ApplyMessage(Batch& batch, size_t i, EventTime now) {
  const FetchedMessage& message = batch.input.messages[i];
  const ParsedMessage& parsed = batch.parsed(i);
  const PartitionTable::Partition* partition = partitions_->FindSlot(message.slot);
  if (partition == nullptr) return;  // the source names a partition before its messages
  topics_.Note(partition->topic, parsed, batch.shape(i), now);
  fold_metrics_.CountMessage(message.slot, partition->topic, batch.payload_bytes(i), parsed);
  for (size_t k = 0; k < parsed.signals.size(); ++k) {
    if (k + Detector::kPrefetchDistance < parsed.signals.size()) {
      detector_.Prefetch(parsed.signals[k + Detector::kPrefetchDistance]);
    }
    ApplySignal(parsed.signals[k], parsed, message.slot, now);
  }
  if (!parsed.rejects.empty()) KeepRejected(batch, i, *partition);
  partitions_->Advance(message.slot, message.offset + 1, message.mark);
  TakeRevisions(message.broker_time, now);
  changed_ = true;
  signals_ += parsed.signals.size();
}

void StreamFold::ApplySignal(const Signal& signal, const ParsedMessage& message, PartitionSlot slot,
                             EventTime now) {
  // A record is late by the watermark as it was before the record moved it.
  const Outcome outcome = detector_.Apply(signal, message, now);
  if (signal.is_risk_event()) return;  // the watermark knows none
  partitions_->Observe(slot, signal.event_time, now);
  AdvanceWatermark(now);
  const bool watched =
      !signal.is_audit() && !signal.is_success() && watched_codes_.contains(signal.code);
  if (watched && !outcome.duplicate) failures_->Count(signal.event_time, signal.code);
  fold_metrics_.CountSignal(signal, message, outcome, now, watched);
}

void StreamFold::KeepRejected(Batch& batch, size_t i, const PartitionTable::Partition& partition) {
  for (const Reject& reject : batch.parsed(i).rejects) {
    const std::string_view bytes = batch.TakeRejectedBytes(reject);
    if (!keeps_rejected()) continue;
    rejected_bytes_ += sizeof(DeadLetter) + bytes.size();
    work_.rejected.push_back({.reason = RejectReasonName(reject.reason),
                              .detail = RejectDetail(reject),
                              .source = partition.topic,
                              .partition = static_cast<uint64_t>(partition.partition),
                              .position = static_cast<uint64_t>(batch.input.messages[i].offset),
                              .payload = std::string(bytes)});
  }
}

void StreamFold::AdvanceWatermark(EventTime now) {
  if (partitions_->stream_watermark() <= detector_.watermark()) return;
  detector_.AdvanceTo(partitions_->stream_watermark(), now);
  for (NearMiss& miss : detector_.TakeNearMisses()) {
    work_.commit.state.push_back(near_misses_.Add(std::move(miss)));
  }
  changed_ = true;
}

void StreamFold::TakeRevisions(EventTime broker_time, EventTime now) {
  // Also where the watermark stands: tickets are reviewed by the wall clock.
  detector_.AdvanceTo(partitions_->stream_watermark(), now);
  for (Ticket& ticket : detector_.TakeRevisions()) {
    open_bursts_.Note(ticket);
    fold_metrics_.CountRevision(ticket);
    work_.commit.revisions.push_back(
        {.ticket = std::move(ticket), .json = {}, .broker_time = broker_time, .sinks = {}});
    changed_ = true;
  }
}

CommitWork StreamFold::TakeWork(EventTime now) {
  work_.commit.moment = now;
  detector_.SaveChanges([this](StateRow row) { work_.commit.state.push_back(std::move(row)); });
  work_.commit.positions = partitions_->TakeMoved();
  work_.commit.failures = failures_->TakeChanged();
  changed_ = false;
  signals_ = 0;
  rejected_bytes_ = 0;
  CommitWork work = std::exchange(work_, {});
  work_.claim = work.claim;
  return work;
}

}  // namespace signinwatch
