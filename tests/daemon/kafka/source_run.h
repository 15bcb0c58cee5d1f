// A source under test: polls it, keeps what it told, and holds it to its delivery contract.
#ifndef SIGNINWATCH_TESTS_DAEMON_KAFKA_SOURCE_RUN_H_
#define SIGNINWATCH_TESTS_DAEMON_KAFKA_SOURCE_RUN_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/mock_cluster.h"

namespace signinwatch::kafka {

// Generous: what is waited for takes a few seconds at most, on a machine that does nothing else.
inline constexpr std::chrono::seconds kPatience{60};

// Its messages hold their own offset, so a test sees by the payload which one it has.
void ProduceNumbered(const std::string& brokers, const std::string& topic, int32_t partition,
                     int64_t first, int64_t end, size_t payload_bytes = 0);

// Fast in all that has a pace: a session hardly longer than the mock cluster lets a member wait,
// metadata every half second.
[[nodiscard]] KafkaSourceOptions SourceOptions(const std::string& brokers, const std::string& topic,
                                               const std::string& group);

class SourceRun {
 public:
  explicit SourceRun(const KafkaSourceOptions& options);

  // Polls until `done`, or `patience` is over: false.
  bool PollUntil(const std::function<bool()>& done,
                 std::chrono::milliseconds timeout = std::chrono::milliseconds(50),
                 std::chrono::seconds patience = kPatience);
  void PollFor(std::chrono::milliseconds duration);
  void Poll(std::chrono::milliseconds timeout);

  RecordSource& source() { return *source_; }
  void Destroy() { source_.reset(); }

  struct Seen {
    PartitionSlot slot = 0;
    bool assigned = false;
    bool at_end = false;
    int64_t first = -1;  // offset of the first kAssigned
    int64_t next = -1;
    uint64_t messages = 0;
    uint64_t mark = 0;  // of the last message, where it was the last of its batch
    std::vector<PartitionEvent::Kind> events;
  };
  // By partition.
  [[nodiscard]] const Seen& at(int32_t partition) { return seen_[partition]; }
  [[nodiscard]] size_t assigned() const;
  [[nodiscard]] bool AllAtEnd(size_t partitions) const;
  [[nodiscard]] size_t Count(int32_t partition, PartitionEvent::Kind kind);
  [[nodiscard]] const std::vector<PartitionEvent>& events() const { return events_; }

 private:
  void Note(const PartitionEvent& event);
  void Note(const FetchedMessage& message);

  const bool alone_;  // in its group
  std::unique_ptr<RecordSource> source_;
  std::map<int32_t, Seen> seen_;
  std::map<PartitionSlot, int32_t> partition_of_;
  std::vector<PartitionEvent> events_;
};

}  // namespace signinwatch::kafka

#endif  // SIGNINWATCH_TESTS_DAEMON_KAFKA_SOURCE_RUN_H_
