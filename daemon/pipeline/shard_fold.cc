#include "daemon/pipeline/shard_fold.h"

#include <string>
#include <utility>
#include <vector>

namespace signinwatch::pipeline {
namespace {

// Rows of the shard's own beside the detector's, whose kinds are other letters
// (detectors/state_row.h).
constexpr char kInputRow = 'w';

}  // namespace

ShardFold::ShardFold(const config::Config& config, store::Shard shard)
    : config_(config), detection_(config), input_(config.detection.time) {
  position_.topic = config.serve.signals.topic;
  position_.partition = shard;
}

absl::StatusOr<std::unique_ptr<ShardFold>> ShardFold::Load(const config::Config& config,
                                                           store::StateStore& store,
                                                           store::Shard shard, EventTime now) {
  const absl::StatusOr<store::ShardClaim> claim = store.Claim(shard);
  if (!claim.ok()) return claim.status();
  std::unique_ptr<ShardFold> fold(new ShardFold(config, shard));
  if (absl::Status status = fold->Restore(store, *claim, now); !status.ok()) return status;
  return fold;
}

absl::Status ShardFold::Restore(store::StateStore& store, const store::ShardClaim& claim,
                                EventTime now) {
  RestoredState restored{.claim = claim, .rows = {}, .positions = {}, .failures = {}};
  absl::Status status = store.LoadPositions(claim, &restored.positions);
  if (status.ok()) status = store.LoadFailures(claim, kBeginningOfTime, &restored.failures);
  if (!status.ok()) return status;
  for (const position::PartitionPosition& position : restored.positions) {
    if (position.topic == position_.topic && position.partition == position_.partition) {
      position_ = position;
    }
  }
  bool whole = true;
  restored.rows = [&](const StateVisitor& visit) {
    return store.LoadState(claim, kStateHead, [&](const StateRow& row) {
      if (row.key.empty() || row.key[0] != kInputRow) return visit(row);
      whole = whole && RestoreInput(row);
      return whole;
    });
  };
  status = detection_.Restore(restored, now);
  if (!status.ok()) return status;
  if (!whole) return absl::DataLossError("what is known of the input's partitions is damaged");
  set_back_ = input_.Restored(detection_.detector().watermark(), now) +
              (detection_.detector().set_back_from() > Duration(0) ? 1 : 0);
  if (set_back_ > 0) detection_.NoteChange();
  return absl::OkStatus();
}

bool ShardFold::RestoreInput(const StateRow& row) {
  const std::optional<std::string_view> value = CheckedValue(row);
  return value.has_value() && input_.Restore(std::string_view(row.key).substr(1), *value);
}

absl::Status ShardFold::Apply(const Batch& batch, size_t i, EventTime now, FoldMetrics& metrics) {
  const kafka::FetchedMessage& message = batch.input.messages[i];
  const DecodedMessage& decoded = batch.decoded(i);
  switch (decoded.kind) {
    case signals::Decoded::kSignals:
      ApplySignals(decoded.signals, now, metrics);
      break;
    case signals::Decoded::kWatermarks:
      input_.Hear(decoded.watermarks);
      break;
    case signals::Decoded::kSources:
      input_.Hear(decoded.sources);
      break;
    case signals::Decoded::kMalformed:
      KeepMalformed(decoded.malformed, message.offset);
      break;
    case signals::Decoded::kNewer:
      return absl::FailedPreconditionError(
          "topic " + position_.topic + ", partition " + std::to_string(position_.partition) +
          ", offset " + std::to_string(message.offset) +
          " was written by a later version: update the instances of role detect before those of "
          "role ingest");
  }
  metrics.CountSignalMessage(message.slot, position_.topic, batch.payload_bytes(i));
  position_.next_offset = message.offset + 1;
  position_.mark = message.mark;
  detection_.AdvanceTo(input_.stream_watermark(), now);
  const bool caused = decoded.kind == signals::Decoded::kSignals;
  detection_.TakeRevisions(input_.stream_watermark(),
                           caused ? decoded.signals.broker_time : kBeginningOfTime, now, metrics);
  detection_.NoteChange();
  return absl::OkStatus();
}

void ShardFold::ApplySignals(const signals::SignalsMessage& message, EventTime now,
                             FoldMetrics& metrics) {
  const std::vector<Signal>& signals = message.parsed.signals;
  const std::optional<size_t> first = input_.Take(message.origin, message.indices);
  for (size_t k = first.value_or(signals.size()); k < signals.size(); ++k) {
    if (k + Detector::kPrefetchDistance < signals.size()) {
      detection_.Prefetch(signals[k + Detector::kPrefetchDistance]);
    }
    detection_.Apply(signals[k], message.parsed, now, metrics);
    ++signals_;
  }
}

void ShardFold::KeepMalformed(const std::string& bytes, int64_t offset) {
  rejected_bytes_ += sizeof(json::DeadLetter) + bytes.size();
  detection_.KeepRejected({.reason = kMalformedSignals,
                           .detail = "",
                           .source = position_.topic,
                           .partition = static_cast<uint64_t>(position_.partition),
                           .position = static_cast<uint64_t>(offset),
                           .payload = bytes});
}

void ShardFold::SkipTo(int64_t offset) {
  position_.next_offset = offset;
  position_.mark = 0;  // what stands before it was not read, or is of another log
  detection_.NoteChange();
}

void ShardFold::Tick(EventTime now, FoldMetrics& metrics) {
  detection_.TakeRevisions(input_.stream_watermark(), kBeginningOfTime, now, metrics);
}

CommitWork ShardFold::TakeWork(EventTime now) {
  CommitWork work = detection_.TakeWork(now);
  input_.SaveChanges([&work](std::string key, std::string value) {
    work.commit.state.push_back(CheckedRow(kInputRow + std::move(key), std::move(value)));
  });
  position_.watermark = input_.stream_watermark();
  work.commit.positions.push_back(position_);
  signals_ = 0;
  rejected_bytes_ = 0;
  return work;
}

}  // namespace signinwatch::pipeline
