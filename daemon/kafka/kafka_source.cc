#include "daemon/kafka/kafka_source.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/kafka/client.h"
#include "daemon/kafka/offset_commits.h"
#include "daemon/kafka/source_conf.h"
#include "daemon/kafka/source_partitions.h"
#include "daemon/kafka/statistics.h"
#include "daemon/log/log.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = PartitionEvent::Kind;

// Rebalances wait for as long as messages are waited for.
constexpr milliseconds kWaitSlice{100};
// Where a log begins and ends is asked when partitions are assigned: each, and all together.
constexpr milliseconds kQueryTimeout{3'000};
constexpr milliseconds kQueryTimeoutAll{10'000};
// A partition is told to be unreachable after so many statistics, a second apart, in a row: a
// connection that is lost for a moment says nothing.
constexpr int kBlindMax = 2;
// Repeated messages are dropped up to this many; more are skipped by a seek, which costs a fetch.
constexpr int64_t kRepeatedMax = 100;
constexpr milliseconds kRebalanceSettled{1'000};
constexpr milliseconds kDestroyTimeout{5'000};

// Releases before this one abort the process when a member is destroyed that has joined a group of
// cooperative-sticky members and has no assignment yet; then the client is left alone instead. It
// has left the group, and a process destroys its source when it ends.
constexpr int kDestroysUnjoined = 0x020300ff;
// Releases before this one sleep for up to a second when their queue of fetched messages was full,
// however empty it is by then. Setting the log-in data anew (to what they were) wakes them.
constexpr int kWakesByItself = 0x020200ff;

int Milliseconds(steady_clock::duration left) {
  const auto ms = std::chrono::ceil<milliseconds>(left).count();
  return static_cast<int>(std::clamp<int64_t>(ms, 0, 60'000));
}

void ReleaseMessage(void* handle) {
  rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(handle));
}

EventTime TimeOf(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type{};
  const int64_t ms = rd_kafka_message_timestamp(&message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < 0) {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
  return EventTime(milliseconds(ms));
}

class KafkaSource final : public RecordSource {
 public:
  explicit KafkaSource(const KafkaSourceOptions& options)
      : options_(options),
        context_(
            std::make_unique<ClientContext>(options.config.cluster, options.fetch_token, this)),
        partitions_(options.positions),
        commits_(options.config.offset_commit_interval, context_.get()) {}
  ~KafkaSource() override;

  absl::Status Start();

  absl::Status Poll(milliseconds timeout, MessageBatch* batch) override;
  absl::Status KeepAlive(milliseconds timeout) override;
  void Pause(std::span<const PartitionSlot> slots) override;
  void Resume(std::span<const PartitionSlot> slots) override;
  void CommitOffsets(std::span<const Offset> offsets) override;
  void Close(milliseconds timeout) override;
  [[nodiscard]] SourceFacts facts() const override;

 private:
  static KafkaSource* Self(void* opaque) { return ClientContext::OwnerOf<KafkaSource>(opaque); }
  static void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t kind,
                          rd_kafka_topic_partition_list_t* list, void* opaque);
  static void OnCommitted(rd_kafka_t* client, rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t* list, void* opaque);
  static int OnStatistics(rd_kafka_t* client, char* json, size_t size, void* opaque);

  absl::Status Subscribe();
  [[nodiscard]] absl::Status FatalStatus() const;

  // Rebalances, statistics, errors, commits.
  void Serve(milliseconds timeout);
  void Assign(rd_kafka_topic_partition_list_t* list);
  void Revoke(rd_kafka_topic_partition_list_t* list);
  void NoteAssignError(rd_kafka_error_t* error);
  // Of the partitions 0 to `count` - 1 of `topic`, tells those that are not known yet.
  void NoteExisting(std::string_view topic, int32_t count);
  void Forward(const SourcePartition& p);
  // Where a partition without a position starts; kUnknownOffset if nobody answers.
  int64_t QueryStart(const SourcePartition& p, bool from_beginning,
                     steady_clock::time_point deadline);

  // False: no more for this batch.
  bool TakeMessage(MessageHandle message, MessageBatch* batch);
  void TakeMessages(milliseconds timeout, MessageBatch* batch);
  void Append(SourcePartition& p, MessageHandle message, MessageBatch* batch);
  bool ReachEnd(SourcePartition& p, int64_t offset);
  // Compares `offset` with the expected one, notes the events that it makes, moves the position to
  // it.
  OffsetStep StepTo(SourcePartition& p, int64_t offset);
  bool TakeError(const rd_kafka_message_t& message, SourcePartition* p);
  void Seek(SourcePartition& p);
  void Verify(SourcePartition& p);
  void NoteEvent(Kind kind, const SourcePartition& p, int64_t offset, int64_t gap_end = 0);
  void FlushEvents(MessageBatch* batch);
  // Whether an event waits that must be told before further messages of its partition.
  [[nodiscard]] bool MustStop() const;

  void UseStatistics(const Statistics& statistics);
  // Whether the brokers of all partitions answer.
  bool WatchPartitions(const Statistics& statistics);
  void CountElsewhere(const Statistics& statistics);
  void WakeFetchers();
  PartitionListHandle ListOf(std::span<const PartitionSlot> slots, bool paused);

  const KafkaSourceOptions options_;
  std::unique_ptr<ClientContext> context_;
  rd_kafka_t* client_ = nullptr;
  // Messages do not go to the client's consumer queue but to this one, so that the former can be
  // served for rebalances while no message is wanted.
  QueueHandle messages_;
  QueueHandle answers_;              // while the group is being left
  std::vector<TopicHandle> topics_;  // held so that the client keeps their metadata
  bool closed_ = false;
  bool joined_ = false;  // the group has given an assignment, be it empty

  SourcePartitions partitions_;
  std::vector<PartitionEvent> events_;  // for the next batch
  size_t held_ = 0;                     // partitions that hold a message
  BrokerWatch brokers_;
  steady_clock::time_point rebalanced_at_;

  bool must_wake_ = false;  // see kWakesByItself
  std::string username_, password_;
  size_t wake_bytes_ = 0, taken_bytes_ = 0;

  OffsetCommits commits_;

  mutable std::mutex facts_mutex_;
  SourceFacts facts_;
  std::string missing_topic_;  // the first of those that do not exist yet
};

absl::Status KafkaSource::Start() {
  absl::StatusOr<ConfHandle> conf = MakeSourceConf(options_.config, context_.get());
  if (!conf.ok()) return conf.status();
  rd_kafka_conf_set_rebalance_cb(conf->get(), OnRebalance);
  rd_kafka_conf_set_offset_commit_cb(conf->get(), OnCommitted);
  rd_kafka_conf_set_stats_cb(conf->get(), OnStatistics);
  must_wake_ = rd_kafka_version() < kWakesByItself;
  username_ = GetOption(conf->get(), "sasl.username");
  password_ = GetOption(conf->get(), "sasl.password");
  wake_bytes_ = QueueBytes(conf->get()) / 4;
  absl::StatusOr<rd_kafka_t*> client = MakeClient(RD_KAFKA_CONSUMER, *std::move(conf));
  if (!client.ok()) return client.status();
  client_ = *client;
  return Subscribe();
}

absl::Status KafkaSource::Subscribe() {
  rd_kafka_poll_set_consumer(client_);
  messages_.reset(rd_kafka_queue_new(client_));
  const auto& topics = options_.config.topics;
  const PartitionListHandle list(
      rd_kafka_topic_partition_list_new(static_cast<int>(topics.size())));
  for (const std::string& topic : topics) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    topics_.emplace_back(rd_kafka_topic_new(client_, topic.c_str(), nullptr));
  }
  const rd_kafka_resp_err_t error = rd_kafka_subscribe(client_, list.get());
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("can't subscribe to the topics: ", rd_kafka_err2str(error)));
}

KafkaSource::~KafkaSource() {
  if (client_ == nullptr) return;
  for (SourcePartition& p : partitions_) p.held.reset();
  topics_.clear();
  messages_.reset();
  answers_.reset();
  if (joined_ || rd_kafka_version() >= kDestroysUnjoined) {
    DestroyClient(client_, std::move(context_), kDestroyTimeout);
  } else {
    (void)context_.release();
  }
}

absl::Status KafkaSource::FatalStatus() const {
  if (closed_) return absl::FailedPreconditionError("the source is closed");
  std::array<char, 512> reason{};
  if (rd_kafka_fatal_error(client_, reason.data(), reason.size()) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat("kafka client: ", reason.data()));
}

// --- what is served beside messages

void KafkaSource::Serve(milliseconds timeout) {
  int wait = Milliseconds(timeout);
  while (true) {
    const MessageHandle message(rd_kafka_consumer_poll(client_, wait));
    if (message == nullptr) break;
    wait = 0;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      TakeError(*message, nullptr);
      continue;
    }
    // Not expected, as all messages are forwarded; it is fetched again.
    SourcePartition* p = partitions_.Find(rd_kafka_topic_name(message->rkt), message->partition);
    if (p == nullptr || !p->assigned) continue;
    Forward(*p);
    Seek(*p);
  }
  commits_.CommitIfDue(client_);
}

void KafkaSource::OnRebalance(rd_kafka_t* /*client*/, rd_kafka_resp_err_t kind,
                              rd_kafka_topic_partition_list_t* list, void* opaque) {
  KafkaSource* self = Self(opaque);
  self->rebalanced_at_ = steady_clock::now();
  self->joined_ = true;
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
  const auto deadline = steady_clock::now() + kQueryTimeoutAll;
  for (const auto& [topic, count] : CountPartitions(client_, kQueryTimeout)) {
    NoteExisting(topic, count);
  }
  for (auto& element : elements) {
    SourcePartition& p = partitions_.Get(element.topic, element.partition);
    const bool from_beginning =
        known[p.topic] || options_.config.start == KafkaSourceConfig::Start::kEarliest;
    if (p.next == kUnknownOffset) p.next = QueryStart(p, from_beginning, deadline);
    element.offset = p.next != kUnknownOffset ? p.next
                     : from_beginning         ? RD_KAFKA_OFFSET_BEGINNING
                                              : RD_KAFKA_OFFSET_END;
    p.assigned = p.was_assigned = true;
    p.paused = p.at_end = p.unreachable = p.verifying = false;
    p.blind = 0;
    Forward(p);
    NoteEvent(Kind::kAssigned, p, p.next);
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
    p.assigned = false;
    commits_.Forget(p.topic, p.id);
    NoteEvent(Kind::kRevoked, p, p.next);
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
                                steady_clock::time_point deadline) {
  const auto left = std::min<steady_clock::duration>(deadline - steady_clock::now(), kQueryTimeout);
  int64_t start = 0, end = 0;
  if (left <= steady_clock::duration::zero() ||
      rd_kafka_query_watermark_offsets(client_, p.topic.c_str(), p.id, &start, &end,
                                       Milliseconds(left)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return kUnknownOffset;
  }
  return from_beginning ? start : end;
}

// --- messages

absl::Status KafkaSource::Poll(milliseconds timeout, MessageBatch* batch) {
  batch->ReleasePayloads();
  batch->events.clear();
  batch->messages.clear();
  batch->bytes = 0;
  batch->release = ReleaseMessage;
  const auto deadline = steady_clock::now() + timeout;
  while (!closed_) {
    Serve(milliseconds(0));
    FlushEvents(batch);
    const auto left = std::min<steady_clock::duration>(deadline - steady_clock::now(), kWaitSlice);
    TakeMessages(batch->events.empty() ? milliseconds(Milliseconds(left)) : milliseconds(0), batch);
    if (batch->messages.empty()) FlushEvents(batch);
    if (!batch->empty() || steady_clock::now() >= deadline) break;
  }
  if (!batch->messages.empty()) context_->NoteSuccess();
  taken_bytes_ += batch->bytes;
  if (taken_bytes_ >= wake_bytes_) WakeFetchers();
  return FatalStatus();
}

absl::Status KafkaSource::KeepAlive(milliseconds timeout) {
  const auto deadline = steady_clock::now() + timeout;
  while (!closed_) {
    const auto left = std::min<steady_clock::duration>(deadline - steady_clock::now(), kWaitSlice);
    Serve(milliseconds(Milliseconds(left)));
    if (steady_clock::now() >= deadline) break;
  }
  return FatalStatus();
}

void KafkaSource::TakeMessages(milliseconds timeout, MessageBatch* batch) {
  if (held_ > 0) {
    for (SourcePartition& p : partitions_) {
      if (p.held == nullptr || p.paused) continue;
      --held_;
      Append(p, std::move(p.held), batch);
    }
  }
  int wait = batch->messages.empty() ? Milliseconds(timeout) : 0;
  while (batch->messages.size() < options_.batch_messages_max &&
         batch->bytes < options_.batch_bytes_max) {
    MessageHandle message(rd_kafka_consume_queue(messages_.get(), wait));
    wait = 0;
    if (message == nullptr || !TakeMessage(std::move(message), batch)) return;
  }
}

bool KafkaSource::TakeMessage(MessageHandle message, MessageBatch* batch) {
  SourcePartition* p = partitions_.Find(rd_kafka_topic_name(message->rkt), message->partition);
  if (p == nullptr || !p->assigned) return true;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return TakeError(*message, p);
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
  p.at_end = false;
  if (p.verifying) p.verifying = p.unreachable = false;
  batch->bytes += message->len;
  batch->messages.push_back({.payload = {static_cast<const char*>(message->payload), message->len},
                             .slot = p.slot,
                             .offset = message->offset,
                             .broker_time = TimeOf(*message),
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
  Log(LogLevel::kWarning, "kafka consumer error", {{"error", text}});
  return true;
}

bool KafkaSource::ReachEnd(SourcePartition& p, int64_t offset) {
  if (p.unreachable && !p.verifying) {
    // It may have been fetched before the broker went away.
    p.at_end = true;
    Verify(p);
    return true;
  }
  const OffsetStep step = StepTo(p, offset);
  if (step == OffsetStep::kRepeated) return true;
  p.unreachable = p.verifying = false;
  p.at_end = true;
  context_->NoteSuccess();
  NoteEvent(Kind::kReachedEnd, p, p.next);
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
      Log(LogLevel::kWarning, "messages expired before they were read",
          {{"topic", p.topic}, {"partition", p.id}, {"from", p.next}, {"to", offset}});
      break;
    case OffsetStep::kReset:
      NoteEvent(Kind::kReset, p, p.next, offset);
      Log(LogLevel::kWarning, "topic is shorter than what was read of it: it was made anew",
          {{"topic", p.topic}, {"partition", p.id}, {"was", p.next}, {"now", offset}});
      break;
  }
  p.next = offset;
  return step;
}

// The client fetches from the next offset on; what it has fetched of the partition is dropped.
void KafkaSource::Seek(SourcePartition& p) {
  if (p.held != nullptr) {
    p.held.reset();
    --held_;
  }
  if (p.next == kUnknownOffset) return;
  const PartitionListHandle list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), p.topic.c_str(), p.id)->offset = p.next;
  constexpr int kSeekMs = 5'000;
  const ErrorHandle error(rd_kafka_seek_partitions(client_, list.get(), kSeekMs));
  if (error != nullptr) context_->NoteError(rd_kafka_error_string(error.get()));
}

void KafkaSource::Verify(SourcePartition& p) {
  p.verifying = true;
  Seek(p);
}

void KafkaSource::NoteEvent(Kind kind, const SourcePartition& p, int64_t offset, int64_t gap_end) {
  events_.push_back({.kind = kind,
                     .slot = p.slot,
                     .offset = offset,
                     .gap_end = gap_end,
                     .topic = p.topic,
                     .partition = p.id});
}

bool KafkaSource::MustStop() const {
  return std::any_of(events_.begin(), events_.end(),
                     [](const PartitionEvent& event) { return event.kind != Kind::kReachedEnd; });
}

void KafkaSource::FlushEvents(MessageBatch* batch) {
  for (PartitionEvent& event : events_) {
    const SourcePartition& p = *partitions_.Find(event.slot);
    const bool outdated = event.kind == Kind::kReachedEnd &&
                          !(p.assigned && p.at_end && !p.unreachable && p.next == event.offset);
    if (!outdated) batch->events.push_back(std::move(event));
  }
  events_.clear();
}

// --- pausing

PartitionListHandle KafkaSource::ListOf(std::span<const PartitionSlot> slots, bool paused) {
  PartitionListHandle list(rd_kafka_topic_partition_list_new(static_cast<int>(slots.size())));
  for (const PartitionSlot slot : slots) {
    const SourcePartition* p = partitions_.Find(slot);
    if (p == nullptr || !p->assigned || p->paused != paused) continue;
    rd_kafka_topic_partition_list_add(list.get(), p->topic.c_str(), p->id);
  }
  return list;
}

void KafkaSource::Pause(std::span<const PartitionSlot> slots) {
  const PartitionListHandle list = ListOf(slots, false);
  if (list->cnt == 0) return;
  rd_kafka_pause_partitions(client_, list.get());
  for (const PartitionSlot slot : slots) {
    if (SourcePartition* p = partitions_.Find(slot); p != nullptr && p->assigned) p->paused = true;
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
  WakeFetchers();
}

void KafkaSource::WakeFetchers() {
  taken_bytes_ = 0;
  if (!must_wake_) return;
  const ErrorHandle error(
      rd_kafka_sasl_set_credentials(client_, username_.c_str(), password_.c_str()));
}

// --- statistics

int KafkaSource::OnStatistics(rd_kafka_t* /*client*/, char* json, size_t size, void* opaque) {
  if (const auto statistics = ParseStatistics({json, size}); statistics.has_value()) {
    Self(opaque)->UseStatistics(*statistics);
  }
  return 0;  // the client frees the text
}

void KafkaSource::UseStatistics(const Statistics& statistics) {
  joined_ = joined_ || statistics.group_steady;
  brokers_.Update(statistics);
  const bool all_answer = WatchPartitions(statistics);
  if (all_answer && statistics.group_steady) context_->ForgetOldError();
  CountElsewhere(statistics);
  const bool part_of_cluster =
      std::any_of(statistics.brokers.begin(), statistics.brokers.end(),
                  [](const Statistics::Broker& broker) { return broker.id >= 0; });
  const std::lock_guard lock(facts_mutex_);
  facts_.brokers.clear();
  for (const Statistics::Broker& broker : statistics.brokers) {
    if (part_of_cluster && broker.id < 0) continue;  // only where to ask for the others
    facts_.brokers.push_back({.name = broker.name,
                              .up = broker.up,
                              .throttle_seconds = broker.throttle_seconds,
                              .received_bytes = broker.received_bytes});
  }
  facts_.partitions.clear();
  for (const SourcePartition& p : partitions_) {
    int64_t start = kUnknownOffset, end = kUnknownOffset;
    rd_kafka_get_watermark_offsets(client_, p.topic.c_str(), p.id, &start, &end);
    facts_.partitions.push_back({.topic = p.topic,
                                 .partition = p.id,
                                 .slot = p.slot,
                                 .assigned = p.assigned,
                                 .log_start_offset = std::max(start, kUnknownOffset),
                                 .log_end_offset = std::max(end, kUnknownOffset)});
  }
}

bool KafkaSource::WatchPartitions(const Statistics& statistics) {
  std::map<std::pair<std::string_view, int32_t>, int32_t> broker_of;
  for (const auto& [topic, partitions] : statistics.topics) {
    for (const auto& partition : partitions) broker_of[{topic, partition.id}] = partition.broker;
  }
  bool all_answer = true;
  for (SourcePartition& p : partitions_) {
    if (!p.assigned || p.paused) continue;
    const auto broker = broker_of.find({p.topic, p.id});
    const bool answers = broker != broker_of.end() && brokers_.IsReachable(broker->second);
    all_answer = all_answer && answers;
    p.blind = answers ? 0 : p.blind + 1;
    if (p.blind >= kBlindMax && !p.unreachable) {
      p.unreachable = true;
      p.verifying = false;
      NoteEvent(Kind::kUnreachable, p, p.next);
      Log(LogLevel::kWarning, "partition is out of reach",
          {{"topic", p.topic}, {"partition", p.id}});
    }
    if (p.unreachable && p.at_end && !p.verifying) Verify(p);
  }
  return all_answer;
}

void KafkaSource::CountElsewhere(const Statistics& statistics) {
  uint32_t all = 0, assigned = 0;
  std::string missing;
  for (const std::string& topic : options_.config.topics) {
    const auto found = statistics.topics.find(topic);
    const size_t partitions = found == statistics.topics.end() ? 0 : found->second.size();
    if (partitions == 0 && missing.empty()) missing = topic;
    if (joined_) NoteExisting(topic, static_cast<int32_t>(partitions));
    all += static_cast<uint32_t>(partitions);
  }
  for (const SourcePartition& p : partitions_) assigned += p.assigned ? 1 : 0;
  const bool settled =
      statistics.group_steady && steady_clock::now() - rebalanced_at_ >= kRebalanceSettled;
  const std::lock_guard lock(facts_mutex_);
  missing_topic_ = settled ? missing : "";
  if (settled) facts_.partitions_elsewhere = all > assigned ? all - assigned : 0;
}

SourceFacts KafkaSource::facts() const {
  const std::lock_guard lock(facts_mutex_);
  SourceFacts facts = facts_;
  // Counts first: what is counted has been noted.
  facts.errors = context_->errors();
  facts.token_refreshes = context_->token_refreshes();
  facts.token_failures = context_->token_failures();
  facts.last_error = context_->last_error();
  if (facts.last_error.empty() && !missing_topic_.empty()) {
    facts.last_error = absl::StrCat("topic ", missing_topic_, " does not exist, or not yet");
  }
  return facts;
}

// --- committing and leaving

void KafkaSource::CommitOffsets(std::span<const Offset> offsets) {
  for (const Offset& offset : offsets) {
    const SourcePartition* p = partitions_.Find(offset.topic, offset.partition);
    if (p == nullptr || !p->assigned || offset.next_offset < 0) continue;
    commits_.Keep(offset.topic, offset.partition, offset.next_offset);
  }
  if (!closed_) commits_.CommitIfDue(client_);
}

void KafkaSource::OnCommitted(rd_kafka_t* /*client*/, rd_kafka_resp_err_t error,
                              rd_kafka_topic_partition_list_t* /*list*/, void* opaque) {
  Self(opaque)->commits_.NoteAnswer(error);
}

void KafkaSource::Close(milliseconds timeout) {
  if (std::exchange(closed_, true)) return;
  const auto deadline = steady_clock::now() + timeout;
  commits_.CommitNow(client_, timeout / 2);
  // Rebalances are among the answers: what is revoked must be given back.
  answers_.reset(rd_kafka_queue_new(client_));
  const ErrorHandle error(rd_kafka_consumer_close_queue(client_, answers_.get()));
  if (error != nullptr) return;
  while (rd_kafka_consumer_closed(client_) == 0 && steady_clock::now() < deadline) {
    const auto left = std::min<steady_clock::duration>(deadline - steady_clock::now(), kWaitSlice);
    rd_kafka_queue_poll_callback(answers_.get(), Milliseconds(left));
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordSource>> MakeKafkaSource(const KafkaSourceOptions& options) {
  auto source = std::make_unique<KafkaSource>(options);
  if (absl::Status status = source->Start(); !status.ok()) return status;
  return source;
}

}  // namespace signinwatch
