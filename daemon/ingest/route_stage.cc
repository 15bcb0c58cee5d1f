#include "daemon/ingest/route_stage.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "daemon/log/log.h"
#include "daemon/pipeline/source_letters.h"
#include "daemon/signals/partitioner.h"

namespace signinwatch::ingest {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kFilterEntriesMax = 500'000;
constexpr size_t kRejectedBytesMax = size_t{16} << 20;
constexpr seconds kRestartPause{1};
constexpr seconds kTellListEvery{10};
constexpr seconds kTellEvery{1};
// Sooner where watermarks have moved by kTellMoved, so that detect keeps little of what is over.
constexpr milliseconds kTellSoonest{250};
constexpr Duration kTellMoved = seconds(1);
constexpr milliseconds kCommitEvery{200};
constexpr milliseconds kPublishEvery{250};
constexpr milliseconds kDeadLetterTimeout{10'000};
// The word of the brokers comes without waking anybody.
constexpr milliseconds kPollEvery{5};

}  // namespace

RouteStage::RouteStage(RouteParts parts, clock::Instant now)
    : parts_(std::move(parts)),
      output_partitions_(parts_.config.serve.signals.partitions),
      filter_(kFilterEntriesMax),
      busy_(parts_.clock.Steady()) {
  parts_.fold_metrics.Begin(parts_.config.detection, parts_.config.serve.metrics.max_tenants);
  restart_at_ = tell_list_at_ = tell_at_ = tell_soon_at_ = commit_at_ = now.steady;
  LearnAnew(now.wall);
  Publish(now.steady);
}

steps::StepResult RouteStage::Step(clock::Instant now) {
  const bool last = parts_.parse.over();
  parts_.output.Poll();
  if (!down_ && parts_.output.failed()) GoBack(now);
  if (down_ && now.steady >= restart_at_) Restart(now);
  if (!down_) {
    Tell(now);
    CommitSafe(now, last && parts_.output.in_flight() == 0);
  }
  Publish(now.steady);
  if (last && (IsOver() || now.steady >= give_up_at())) return steps::StepResult::Done();
  if (down_) return steps::StepResult::At(std::min(restart_at_, give_up_at()));
  if (!last && parts_.output.HasRoom() && rejected_bytes_ < kRejectedBytesMax) {
    if (std::unique_ptr<pipeline::Batch> batch = parts_.parse.Next()) {
      const steps::BusyMeter::Span span(busy_, parts_.clock);
      Route(*batch, now.wall);
      parts_.parse.Recycle(std::move(batch));
      return steps::StepResult::AtOnce();
    }
  }
  const clock::SteadyTime next = parts_.output.in_flight() > 0 ? now.steady + kPollEvery : tell_at_;
  return steps::StepResult::At(
      std::min({next, std::max(commit_at_, now.steady + kPollEvery), tell_at_}));
}

// All that was read is acknowledged, and the group knows.
bool RouteStage::IsOver() const {
  return !down_ && parts_.output.in_flight() == 0 && rejected_.empty() && all_committed_;
}

void RouteStage::Restart(clock::Instant now) {
  if (const absl::Status status = parts_.output.Restart(); !status.ok()) {
    problem_ = std::string(status.message());
    restart_at_ = now.steady + kRestartPause;
    return;
  }
  down_ = false;
  tell_list_at_ = tell_at_ = now.steady;
}

void RouteStage::GoBack(clock::Instant now) {
  problem_ = std::string(parts_.output.failure().message());
  log::Log(config::LogLevel::kWarning,
           "signals could not be delivered: they are read and sent again", {{"error", problem_}});
  ++rewinds_;
  parts_.metrics.counter(metrics::Metric::kSignalRewinds).Add();
  down_ = true;
  restart_at_ = now.steady + kRestartPause;
  for (kafka::PartitionSlot slot = 0; slot < sending_.size(); ++slot) {
    sending_[slot].last_sent.clear();
    const auto safe = sent_.SafeOf(slot);
    if (!safe) continue;
    sending_[slot].goes_back = true;
    sent_.Start(slot, safe->next_offset, safe->mark);
    parts_.commands.StartAt(slot, safe->next_offset, safe->mark);
  }
  LearnAnew(now.wall);
}

// What is known of event time was learned from messages of which some did not arrive.
void RouteStage::LearnAnew(EventTime now) {
  filter_.Clear();
  table_.emplace(parts_.config.detection.time, std::vector<position::PartitionPosition>(),
                 kBeginningOfTime, now);
  for (const kafka::PartitionEvent& event : known_) table_->Handle(event, now);
}

void RouteStage::Route(pipeline::Batch& batch, EventTime now) {
  const auto update = parts_.metrics.BeginUpdate();
  HandleEvents(batch.input, now);
  for (size_t i = 0; i < batch.input.messages.size(); ++i) RouteMessage(batch, i, now);
  table_->Tick(now);
  parts_.commands.Align(table_->Align());
}

void RouteStage::HandleEvents(const kafka::MessageBatch& input, EventTime now) {
  using Kind = kafka::PartitionEvent::Kind;
  for (const kafka::PartitionEvent& event : input.events) {
    table_->Handle(event, now);
    if (event.kind == Kind::kExists || event.kind == Kind::kAssigned) Learn(event);
    const pipeline::PartitionTable::Partition* partition = table_->FindSlot(event.slot);
    switch (event.kind) {
      case Kind::kAssigned:
        Begin(event);
        break;
      case Kind::kRevoked:
        sent_.End(event.slot);
        Of(event.slot).last_sent.clear();
        Of(event.slot).goes_back = false;
        filter_.Clear();
        break;
      case Kind::kReset:
        // Offsets begin anew, and so do positions: in a log of a greater number.
        Of(event.slot).log = std::max<uint64_t>(
            Of(event.slot).log + 1, std::chrono::floor<seconds>(now.time_since_epoch()).count());
        Of(event.slot).last_sent.clear();
        sent_.Start(event.slot, event.gap_end, 0);
        if (partition != nullptr) parts_.fold_metrics.CountMadeAnew(partition->topic);
        break;
      case Kind::kGap:
      case Kind::kUnreadable:
        (void)sent_.Add(event.slot, event.gap_end, 0);
        if (partition != nullptr) NoteLost(event, *partition);
        break;
      default:
        break;
    }
  }
  if (!input.events.empty()) table_->Tick(now);
}

void RouteStage::Learn(const kafka::PartitionEvent& event) {
  const bool is_known = std::any_of(known_.begin(), known_.end(), [&](const auto& known) {
    return known.topic == event.topic && known.partition == event.partition;
  });
  if (is_known || known_.size() >= signals::kSourcePartitionsMax) return;
  known_.push_back(event);
  known_.back().kind = kafka::PartitionEvent::Kind::kExists;
  list_changed_ = true;
}

void RouteStage::Begin(const kafka::PartitionEvent& event) {
  Of(event.slot).log = std::max(Of(event.slot).log, event.log);
  const auto safe = sent_.SafeOf(event.slot);
  const bool answers = std::exchange(Of(event.slot).goes_back, false);
  // One that goes on where it was has messages under way still.
  if (!safe || answers || event.offset <= safe->next_offset) {
    if (event.offset == kafka::kUnknownOffset) {
      sent_.End(event.slot);
    } else {
      sent_.Start(event.slot, event.offset, event.mark);
    }
  }
  filter_.Clear();
}

void RouteStage::NoteLost(const kafka::PartitionEvent& event,
                          const pipeline::PartitionTable::Partition& partition) {
  if (event.kind == kafka::PartitionEvent::Kind::kGap) {
    parts_.fold_metrics.CountGap(partition.topic, event.gap_end - event.offset);
    return;
  }
  parts_.fold_metrics.CountUnreadable(event.slot, partition.topic, event.reason);
  topics_.NoteUnreadable(partition.topic);
  if (parts_.dead_letters == nullptr) return;
  rejected_bytes_ += sizeof(json::DeadLetter);
  rejected_.push_back(pipeline::UnreadableLetter(event, partition));
}

void RouteStage::RouteMessage(pipeline::Batch& batch, size_t i, EventTime now) {
  const kafka::FetchedMessage& message = batch.input.messages[i];
  const ParsedMessage& parsed = batch.parsed(i);
  const pipeline::PartitionTable::Partition* partition = table_->FindSlot(message.slot);
  Sending& sending = Of(message.slot);
  if (partition == nullptr || sending.goes_back) {
    for (const Reject& reject : parsed.rejects) (void)batch.TakeRejectedBytes(reject);
    return;
  }
  topics_.Note(partition->topic, parsed, batch.shape(i), now);
  parts_.fold_metrics.CountMessage(message.slot, partition->topic, batch.payload_bytes(i), parsed);
  for (const Signal& signal : parsed.signals) {
    if (!signal.is_risk_event()) table_->Observe(message.slot, signal.event_time, now);
    parts_.fold_metrics.CountRecord(signal);
  }
  KeepRejected(batch, i, *partition);
  if (list_changed_) TellSources(now);
  const auto pending = sent_.Add(message.slot, message.offset + 1, message.mark);
  encoder_.Encode(
      {.topic = partition->topic,
       .partition = partition->partition,
       .log = sending.log,
       .offset = message.offset},
      message.broker_time, parsed,
      [&](const Signal& signal) { return filter_.Needs(signal, parsed); }, &encoded_);
  size_t sent = 0;
  for (const signals::EncodedSignals& signals : encoded_) {
    const int32_t to = signals::PartitionOfTenant(signals.tenant, output_partitions_);
    ++pending->messages;
    parts_.output.Send(to, signals.tenant, signals.value, [pending] { --pending->messages; });
    sending.last_sent.resize(static_cast<size_t>(output_partitions_));
    sending.last_sent[static_cast<size_t>(to)] = signals.last;
    sent += signals.signals;
  }
  CountSignals(sent, parsed.signals.size() - sent);
  all_committed_ = false;
  table_->Advance(message.slot, message.offset + 1, message.mark);
}

void RouteStage::CountSignals(size_t sent, size_t unneeded) {
  signals_sent_ += sent;
  signals_unneeded_ += unneeded;
  parts_.metrics.counter(metrics::Metric::kSignals, {"sent"}).Add(static_cast<double>(sent));
  parts_.metrics.counter(metrics::Metric::kSignals, {"unneeded"})
      .Add(static_cast<double>(unneeded));
}

void RouteStage::KeepRejected(pipeline::Batch& batch, size_t i,
                              const pipeline::PartitionTable::Partition& partition) {
  const bool wanted = parts_.dead_letters != nullptr;
  for (json::DeadLetter& letter : pipeline::TakeRejectedLetters(batch, i, partition, wanted)) {
    rejected_bytes_ += pipeline::BytesOf(letter);
    rejected_.push_back(std::move(letter));
  }
}

void RouteStage::Tell(clock::Instant now) {
  if (!parts_.output.HasRoom()) return;
  if (list_changed_ || now.steady >= tell_list_at_) TellSources(now.wall);
  if (now.steady >= tell_list_at_) tell_list_at_ = now.steady + kTellListEvery;
  table_->Tick(now.wall);
  double watermarks_s = 0;
  for (size_t i = 0; i < table_->size(); ++i) {
    watermarks_s += std::chrono::duration<double>(table_->watermark(i).time_since_epoch()).count();
  }
  const bool moved = watermarks_s - told_s_ >= std::chrono::duration<double>(kTellMoved).count();
  if (now.steady < tell_at_ && !(moved && now.steady >= tell_soon_at_)) return;
  told_s_ = watermarks_s;
  tell_at_ = now.steady + kTellEvery;
  tell_soon_at_ = now.steady + kTellSoonest;
  for (int32_t to = 0; to < output_partitions_; ++to) {
    const signals::WatermarksMessage message = WatermarksFor(to, now.wall);
    if (!message.sources.empty())
      parts_.output.Send(to, {}, signals::EncodeWatermarks(message), [] {});
  }
}

signals::WatermarksMessage RouteStage::WatermarksFor(int32_t to, EventTime now) {
  signals::WatermarksMessage message{.wall_time = now, .sources = {}};
  for (size_t i = 0; i < table_->size(); ++i) {
    const pipeline::PartitionTable::Partition& partition = table_->partition(i);
    if (!partition.assigned || partition.next_offset < 0) continue;
    const Sending& sending = Of(partition.slot);
    if (sending.goes_back) continue;
    message.sources.push_back({.topic = partition.topic,
                               .partition = partition.partition,
                               .log = sending.log,
                               .next_offset = partition.next_offset,
                               .last_sent = sending.last_sent.empty()
                                                ? std::nullopt
                                                : sending.last_sent[static_cast<size_t>(to)],
                               .watermark = table_->watermark(i),
                               .at_end = partition.at_end,
                               .idle = table_->idle(i)});
  }
  return message;
}

// Ahead of the first signal of a partition that nobody knew.
void RouteStage::TellSources(EventTime now) {
  if (std::exchange(list_changed_, false)) {
    list_version_ = static_cast<uint64_t>(now.time_since_epoch().count());
  }
  std::map<std::string, int32_t> counts;
  for (const kafka::PartitionEvent& event : known_) {
    counts[event.topic] = std::max(counts[event.topic], event.partition + 1);
  }
  if (counts.empty()) return;
  signals::SourcesMessage message{.version = list_version_, .topics = {}};
  for (const auto& [topic, count] : counts) message.topics.push_back({topic, count});
  const std::string value = signals::EncodeSources(message);
  for (int32_t to = 0; to < output_partitions_; ++to) parts_.output.Send(to, {}, value, [] {});
}

void RouteStage::CommitSafe(clock::Instant now, bool at_once) {
  if (now.steady < commit_at_ && !at_once) return;
  commit_at_ = now.steady + kCommitEvery;
  std::vector<position::PartitionPosition> moved;
  std::vector<std::optional<SentPositions::Position>> next(sending_.size());
  committed_.resize(sending_.size());
  for (size_t i = 0; i < table_->size(); ++i) {
    const pipeline::PartitionTable::Partition& partition = table_->partition(i);
    if (!partition.assigned) continue;
    const auto safe = sent_.SafeOf(partition.slot);
    next[partition.slot] = safe;
    if (!safe || safe == committed_[partition.slot]) continue;
    moved.push_back({.topic = partition.topic,
                     .partition = partition.partition,
                     .next_offset = safe->next_offset,
                     .watermark = table_->watermark(i),
                     .mark = safe->mark,
                     .log = Of(partition.slot).log});
  }
  // They are of messages that may be below these positions.
  if (const absl::Status status = WriteDeadLetters(); !status.ok()) {
    problem_ = "dead letters: " + std::string(status.message());
    commit_at_ = now.steady + kRestartPause;
    return;
  }
  if (parts_.output.failure().ok()) problem_.clear();
  if (!moved.empty()) parts_.commands.Commit(moved);
  committed_ = std::move(next);
  all_committed_ = parts_.output.in_flight() == 0;
}

absl::Status RouteStage::WriteDeadLetters() {
  if (parts_.dead_letters == nullptr || rejected_.empty()) return absl::OkStatus();
  for (; rejected_taken_ < rejected_.size(); ++rejected_taken_) {
    const absl::Status status = parts_.dead_letters->Write(rejected_[rejected_taken_]);
    if (!status.ok()) return status;
  }
  if (absl::Status status = parts_.dead_letters->Flush(kDeadLetterTimeout); !status.ok()) {
    parts_.metrics.counter(metrics::Metric::kDeadLetters, {"failed"}).Add();
    return status;
  }
  parts_.metrics.counter(metrics::Metric::kDeadLetters, {"written"})
      .Add(static_cast<double>(rejected_.size()));
  rejected_.clear();
  rejected_taken_ = rejected_bytes_ = 0;
  return absl::OkStatus();
}

RouteStage::Sending& RouteStage::Of(kafka::PartitionSlot slot) {
  if (slot >= sending_.size()) sending_.resize(slot + 1);
  return sending_[slot];
}

void RouteStage::LimitPatience(clock::SteadyTime until) {
  const std::lock_guard lock(mutex_);
  give_up_at_ = until;
}

clock::SteadyTime RouteStage::give_up_at() const {
  const std::lock_guard lock(mutex_);
  return give_up_at_;
}

void RouteStage::Publish(clock::SteadyTime now) {
  if (now < publish_at_) return;
  publish_at_ = now + kPublishEvery;
  RouteSnapshot next{.watermark = table_->stream_watermark(),
                     .partitions = table_->statuses(),
                     .topics = topics_.statuses(),
                     .totals = parts_.fold_metrics.totals(),
                     .signals_sent = signals_sent_,
                     .signals_unneeded = signals_unneeded_,
                     .rewinds = rewinds_,
                     .in_flight_bytes = parts_.output.in_flight_bytes(),
                     .problem = problem_};
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(next);
}

RouteSnapshot RouteStage::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

}  // namespace signinwatch::ingest
