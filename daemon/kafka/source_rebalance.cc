// Partitions come and go.
#include <algorithm>
#include <map>
#include <utility>

#include "daemon/kafka/kafka_source_impl.h"
#include "daemon/log/log.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;
using Kind = PartitionEvent::Kind;

// Where a log begins and ends is asked when partitions are assigned: each, and all together.
constexpr milliseconds kQueryTimeout{3'000};
constexpr milliseconds kQueryTimeoutAll{10'000};

}  // namespace

void KafkaSource::OnRebalance(rd_kafka_t* /*client*/, rd_kafka_resp_err_t kind,
                              rd_kafka_topic_partition_list_t* list, void* opaque) {
  KafkaSource* self = Self(opaque);
  self->rebalanced_at_ = self->clock_.Steady();
  self->Move(MembershipInput::kAssignment);
  if (kind == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    self->Assign(list);
  } else {
    self->Revoke(list);
  }
}

void KafkaSource::Assign(rd_kafka_topic_partition_list_t* list) {
  const std::span elements(list->elems, static_cast<size_t>(list->cnt));
  std::map<std::string, bool> known;  // topics that were known before this assignment
  for (const auto& element : elements) {
    known.try_emplace(element.topic, partitions_.IsKnown(element.topic));
  }
  // These are told as assigned.
  for (const auto& element : elements) partitions_.Get(element.topic, element.partition);
  // A source that is closed has only to take over and give back.
  const bool closed = IsClosed(membership_);
  const auto deadline = clock_.Steady() + (closed ? milliseconds(0) : kQueryTimeoutAll);
  for (const auto& [topic, count] :
       CountPartitions(client_, closed ? milliseconds(0) : kQueryTimeout)) {
    NoteExisting(topic, count);
  }
  for (auto& element : elements) {
    SourcePartition& p = partitions_.Get(element.topic, element.partition);
    const bool from_beginning =
        known[p.topic] || options_.config.start == KafkaSourceConfig::Start::kEarliest;
    if (p.next == kUnknownOffset) p.next = QueryStart(p, from_beginning, deadline);
    element.offset = p.BeginFetching()          ? p.next - 1
                     : p.next != kUnknownOffset ? p.next
                     : from_beginning           ? RD_KAFKA_OFFSET_BEGINNING
                                                : RD_KAFKA_OFFSET_END;
    p.paused = false;
    p.unanswered = p.silent = 0;
    Forward(p);
    Move(p, PartitionInput::kAssigned);
    Log(LogLevel::kInfo, "partition assigned",
        {{"topic", p.topic}, {"partition", p.id}, {"offset", p.next}});
  }
  if (std::string_view(rd_kafka_rebalance_protocol(client_)) == "COOPERATIVE") {
    NoteAssignError(rd_kafka_incremental_assign(client_, list));
  } else if (rd_kafka_assign(client_, list) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    context_->NoteError("partitions could not be assigned");
  }
  const std::lock_guard lock(facts_mutex_);
  ++facts_.rebalances;
}

void KafkaSource::Revoke(rd_kafka_topic_partition_list_t* list) {
  std::vector<PartitionSlot> revoked;
  for (const auto& element : std::span(list->elems, static_cast<size_t>(list->cnt))) {
    if (SourcePartition* p = partitions_.Find(element.topic, element.partition); p != nullptr) {
      revoked.push_back(p->slot);
    }
  }
  // The client would keep them paused for the next time.
  Resume(revoked);
  for (const PartitionSlot slot : revoked) {
    SourcePartition& p = *partitions_.Find(slot);
    if (p.held != nullptr) {
      p.held.reset();
      --held_;
    }
    commits_.Forget(p.topic, p.id);
    Move(p, PartitionInput::kRevoked);
    Log(LogLevel::kInfo, "partition revoked", {{"topic", p.topic}, {"partition", p.id}});
  }
  if (std::string_view(rd_kafka_rebalance_protocol(client_)) == "COOPERATIVE") {
    NoteAssignError(rd_kafka_incremental_unassign(client_, list));
  } else if (rd_kafka_assign(client_, nullptr) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    context_->NoteError("partitions could not be given back");
  }
}

void KafkaSource::NoteExisting(std::string_view topic, int32_t count) {
  for (int32_t id = 0; id < count; ++id) {
    if (partitions_.Find(topic, id) != nullptr) continue;
    NoteEvent(Kind::kExists, partitions_.Get(topic, id), kUnknownOffset);
  }
}

void KafkaSource::NoteAssignError(rd_kafka_error_t* error) {
  const ErrorHandle handle(error);
  if (handle == nullptr) return;
  context_->NoteError(rd_kafka_error_string(handle.get()));
  Log(LogLevel::kError, "partitions could not be taken over", {{"error", context_->last_error()}});
}

void KafkaSource::Forward(const SourcePartition& p) {
  const QueueHandle queue(rd_kafka_queue_get_partition(client_, p.topic.c_str(), p.id));
  if (queue != nullptr) rd_kafka_queue_forward(queue.get(), messages_.get());
}

int64_t KafkaSource::QueryStart(const SourcePartition& p, bool from_beginning,
                                SteadyTime deadline) {
  const auto left = std::min<SteadyTime::duration>(deadline - clock_.Steady(), kQueryTimeout);
  int64_t start = 0, end = 0;
  if (left <= SteadyTime::duration::zero() ||
      rd_kafka_query_watermark_offsets(client_, p.topic.c_str(), p.id, &start, &end,
                                       ClientMilliseconds(left)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return kUnknownOffset;
  }
  return from_beginning ? start : end;
}

PartitionListHandle KafkaSource::ListOf(std::span<const PartitionSlot> slots, bool paused) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(slots.size())));
  for (const PartitionSlot slot : slots) {
    const SourcePartition* p = partitions_.Find(slot);
    if (p == nullptr || !p->assigned() || p->paused != paused) continue;
    rd_kafka_topic_partition_list_add(list.get(), p->topic.c_str(), p->id);
  }
  return list;
}

void KafkaSource::Pause(std::span<const PartitionSlot> slots) {
  const PartitionListHandle list = ListOf(slots, false);
  if (list->cnt == 0) return;
  rd_kafka_pause_partitions(client_, list.get());
  for (const PartitionSlot slot : slots) {
    if (SourcePartition* p = partitions_.Find(slot); p != nullptr && p->assigned()) {
      p->paused = true;
      p->paused_end = kUnknownOffset;
    }
  }
}

// A partition that is not paused must not be resumed: releases before 2.4 then fetch it from where
// it was assigned on.
void KafkaSource::Resume(std::span<const PartitionSlot> slots) {
  const PartitionListHandle list = ListOf(slots, true);
  if (list->cnt == 0) return;
  rd_kafka_resume_partitions(client_, list.get());
  for (const PartitionSlot slot : slots) {
    if (SourcePartition* p = partitions_.Find(slot); p != nullptr) p->paused = false;
  }
  waker_.Wake(client_);
}

}  // namespace signinwatch
