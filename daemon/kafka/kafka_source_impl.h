// The Kafka source from inside, in parts with one reason each:
//
//   kafka_source.cc       made, polled, closed
//   source_rebalance.cc   partitions come and go
//   source_messages.cc    what the client hands over, against what is expected next
//   source_facts.cc       what the client's statistics say
//   source_unreadable.cc  batches that can't be read
//   source_identity.cc    whether a log is still the one that was read
//
// What it is in the middle of is in source_states.h, and moves by the tables there alone.
//
// For the sources of this folder only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_KAFKA_SOURCE_IMPL_H_
#define SIGNINWATCH_DAEMON_KAFKA_KAFKA_SOURCE_IMPL_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/kafka/client.h"
#include "daemon/kafka/fetch_waker.h"
#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/offset_commits.h"
#include "daemon/kafka/source_partitions.h"
#include "daemon/kafka/source_states.h"
#include "daemon/kafka/statistics.h"

namespace signinwatch::kafka {

// For the client's functions, which take an int: rounded up, at most a minute.
[[nodiscard]] int ClientMilliseconds(clock::SteadyTime::duration span);
// See FetchedMessage.
[[nodiscard]] EventTime BrokerTimeOf(const rd_kafka_message_t& message);

class KafkaSource final : public RecordSource {
 public:
  KafkaSource(const clock::Clock& clock, const KafkaSourceOptions& options)
      : clock_(clock),
        options_(options),
        context_(std::make_unique<ClientContext>(clock, options.config.cluster, options.fetch_token,
                                                 this)),
        partitions_(options.positions),
        commits_(options.config.offset_commit_interval, context_.get()) {}
  ~KafkaSource() override;

  absl::Status Start();

  absl::Status Poll(std::chrono::milliseconds timeout, MessageBatch* batch) override;
  absl::Status KeepAlive(std::chrono::milliseconds timeout) override;
  void Pause(std::span<const PartitionSlot> slots) override;
  void Resume(std::span<const PartitionSlot> slots) override;
  void StartAt(PartitionSlot slot, int64_t offset, uint64_t mark) override;
  void CommitOffsets(std::span<const position::PartitionPosition> positions) override;
  void Close(std::chrono::milliseconds timeout) override;
  [[nodiscard]] SourceFacts facts() const override;

 private:
  static KafkaSource* Self(void* opaque) { return ClientContext::OwnerOf<KafkaSource>(opaque); }
  static void OnRebalance(rd_kafka_t* client, rd_kafka_resp_err_t kind,
                          rd_kafka_topic_partition_list_t* list, void* opaque);
  static void OnCommitted(rd_kafka_t* client, rd_kafka_resp_err_t error,
                          rd_kafka_topic_partition_list_t* list, void* opaque);
  static int OnStatistics(rd_kafka_t* client, char* json, size_t size, void* opaque);

  absl::Status Subscribe();
  // Of a source that was closed while joining: so that its client can be destroyed.
  void FinishJoining(clock::SteadyTime deadline);
  [[nodiscard]] bool IsAnswered() const;
  [[nodiscard]] absl::Status FatalStatus() const;
  void Move(MembershipInput input) { membership_ = NextMembership(membership_, input); }
  // Tells what is to be told of it, and fetches again where that is due.
  void Move(SourcePartition& p, PartitionInput input);

  // Rebalances, statistics, errors, commits.
  void Serve(std::chrono::milliseconds timeout);
  void Assign(rd_kafka_topic_partition_list_t* list);
  void Revoke(rd_kafka_topic_partition_list_t* list);
  // Where each partition of the assignment starts, in itself and in the list; those that are
  // offered, which are to be paused.
  std::vector<PartitionSlot> PlaceAll(rd_kafka_topic_partition_list_t* list);
  void Place(rd_kafka_topic_partition_t& element, bool topic_is_known, clock::SteadyTime deadline);
  // By the offsets that the group has committed: positions of the partitions that were not this
  // member's until now, and the topics that have any. What can't be had is left to the client.
  void UseCommitted(std::span<const rd_kafka_topic_partition_t> elements,
                    const std::map<std::string, int32_t>& counts, clock::SteadyTime deadline,
                    std::map<std::string, bool>* known);
  // Of another member from now on.
  void GiveUp(SourcePartition& p);
  void DropHeld(SourcePartition& p);
  void PauseOffered(std::span<const PartitionSlot> slots);
  void NoteAssignError(rd_kafka_error_t* error);
  // Of the partitions 0 to `count` - 1 of `topic`, tells those that are not known yet.
  void NoteExisting(std::string_view topic, int32_t count);
  void Forward(const SourcePartition& p);
  // Where a partition without a position starts; kUnknownOffset if nobody answers.
  int64_t QueryStart(const SourcePartition& p, bool from_beginning, clock::SteadyTime deadline);

