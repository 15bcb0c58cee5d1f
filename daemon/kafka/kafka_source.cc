#include "daemon/kafka/kafka_source.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/kafka/commit_note.h"
#include "daemon/kafka/kafka_source_impl.h"
#include "daemon/kafka/source_conf.h"

namespace signinwatch::kafka {
namespace {

using std::chrono::milliseconds;

// Rebalances wait for as long as messages are waited for.
constexpr milliseconds kWaitSlice{100};
constexpr milliseconds kDestroyTimeout{5'000};

// Releases before this one abort the process when a member is destroyed between the group's answer
// to its joining and its first assignment.
constexpr int kDestroysUnjoined = 0x020300ff;

void ReleaseMessage(void* handle) {
  rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(handle));
}

}  // namespace

int ClientMilliseconds(clock::SteadyTime::duration span) {
  const auto ms = std::chrono::ceil<milliseconds>(span).count();
  return static_cast<int>(std::clamp<int64_t>(ms, 0, 60'000));
}

absl::Status KafkaSource::Start() {
  absl::StatusOr<ConfHandle> conf =
      MakeSourceConf(options_.config, options_.starts_by != StartsBy::kPositions, context_.get());
  if (!conf.ok()) return conf.status();
  rd_kafka_conf_set_rebalance_cb(conf->get(), OnRebalance);
  rd_kafka_conf_set_offset_commit_cb(conf->get(), OnCommitted);
  rd_kafka_conf_set_stats_cb(conf->get(), OnStatistics);
  waker_.Learn(conf->get());
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
  if (!IsClosed(membership_)) {
    Move(MembershipInput::kClose);
    FinishJoining(clock_.Steady());
  }
  for (SourcePartition& p : partitions_) p.held.reset();
  topics_.clear();
  messages_.reset();
  answers_.reset();
  if (membership_ == Membership::kStranded) {
    LeaveClient(std::move(context_));
  } else {
    DestroyClient(client_, std::move(context_), kDestroyTimeout);
  }
}

absl::Status KafkaSource::FatalStatus() const {
  if (IsClosed(membership_)) return absl::FailedPreconditionError("the source is closed");
  std::array<char, 512> reason{};
  if (rd_kafka_fatal_error(client_, reason.data(), reason.size()) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat("kafka client: ", reason.data()));
}

absl::Status KafkaSource::Poll(milliseconds timeout, MessageBatch* batch) {
  batch->ReleasePayloads();
  batch->events.clear();
  batch->messages.clear();
  batch->bytes = 0;
  batch->release = ReleaseMessage;
  const auto deadline = clock_.Steady() + timeout;
  while (!IsClosed(membership_)) {
    Serve(milliseconds(0));
    FlushEvents(batch);
    const auto left = std::min<clock::SteadyTime::duration>(deadline - clock_.Steady(), kWaitSlice);
    TakeMessages(batch->events.empty() ? milliseconds(ClientMilliseconds(left)) : milliseconds(0),
                 batch);
    if (batch->messages.empty()) FlushEvents(batch);
    if (!batch->empty() || clock_.Steady() >= deadline) break;
  }
  if (!batch->messages.empty()) context_->NoteSuccess();
  SeeEnds(batch);
  waker_.NoteTaken(client_, batch->bytes);
  return FatalStatus();
}

absl::Status KafkaSource::KeepAlive(milliseconds timeout) {
  const auto deadline = clock_.Steady() + timeout;
  while (!IsClosed(membership_)) {
    const auto left = std::min<clock::SteadyTime::duration>(deadline - clock_.Steady(), kWaitSlice);
    Serve(milliseconds(ClientMilliseconds(left)));
    if (clock_.Steady() >= deadline) break;
  }
  return FatalStatus();
}

void KafkaSource::Serve(milliseconds timeout) {
  int wait = ClientMilliseconds(timeout);
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
    if (p == nullptr || !p->assigned()) continue;
    Forward(*p);
    Seek(*p);
  }
  if (!suspended_) commits_.CommitIfDue(client_);
  AskPausedEnds();
}

void KafkaSource::CommitOffsets(std::span<const position::PartitionPosition> positions) {
  for (const position::PartitionPosition& position : positions) {
    const SourcePartition* p = partitions_.Find(position.topic, position.partition);
    if (p == nullptr || !IsAssigned(p->state) || position.next_offset < 0) continue;
    const bool group_keeps = options_.starts_by == StartsBy::kGroup;
    commits_.Keep(position.topic, position.partition, position.next_offset,
                  group_keeps ? FormatCommitNote({position.log, position.mark}) : "");
  }
  if (!IsClosed(membership_) && !suspended_) commits_.CommitIfDue(client_);
}

void KafkaSource::OnCommitted(rd_kafka_t* /*client*/, rd_kafka_resp_err_t error,
                              rd_kafka_topic_partition_list_t* /*list*/, void* opaque) {
  Self(opaque)->commits_.NoteAnswer(error);
}

// Whether the group has answered to the member's joining: the generation is part of what is sent in
// transactions, and comes with that answer. Known of the releases that need it (kDestroysUnjoined).
bool KafkaSource::IsAnswered() const {
  constexpr size_t kGenerationAt = sizeof("CGMDv2:") - 1;
  rd_kafka_consumer_group_metadata_t* metadata = rd_kafka_consumer_group_metadata(client_);
  if (metadata == nullptr) return false;
  void* bytes = nullptr;
  size_t size = 0;
  int32_t generation = 0;  // where it can't be read, it may be
  const ErrorHandle error(rd_kafka_consumer_group_metadata_write(metadata, &bytes, &size));
  if (error == nullptr && size >= kGenerationAt + sizeof(generation)) {
    std::memcpy(&generation, static_cast<const char*>(bytes) + kGenerationAt, sizeof(generation));
  }
  if (error == nullptr) rd_kafka_mem_free(client_, bytes);
  rd_kafka_consumer_group_metadata_destroy(metadata);
  return generation >= 0;
}

// Each client that can't be destroyed keeps four threads and its connections. So an assignment that
// is on its way is waited for; whoever was not answered yet never will be, without a subscription.
void KafkaSource::FinishJoining(clock::SteadyTime deadline) {
  const auto joins = [this] { return membership_ == Membership::kLeaving; };
  if (!joins() || rd_kafka_version() >= kDestroysUnjoined) return;
  while (joins() && IsAnswered() && clock_.Steady() < deadline) Serve(kWaitSlice);
  if (!joins()) return;
  (void)rd_kafka_unsubscribe(client_);
  if (IsAnswered()) Move(MembershipInput::kOutOfTime);
}

void KafkaSource::Close(milliseconds timeout) {
  if (IsClosed(membership_)) return;
  Move(MembershipInput::kClose);
  const auto deadline = clock_.Steady() + timeout;
  FinishJoining(deadline);
  commits_.CommitNow(client_, timeout / 2);
  // Rebalances are among the answers: what is revoked must be given back.
  answers_.reset(rd_kafka_queue_new(client_));
  const ErrorHandle error(rd_kafka_consumer_close_queue(client_, answers_.get()));
  if (error != nullptr) return;
  while (rd_kafka_consumer_closed(client_) == 0 && clock_.Steady() < deadline) {
    const auto left = std::min<clock::SteadyTime::duration>(deadline - clock_.Steady(), kWaitSlice);
    rd_kafka_queue_poll_callback(answers_.get(), ClientMilliseconds(left));
  }
}

size_t KafkaClientsLeft() { return ClientsLeft(); }

absl::StatusOr<std::unique_ptr<RecordSource>> MakeKafkaSource(const clock::Clock& clock,
                                                              const KafkaSourceOptions& options) {
  auto source = std::make_unique<KafkaSource>(clock, options);
  if (absl::Status status = source->Start(); !status.ok()) return status;
  return source;
}

}  // namespace signinwatch::kafka
