// What the client hands over, against what is expected next.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/kafka/kafka_source_impl.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {
namespace {

using std::chrono::milliseconds;
using Kind = PartitionEvent::Kind;

// Repeated messages are dropped up to this many; more are skipped by a seek, which costs a fetch.
constexpr int64_t kRepeatedMax = 100;

}  // namespace

EventTime BrokerTimeOf(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const int64_t ms = rd_kafka_message_timestamp(&message, &type);
  // Producers write what they like; beyond what microseconds can hold it is none either.
  constexpr milliseconds kLatest = std::chrono::floor<milliseconds>(kEndOfTime.time_since_epoch());
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0 || ms >= kLatest.count())
    return kEndOfTime;
  return EventTime(milliseconds(ms));
}

void KafkaSource::TakeMessages(milliseconds timeout, MessageBatch* batch) {
  if (held_ > 0) {
    for (SourcePartition& p : partitions_) {
      if (p.held == nullptr || p.paused) continue;
      --held_;
      Append(p, std::move(p.held), batch);
    }
  }
  int wait = batch->messages.empty() ? ClientMilliseconds(timeout) : 0;
  while (batch->messages.size() < options_.batch_messages_max &&
         batch->bytes < options_.batch_bytes_max) {
    MessageHandle message(rd_kafka_consume_queue(messages_.get(), wait));
    wait = 0;
    if (message == nullptr) ran_dry_ = true;
    if (message == nullptr || !TakeMessage(std::move(message), batch)) return;
  }
}

bool KafkaSource::TakeMessage(MessageHandle message, MessageBatch* batch) {
  SourcePartition* p = partitions_.Find(rd_kafka_topic_name(message->rkt), message->partition);
  if (p == nullptr || !p->assigned()) return true;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return TakeError(*message, p);
  p->silent = 0;
  if (p->unreadable() != nullptr &&
      !Proceed(*p, p->unreadable()->OnReadable(message->offset), message->offset)) {
    return true;
  }
  if (p->is_compared() && Compare(*p, *message)) return true;
  const OffsetStep step = StepTo(*p, message->offset);
  if (step == OffsetStep::kRepeated) return true;
  if (MustStop()) {
    if (!batch->messages.empty()) {
      p->held = std::move(message);
      ++held_;
      return false;
    }
    FlushEvents(batch);
  }
  Append(*p, std::move(message), batch);
  return true;
}

void KafkaSource::Append(SourcePartition& p, MessageHandle message, MessageBatch* batch) {
  p.next = message->offset + 1;
  p.mark = kNoMark;
  p.last_taken = batch->messages.size();
  if (!std::exchange(p.taken, true)) taken_of_.push_back(p.slot);
  Move(p, PartitionInput::kMessage);
  batch->bytes += message->len;
  batch->messages.push_back({.payload = {static_cast<const char*>(message->payload), message->len},
                             .slot = p.slot,
                             .offset = message->offset,
                             .broker_time = BrokerTimeOf(*message),
                             .handle = message.get()});
  (void)message.release();  // the batch's now
}

bool KafkaSource::TakeError(const rd_kafka_message_t& message, SourcePartition* p) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    return p == nullptr || ReachEnd(*p, message.offset);
  }
  const std::string text =
      absl::StrCat(rd_kafka_err2name(message.err), ": ", rd_kafka_message_errstr(&message));
  context_->NoteError(text);
  const auto reason = p == nullptr ? std::nullopt : ReasonOf(message.err);
  if (reason.has_value()) {
    // Its own errors name the batch; the broker's come with where it was fetched from.
    const bool names_batch = message.err < RD_KAFKA_RESP_ERR_UNKNOWN;
    TakeUnreadable(*p, *reason, text, names_batch ? message.offset : kUnknownOffset);
    return true;
  }
  log::Log(config::LogLevel::kWarning, "kafka consumer error", {{"error", text}});
  return true;
}

void KafkaSource::SeeEnds(MessageBatch* batch) {
  for (const PartitionSlot slot : taken_of_) {
    SourcePartition& p = *partitions_.Find(slot);
    p.taken = false;
    FetchedMessage& last = batch->messages[p.last_taken];
    last.mark = MarkOf(last.payload, last.broker_time);
    if (p.next == last.offset + 1) p.mark = last.mark;
    int64_t start = kUnknownOffset, end = kUnknownOffset;
    rd_kafka_get_watermark_offsets(client_, p.topic.c_str(), p.id, &start, &end);
    // What is known of a broker that is out of reach is old.
    const bool reads =
        p.state == PartitionState::kReading && std::holds_alternative<Onward>(p.fetching);
    if (reads && end == p.next) (void)ReachEnd(p, end);
  }
  taken_of_.clear();
}

