// Where messages come from: what the pipeline sees of Kafka.
//
//   while (running) {
//     MessageBatch batch;
//     source.Poll(100ms, &batch);      // events first, then messages, in each partition's order
//     ...
//   }
//
// Delivery contract: after a partition's last kAssigned, its messages come in the order of their
// offsets from `offset` on, none twice and none left out but for those that a kGap, kReset or
// kUnreadable names. A
// partition that was revoked and is assigned again goes on behind the last message handed out,
// whether or not that is committed yet: the pipeline never drops what it was given. That is so
// where positions are the store's; where StartAt tells them it says where a partition goes on, and
// a partition that a rebalance takes and gives back at once has no kRevoked. Before the first
// kAssigned of a group's assignment every other partition of the topics has its kExists.
#ifndef SIGNINWATCH_DAEMON_KAFKA_RECORD_SOURCE_H_
#define SIGNINWATCH_DAEMON_KAFKA_RECORD_SOURCE_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "daemon/position/partition_position.h"
#include "parser/event_time.h"

namespace signinwatch::kafka {

// Why a batch of messages can't be read. `silent`: the client passes over it without a word.
enum class UnreadableReason : uint8_t { kCompression, kCorrupt, kFormat, kTooLarge, kSilent };
inline constexpr const char* kUnreadableReasonNames[] = {"compression", "corrupt", "format",
                                                         "too_large", "silent"};
[[nodiscard]] constexpr const char* UnreadableReasonName(UnreadableReason reason) {
  return kUnreadableReasonNames[static_cast<size_t>(reason)];
}

// Number of a topic's partition: given at its first assignment, never reused for another.
using PartitionSlot = uint32_t;

// Of a partition that starts by the configuration while its broker does not answer: then kAssigned
// has this as its offset, and a kRevoked and a kAssigned with the offset follow when it answers.
inline constexpr int64_t kUnknownOffset = -1;

struct PartitionEvent {
  enum class Kind : uint8_t {
    kExists,       // not assigned, and never was; topic and partition are set
    kOffered,      // this member's, and waits for StartAt; topic and partition are set
    kAssigned,     // `offset` is the next; topic and partition are set; it is not paused. Of one
                   // that is assigned already: it goes on, there
    kRevoked,      // no more messages until it is assigned again
    kReachedEnd,   // there was nothing behind `offset` just now
    kUnreachable,  // its broker does not answer: whether there is more can't be known
    kGap,          // offsets [offset, gap_end) are gone: expired before they were read
    kReset,  // the log is another than what was read, or shorter: goes on at gap_end, its start
    kUnreadable,  // offsets [offset, gap_end) can't be read, for `reason`: stepped past
  };
  Kind kind = Kind::kExists;
  PartitionSlot slot = 0;
  int64_t offset = 0;
  int64_t gap_end = 0;
  std::string topic;
  int32_t partition = 0;
  UnreadableReason reason = UnreadableReason::kCompression;  // of kUnreadable
  // Of kAssigned where the group keeps the positions: as it was committed (PartitionPosition).
  uint64_t mark = 0;
  uint64_t log = 0;
};

struct FetchedMessage {
  std::string_view payload;  // valid as long as its batch holds it
  PartitionSlot slot = 0;
  int64_t offset = 0;
  // The message's timestamp: the broker's, or whatever the producer has set; kEndOfTime: none.
  EventTime broker_time;
  void* handle = nullptr;
  // Of the last of its partition in a batch: what it is known by (daemon/kafka/message_mark.h).
  uint64_t mark = 0;
};

// Messages with what holds their payloads. Movable, not copyable; may be destroyed, or its payloads
// released, by another thread than the one that polled.
class MessageBatch {
 public:
  using Release = void (*)(void* handle);

