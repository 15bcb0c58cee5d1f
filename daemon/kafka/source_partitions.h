// The partitions that a source knows of, and where each stands. Pure; for the sources of this
// folder only.
#ifndef SIGNINWATCH_DAEMON_KAFKA_SOURCE_PARTITIONS_H_
#define SIGNINWATCH_DAEMON_KAFKA_SOURCE_PARTITIONS_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/kafka/client.h"
#include "daemon/kafka/message_mark.h"
#include "daemon/kafka/record_source.h"
#include "daemon/kafka/unreadable_batch.h"

namespace signinwatch {

struct SourcePartition {
  std::string topic;
  int32_t id = 0;
  PartitionSlot slot = 0;
  // Of the next message to hand out, in this process and over revocations; kUnknownOffset until a
  // broker has told where the log begins or ends.
  int64_t next = kUnknownOffset;
  bool assigned = false;
  bool was_assigned = false;  // once; until then it is only known to exist
  bool paused = false;
  bool taken = false;                   // in the batch that is being made
  int64_t paused_end = kUnknownOffset;  // of the log, asked while it is paused
  bool at_end = false;       // read to the end of the log, as of the last word of its broker
  bool unreachable = false;  // told so, and no word of its broker since that is known to be fresh
  bool verifying = false;    // unreachable, and what comes next from its broker is fresh
  uint64_t mark = kNoMark;   // of the message before `next`
  bool checking = false;     // that message is fetched again, to see whether the log is the same
  size_t last_taken = 0;     // its last message in the batch that is being made
  int silent = 0;            // statistics in a row in which nothing came, though there is something
  std::optional<UnreadableBatch> unreadable;  // what it stands at
  int blind = 0;  // statistics in a row in which its broker did not answer
  // Taken from the client, but events must be told before it.
  MessageHandle held;
};

class SourcePartitions {
 public:
  // `positions`: see KafkaSourceOptions. Offsets below 0 are none.
  explicit SourcePartitions(const std::vector<RecordSource::Offset>& positions);

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
    std::vector<RecordSource::Offset> positions;
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

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_KAFKA_SOURCE_PARTITIONS_H_
