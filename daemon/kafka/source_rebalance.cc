// Partitions come and go.
#include <algorithm>
#include <map>
#include <utility>

#include "daemon/kafka/commit_note.h"
#include "daemon/kafka/kafka_source_impl.h"
#include "daemon/log/log.h"

namespace signinwatch::kafka {
namespace {

using std::chrono::milliseconds;
using Kind = PartitionEvent::Kind;

// Where a log begins and ends is asked when partitions are assigned: each, and all together.
constexpr milliseconds kQueryTimeout{3'000};
constexpr milliseconds kQueryTimeoutAll{10'000};
// Others start from what is committed by then.
constexpr milliseconds kCommitBeforeRebalance{1'000};

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
  const std::vector<PartitionSlot> offered = PlaceAll(list);
  if (std::string_view(rd_kafka_rebalance_protocol(client_)) == "COOPERATIVE") {
    NoteAssignError(rd_kafka_incremental_assign(client_, list));
  } else if (rd_kafka_assign(client_, list) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    context_->NoteError("partitions could not be assigned");
  }
  PauseOffered(offered);
  suspended_ = false;
  for (SourcePartition& p : partitions_) {
    if (std::exchange(p.suspended, false)) GiveUp(p);  // it did not come back
  }
  const std::lock_guard lock(facts_mutex_);
  ++facts_.rebalances;
}

std::vector<PartitionSlot> KafkaSource::PlaceAll(rd_kafka_topic_partition_list_t* list) {
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
  const auto counts = CountPartitions(client_, closed ? milliseconds(0) : kQueryTimeout);
  for (const auto& [topic, count] : counts) NoteExisting(topic, count);
  if (options_.starts_by == StartsBy::kGroup) UseCommitted(elements, counts, deadline, &known);
  std::vector<PartitionSlot> offered;
  for (auto& element : elements) {
    Place(element, known[element.topic], deadline);
    const SourcePartition& p = *partitions_.Find(element.topic, element.partition);
    if (p.state == PartitionState::kWaiting) offered.push_back(p.slot);
  }
  return offered;
}

void KafkaSource::Place(rd_kafka_topic_partition_t& element, bool topic_is_known,
                        clock::SteadyTime deadline) {
  SourcePartition& p = *partitions_.Find(element.topic, element.partition);
  const bool goes_on = std::exchange(p.suspended, false) && IsAssigned(p.state);
  p.paused = false;
  p.unanswered = p.silent = 0;
  Forward(p);
  if (options_.starts_by == StartsBy::kTold && !goes_on) {
    // Paused before anything of it is wanted. Not the end: were that found out late, it would take
    // the place of what StartAt says.
    element.offset = 0;
    Move(p, PartitionInput::kOffered);
    log::Log(config::LogLevel::kInfo, "partition offered",
             {{"topic", p.topic}, {"partition", p.id}});
    return;
  }
  const bool from_beginning =
      topic_is_known || options_.config.start == config::KafkaSourceConfig::Start::kEarliest;
  const bool left_to_client = std::exchange(p.left_to_client, false);
  if (p.next == kUnknownOffset && !left_to_client) {
    p.next = QueryStart(p, from_beginning, deadline);
  }
  element.offset = p.BeginFetching()          ? p.next - 1
                   : p.next != kUnknownOffset ? p.next
                   : left_to_client           ? RD_KAFKA_OFFSET_STORED
                   : from_beginning           ? RD_KAFKA_OFFSET_BEGINNING
                                              : RD_KAFKA_OFFSET_END;
  Move(p, PartitionInput::kAssigned);
  log::Log(config::LogLevel::kInfo, "partition assigned",
           {{"topic", p.topic}, {"partition", p.id}, {"offset", p.next}});
}

void KafkaSource::UseCommitted(std::span<const rd_kafka_topic_partition_t> elements,
                               const std::map<std::string, int32_t>& counts,
                               clock::SteadyTime deadline, std::map<std::string, bool>* known) {
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(0));
  for (const auto& [topic, count] : counts) {
    for (int32_t id = 0; id < count; ++id) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), id);
    }
  }
  for (const auto& element : elements) {
    if (rd_kafka_topic_partition_list_find(list.get(), element.topic, element.partition) == nullptr)
      rd_kafka_topic_partition_list_add(list.get(), element.topic, element.partition);
  }
  const rd_kafka_resp_err_t error =
      rd_kafka_committed(client_, list.get(), ClientMilliseconds(deadline - clock_.Steady()));
  const std::span committed(list->elems, static_cast<size_t>(list->cnt));
  const auto is_answered = [error](const rd_kafka_topic_partition_t& each) {
    return error == RD_KAFKA_RESP_ERR_NO_ERROR && each.err == RD_KAFKA_RESP_ERR_NO_ERROR;
  };
  for (const auto& each : committed) {
    if (is_answered(each) && each.offset >= 0) (*known)[each.topic] = true;
  }
  for (auto& element : elements) {
    SourcePartition& p = *partitions_.Find(element.topic, element.partition);
    if (p.suspended) continue;  // it goes on
    const auto* found =
        rd_kafka_topic_partition_list_find(list.get(), element.topic, element.partition);
    p.next = is_answered(*found) && found->offset >= 0 ? found->offset : kUnknownOffset;
    const CommitNote note =
        p.next == kUnknownOffset || found->metadata == nullptr
            ? CommitNote{}
            : ParseCommitNote({static_cast<const char*>(found->metadata), found->metadata_size});
    p.mark = note.mark;
    p.log = note.log;
    if (!is_answered(*found)) p.left_to_client = true;
  }
}