  MessageBatch() = default;
  MessageBatch(MessageBatch&& other) noexcept { *this = std::move(other); }
  MessageBatch& operator=(MessageBatch&& other) noexcept {
    if (this == &other) return *this;
    ReleasePayloads();
    events = std::move(other.events);
    messages = std::exchange(other.messages, {});
    bytes = std::exchange(other.bytes, 0);
    release = other.release;
    return *this;
  }
  ~MessageBatch() { ReleasePayloads(); }

  // Gives the payloads back; offsets and the rest stay.
  void ReleasePayloads() {
    for (FetchedMessage& message : messages) {
      if (message.handle != nullptr) release(std::exchange(message.handle, nullptr));
      message.payload = {};
    }
  }
  [[nodiscard]] bool empty() const { return events.empty() && messages.empty(); }

  std::vector<PartitionEvent> events;  // happened before the messages
  std::vector<FetchedMessage> messages;
  size_t bytes = 0;           // of all payloads
  Release release = nullptr;  // of a handle
};

// The look of a partition from Kafka's side, by the client's statistics (about a second old).
struct PartitionFacts {
  std::string topic;
  int32_t partition = 0;
  PartitionSlot slot = 0;
  bool assigned = false;
  // As of the last fetch; the end of a paused partition is asked every few seconds.
  int64_t log_start_offset = kUnknownOffset;
  int64_t log_end_offset = kUnknownOffset;
  // Why it stands: what comes next can't be read. Tried again for some seconds, then stepped past.
  std::optional<UnreadableReason> unreadable = {};
};

struct SourceFacts {
  std::vector<PartitionFacts> partitions;
  struct Broker {
    std::string name;  // host:port
    bool up = false;
    double throttle_seconds = 0;  // the last window's average
    uint64_t received_bytes = 0;
  };
  std::vector<Broker> brokers;
  // Partitions of the topics that the group gave to another member.
  uint32_t partitions_elsewhere = 0;
  std::string last_error;  // of the client, without secrets; empty: none since the last success
  uint64_t errors = 0;
  uint64_t rebalances = 0;
  uint64_t token_refreshes = 0, token_failures = 0;
};

// Poll, KeepAlive, Pause, Resume, StartAt, CommitOffsets and Close are one thread's; facts() is
// anybody's. Every batch must have released its payloads before the source is destroyed: they are
// the client's, which waits for them.
class RecordSource {
 public:
  virtual ~RecordSource() = default;

  // Waits up to `timeout` for something to happen, then takes what is there, up to the batch bounds
  // of the source. An error is one that does not pass by itself; all others are retried for ever
  // and seen in facts().
  virtual absl::Status Poll(std::chrono::milliseconds timeout, MessageBatch* batch) = 0;

  // Serves rebalances and keeps the membership alive, but takes no messages: while the pipeline has
  // no room. Events go into the next Poll.
  virtual absl::Status KeepAlive(std::chrono::milliseconds timeout) = 0;

  // A paused partition hands out nothing. Unknown and repeated ones are fine.
  virtual void Pause(std::span<const PartitionSlot> slots) = 0;
  virtual void Resume(std::span<const PartitionSlot> slots) = 0;

  // Hands out what the partition has from `offset` on, be it offered or assigned: kAssigned
  // follows, behind it nothing of before. `mark`: of the message before `offset`; 0: not known.
  // Nothing, where it is not this member's any more.
  virtual void StartAt(PartitionSlot slot, int64_t offset, uint64_t mark) = 0;

  // For lag tools to read, asynchronous, at most as often as the configuration says; what comes
  // sooner is kept and sent with the next call of anything.
  virtual void CommitOffsets(std::span<const position::PartitionPosition> positions) = 0;

  // Leaves the group and commits what CommitOffsets was told last, within `timeout`.
  virtual void Close(std::chrono::milliseconds timeout) = 0;

  [[nodiscard]] virtual SourceFacts facts() const = 0;
};

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_DAEMON_KAFKA_RECORD_SOURCE_H_