  // False: no more for this batch.
  bool TakeMessage(MessageHandle message, MessageBatch* batch);
  void TakeMessages(std::chrono::milliseconds timeout, MessageBatch* batch);
  void Append(SourcePartition& p, MessageHandle message, MessageBatch* batch);
  // Of the partitions that messages were taken of: which are read to the end of their log. The
  // client itself says so half a second later, and never where a message comes more often.
  void SeeEnds(MessageBatch* batch);
  bool ReachEnd(SourcePartition& p, int64_t offset);
  // Compares `offset` with the expected one, notes the events that it makes, moves the position to
  // it.
  OffsetStep StepTo(SourcePartition& p, int64_t offset);
  bool TakeError(const rd_kafka_message_t& message, SourcePartition* p);
  void Seek(SourcePartition& p);
  void SeekTo(SourcePartition& p, int64_t offset);
  void FetchAgain(SourcePartition& p);

  // ---- source_unreadable.cc
  // Takes an error that is about a batch; nullopt: it is not.
  [[nodiscard]] static std::optional<UnreadableReason> ReasonOf(rd_kafka_resp_err_t error);
  void TakeUnreadable(SourcePartition& p, UnreadableReason reason, const std::string& error,
                      int64_t first);
  // Takes the step. `offset`: of the message, or the end, that brought it. True: that is to be
  // taken as any other.
  bool Proceed(SourcePartition& p, UnreadableBatch::Step step, int64_t offset);
  void WatchSilence(SourcePartition& p, bool throttled);
  [[nodiscard]] int64_t LogEnd(const SourcePartition& p) const;

  // ---- source_identity.cc
  // The first message of a comparison. True: it was fetched for that alone.
  bool Compare(SourcePartition& p, const rd_kafka_message_t& message);
  // The log is another one than what was read of it.
  void StartAnew(SourcePartition& p);
  void NoteEvent(PartitionEvent::Kind kind, const SourcePartition& p, int64_t offset,
                 int64_t gap_end = 0);
  void FlushEvents(MessageBatch* batch);
  // Whether an event waits that must be told before further messages of its partition.
  [[nodiscard]] bool MustStop() const;

  void UseStatistics(const Statistics& statistics);
  // Whether the brokers of all partitions answer.
  bool WatchPartitions(const Statistics& statistics);
  void CountElsewhere(const Statistics& statistics);
  // The ends of paused partitions, which nothing is fetched of, asked from time to time.
  void AskPausedEnds();
  PartitionListHandle ListOf(std::span<const PartitionSlot> slots, bool paused);

  const clock::Clock& clock_;
  const KafkaSourceOptions options_;
  std::unique_ptr<ClientContext> context_;
  rd_kafka_t* client_ = nullptr;
  // Messages do not go to the client's consumer queue but to this one, so that the former can be
  // served for rebalances while no message is wanted.
  QueueHandle messages_;
  QueueHandle answers_;              // while the group is being left
  std::vector<TopicHandle> topics_;  // held so that the client keeps their metadata
  Membership membership_ = Membership::kJoining;
  bool ran_dry_ = false;  // all that was fetched has been taken, at least once since the statistics

  SourcePartitions partitions_;
  std::vector<PartitionEvent> events_;   // for the next batch
  size_t held_ = 0;                      // partitions that hold a message
  std::vector<PartitionSlot> taken_of_;  // in this batch
  BrokerWatch brokers_;
  clock::SteadyTime rebalanced_at_;
  bool suspended_ = false;  // between the two halves of a rebalance that takes all partitions

  FetchWaker waker_;
  clock::SteadyTime paused_asked_at_;

  OffsetCommits commits_;

  mutable std::mutex facts_mutex_;
  SourceFacts facts_;
  std::string missing_topic_;  // the first of those that do not exist yet
};

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_KAFKA_SOURCE_IMPL_H_