void KafkaSource::DropHeld(SourcePartition& p) {
  if (p.held == nullptr) return;
  p.held.reset();
  --held_;
}

void KafkaSource::GiveUp(SourcePartition& p) {
  commits_.Forget(p.topic, p.id);
  Move(p, PartitionInput::kRevoked);
  log::Log(config::LogLevel::kInfo, "partition revoked", {{"topic", p.topic}, {"partition", p.id}});
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
  const bool cooperative = std::string_view(rd_kafka_rebalance_protocol(client_)) == "COOPERATIVE";
  // The next assignment tells which of them come back. Of a membership that was lost others have
  // taken them over by now.
  const bool may_come_back =
      !cooperative && !IsClosed(membership_) && rd_kafka_assignment_lost(client_) == 0;
  if (may_come_back) {
    suspended_ = true;
    commits_.CommitNow(client_, kCommitBeforeRebalance);
  }
  for (const PartitionSlot slot : revoked) {
    SourcePartition& p = *partitions_.Find(slot);
    DropHeld(p);
    p.suspended = may_come_back;
    if (!may_come_back) GiveUp(p);
  }
  if (cooperative) {
    NoteAssignError(rd_kafka_incremental_unassign(client_, list));
  } else if (rd_kafka_assign(client_, nullptr) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    context_->NoteError("partitions could not be given back");
  }
}

void KafkaSource::StartAt(PartitionSlot slot, int64_t offset, uint64_t mark) {
  SourcePartition* p = partitions_.Find(slot);
  if (p == nullptr || IsClosed(membership_)) return;
  if (!IsAssigned(p->state) && p->state != PartitionState::kWaiting) return;
  p->next = offset;
  p->mark = mark;
  Move(*p, PartitionInput::kAssigned);
  log::Log(config::LogLevel::kInfo, "partition starts",
           {{"topic", p->topic}, {"partition", p->id}, {"offset", offset}});
  if (p->suspended) return;  // fetched from there when it comes back
  FetchAgain(*p);
  Resume({&slot, 1});
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
  log::Log(config::LogLevel::kError, "partitions could not be taken over",
           {{"error", context_->last_error()}});
}

void KafkaSource::Forward(const SourcePartition& p) {
  const QueueHandle queue(rd_kafka_queue_get_partition(client_, p.topic.c_str(), p.id));
  if (queue != nullptr) rd_kafka_queue_forward(queue.get(), messages_.get());
}

int64_t KafkaSource::QueryStart(const SourcePartition& p, bool from_beginning,
                                clock::SteadyTime deadline) {
  const auto left =
      std::min<clock::SteadyTime::duration>(deadline - clock_.Steady(), kQueryTimeout);
  int64_t start = 0, end = 0;
  if (left <= clock::SteadyTime::duration::zero() ||
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

void KafkaSource::PauseOffered(std::span<const PartitionSlot> slots) {
  if (slots.empty()) return;
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(0));
  for (const PartitionSlot slot : slots) {
    SourcePartition& p = *partitions_.Find(slot);
    rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.id);
    p.paused = true;
  }
  rd_kafka_pause_partitions(client_, list.get());
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

}  // namespace signinwatch::kafka