bool KafkaSource::ReachEnd(SourcePartition& p, int64_t offset) {
  if (p.state == PartitionState::kAtEnd && offset == p.next) return true;  // told
  if (p.state == PartitionState::kOutOfReach) {
    Move(p, PartitionInput::kEnd);
    return true;
  }
  p.silent = 0;
  if (p.unreadable() != nullptr && !Proceed(p, p.unreadable()->OnReadable(offset), offset)) {
    return true;
  }
  if (p.is_compared()) {
    p.fetching = Onward{};
    if (offset < p.next) {
      StartAnew(p);  // there is less than what was read
      return true;
    }
  }
  const OffsetStep step = StepTo(p, offset);
  if (step == OffsetStep::kRepeated) return true;
  context_->NoteSuccess();
  Move(p, PartitionInput::kEnd);
  return !MustStop();
}

OffsetStep KafkaSource::StepTo(SourcePartition& p, int64_t offset) {
  if (offset == p.next) return OffsetStep::kExpected;
  int64_t start = kUnknownOffset, end = kUnknownOffset;
  rd_kafka_get_watermark_offsets(client_, p.topic.c_str(), p.id, &start, &end);
  const OffsetStep step = ClassifyOffset(p.next, offset, std::max(start, kUnknownOffset),
                                         std::max(end, kUnknownOffset));
  switch (step) {
    case OffsetStep::kExpected:
    case OffsetStep::kSkipped:
      break;
    case OffsetStep::kRepeated:
      if (p.next - offset > kRepeatedMax) Seek(p);
      return step;
    case OffsetStep::kFirst:
      NoteEvent(Kind::kRevoked, p, p.next);
      NoteEvent(Kind::kAssigned, p, offset);
      break;
    case OffsetStep::kGap:
      NoteEvent(Kind::kGap, p, p.next, std::min(start, offset));
      log::Log(config::LogLevel::kWarning, "messages expired before they were read",
               {{"topic", p.topic}, {"partition", p.id}, {"from", p.next}, {"to", offset}});
      break;
    case OffsetStep::kReset:
      NoteEvent(Kind::kReset, p, p.next, offset);
      log::Log(config::LogLevel::kWarning,
               "the topic is shorter than what was read of it: it was recreated",
               {{"topic", p.topic}, {"partition", p.id}, {"was", p.next}, {"now", offset}});
      break;
  }
  p.next = offset;
  p.mark = kNoMark;
  return step;
}

// The client fetches from the next offset on; what it has fetched of the partition is dropped.
void KafkaSource::Seek(SourcePartition& p) {
  if (p.next != kUnknownOffset) SeekTo(p, p.next);
}

void KafkaSource::SeekTo(SourcePartition& p, int64_t offset) {
  DropHeld(p);
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.id)->offset = offset;
  constexpr int kSeekMs = 5'000;
  const ErrorHandle error(rd_kafka_seek_partitions(client_, list.get(), kSeekMs));
  if (error != nullptr) context_->NoteError(rd_kafka_error_string(error.get()));
}

void KafkaSource::FetchAgain(SourcePartition& p) {
  if (p.BeginFetching()) {
    SeekTo(p, p.next - 1);
  } else {
    Seek(p);
  }
}

void KafkaSource::Move(SourcePartition& p, PartitionInput input) {
  const PartitionTransition transition = NextState(p.state, input);
  p.state = transition.to;
  if (transition.tell.has_value()) NoteEvent(*transition.tell, p, p.next);
  if (transition.fetch_again) FetchAgain(p);
}

void KafkaSource::NoteEvent(Kind kind, const SourcePartition& p, int64_t offset, int64_t gap_end) {
  events_.push_back({.kind = kind,
                     .slot = p.slot,
                     .offset = offset,
                     .gap_end = gap_end,
                     .topic = p.topic,
                     .partition = p.id,
                     .mark = kind == Kind::kAssigned ? p.mark : kNoMark,
                     .log = p.log});
}

bool KafkaSource::MustStop() const {
  return std::any_of(events_.begin(), events_.end(),
                     [](const PartitionEvent& event) { return event.kind != Kind::kReachedEnd; });
}

void KafkaSource::FlushEvents(MessageBatch* batch) {
  for (PartitionEvent& event : events_) {
    const SourcePartition& p = *partitions_.Find(event.slot);
    const bool outdated = event.kind == Kind::kReachedEnd &&
                          !(p.state == PartitionState::kAtEnd && p.next == event.offset);
    if (!outdated) batch->events.push_back(std::move(event));
  }
  events_.clear();
}

}  // namespace signinwatch::kafka
