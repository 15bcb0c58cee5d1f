// The signal topic in memory, and a group that reads it: what instances of the role ingest would
// have written of the generated traffic, and sources of instances of the role detect.
#ifndef SIGNINWATCH_TESTS_DAEMON_PIPELINE_SIGNAL_TOPIC_H_
#define SIGNINWATCH_TESTS_DAEMON_PIPELINE_SIGNAL_TOPIC_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "daemon/kafka/record_source.h"
#include "tests/daemon/pipeline/pipeline_input.h"

namespace signinwatch::pipeline {

inline constexpr int32_t kSignalPartitions = 3;
inline constexpr char kSignalTopic[] = "signals";

// By partition. What was read of the input is read again from time to time, as by an ingest that
// was killed.
using SignalTopic = std::vector<std::vector<std::string>>;
[[nodiscard]] SignalTopic MakeSignalTopic(const PipelineInput& input, const config::Config& config,
                                          uint32_t seed);

// A member of the group, which the test tells what it is given and what is taken.
class SignalSource : public kafka::RecordSource {
 public:
  SignalSource(const SignalTopic& topic, uint32_t seed,
               std::function<void(std::chrono::milliseconds)> wait)
      : topic_(topic), random_(seed), wait_(std::move(wait)) {}

  void Offer(int32_t partition);
  void Revoke(int32_t partition);

  absl::Status Poll(std::chrono::milliseconds timeout, kafka::MessageBatch* batch) override;
  absl::Status KeepAlive(std::chrono::milliseconds timeout) override;
  void Pause(std::span<const kafka::PartitionSlot>) override {}
  void Resume(std::span<const kafka::PartitionSlot>) override {}
  void StartAt(kafka::PartitionSlot slot, int64_t offset, uint64_t mark) override;
  void CommitOffsets(std::span<const position::PartitionPosition>) override {}
  void Close(std::chrono::milliseconds) override {}
  [[nodiscard]] kafka::SourceFacts facts() const override { return {}; }

 private:
  struct Partition {
    bool ours = false;
    bool reading = false;
    int64_t next = 0;
  };
  void Note(kafka::PartitionEvent::Kind kind, int32_t partition);

  const SignalTopic& topic_;
  std::mt19937 random_;
  const std::function<void(std::chrono::milliseconds)> wait_;
  std::map<int32_t, Partition> partitions_;  // the slot is the number
  std::vector<kafka::PartitionEvent> events_;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_TESTS_DAEMON_PIPELINE_SIGNAL_TOPIC_H_
