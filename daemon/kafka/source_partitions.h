// The partitions that a source knows of, and where each stands. Pure; for the sources of this
// folder only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_SOURCE_PARTITIONS_H_
#define SIGNINWATCH_DAEMON_KAFKA_SOURCE_PARTITIONS_H_

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/kafka/client.h"
#include "daemon/kafka/message_mark.h"
#include "daemon/kafka/record_source.h"
#include "daemon/kafka/source_states.h"
#include "daemon/kafka/unreadable_batch.h"

namespace signinwatch::kafka {

// What is fetched of a partition next, and so what its next message is for.
struct Onward {};      // to be handed out
struct Comparison {};  // the last that was read, once more: is the log still the same?
// UnreadableBatch: to find out where a batch ends that can't be read.
using Fetching = std::variant<Onward, Comparison, UnreadableBatch>;

struct SourcePartition {
  std::string topic;
  int32_t id = 0;
  PartitionSlot slot = 0;
  // Of the next message to hand out, in this process and over revocations; kUnknownOffset until a
  // broker has told where the log begins or ends.
  int64_t next = kUnknownOffset;
  uint64_t mark = kNoMark;  // of the message before `next`
  uint64_t log = 0;         // as the group has it (PartitionPosition)
  PartitionState state = PartitionState::kKnown;
  Fetching fetching;
  bool paused = false;          // by the pipeline, or until it is told where to start
  bool suspended = false;       // taken by a rebalance that may give it back
  bool left_to_client = false;  // what the group has committed could not be had at its assignment
  int64_t paused_end = kUnknownOffset;  // of the log, asked while it is paused
  int unanswered = 0;                   // statistics in a row in which its broker did not answer
  int silent = 0;  // statistics in a row in which nothing came, though there is something
  // In the batch that is being made.
  bool taken = false;
  size_t last_taken = 0;
  // Taken from the client, but events must be told before it.
  MessageHandle held;

  [[nodiscard]] bool assigned() const { return IsAssigned(state) && !suspended; }
  // What the group gave to this member, be it waiting.
  [[nodiscard]] bool ours() const { return assigned() || state == PartitionState::kWaiting; }
  [[nodiscard]] bool is_compared() const { return std::holds_alternative<Comparison>(fetching); }
  // nullptr: it does not stand at a batch that can't be read.
  [[nodiscard]] UnreadableBatch* unreadable() { return std::get_if<UnreadableBatch>(&fetching); }
  // Begins anew at `next`. True: with the message before it, once more, since another log may
  // answer to the name by now.
  [[nodiscard]] bool BeginFetching() {
    if (mark != kNoMark && next > 0) {
      fetching.emplace<Comparison>();
    } else {
      fetching.emplace<Onward>();
    }
    return is_compared();
  }
};

class SourcePartitions {
 public:
  // `positions`: see KafkaSourceOptions. Offsets below 0 are none.
  explicit SourcePartitions(const std::vector<position::PartitionPosition>& positions);

  SourcePartition& Get(std::string_view topic, int32_t partition);
  // nullptr: never seen.
  [[nodiscard]] SourcePartition* Find(std::string_view topic, int32_t partition);
  [[nodiscard]] SourcePartition* Find(PartitionSlot slot) {
    return slot < partitions_.size() ? &partitions_[slot] : nullptr;
  }
  // Whether a partition of the topic has a stored position or was assigned: then others were added
  // since.
  [[nodiscard]] bool IsKnown(std::string_view topic) const;

  [[nodiscard]] size_t size() const { return partitions_.size(); }
  auto begin() { return partitions_.begin(); }
  auto end() { return partitions_.end(); }

 private:
  struct Topic {
    std::string name;
    std::vector<position::PartitionPosition> positions;
    std::vector<SourcePartition*> by_id;  // by partition; null: not seen
  };
  Topic& TopicOf(std::string_view name);
  [[nodiscard]] Topic* FindTopic(std::string_view name);

  // Topics are those of the configuration, few: found by comparing names.
  std::vector<Topic> topics_;
  std::deque<SourcePartition> partitions_;  // by slot; as many as the topics have, never fewer
};

// What an offset that is not the expected one means.
enum class OffsetStep : uint8_t {
  kExpected,
  kFirst,     // the first of a partition whose position was not known
  kRepeated,  // handed out before: to be dropped
  kSkipped,   // none is missing: the log has no such offsets (compaction, transactions)
  kGap,       // what lies between has expired
  kReset,     // the log is another, shorter one
};
// `log_start`, `log_end`: as of the fetch that brought `offset`; kUnknownOffset if not known.
[[nodiscard]] OffsetStep ClassifyOffset(int64_t next, int64_t offset, int64_t log_start,
                                        int64_t log_end);

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_SOURCE_PARTITIONS_H_
