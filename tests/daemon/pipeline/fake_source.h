// A source whose partitions are lists of messages in memory. Hands out a few messages of some
// partition at a time, by a seed; says where each ends; may take partitions away and give them
// back.
#ifndef SIGNINWATCH_TESTS_DAEMON_PIPELINE_FAKE_SOURCE_H_
#define SIGNINWATCH_TESTS_DAEMON_PIPELINE_FAKE_SOURCE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "daemon/kafka/record_source.h"
#include "daemon/store/state_store.h"

namespace signinwatch::pipeline {

class FakeSource : public kafka::RecordSource {
 public:
  struct Options {
    uint32_t seed = 1;
    size_t messages_max = 5;      // of a poll
    double rebalance_chance = 0;  // of a poll
    bool offers = false;          // partitions wait for StartAt
    // How it waits for something to happen: a test with a clock of its own advances that.
    std::function<void(std::chrono::milliseconds)> wait = Sleep;
  };
  // `partitions` outlive the source. `positions` as a store has them.
  FakeSource(const std::vector<std::vector<std::string>>& partitions,
             const std::vector<position::PartitionPosition>& positions, Options options);

  absl::Status Poll(std::chrono::milliseconds timeout, kafka::MessageBatch* batch) override;
  absl::Status KeepAlive(std::chrono::milliseconds timeout) override;
  void Pause(std::span<const kafka::PartitionSlot> slots) override;
  void Resume(std::span<const kafka::PartitionSlot> slots) override;
  void StartAt(kafka::PartitionSlot slot, int64_t offset, uint64_t mark) override;
  void CommitOffsets(std::span<const position::PartitionPosition> offsets) override;
  void Close(std::chrono::milliseconds timeout) override;
  [[nodiscard]] kafka::SourceFacts facts() const override;

  // What the pipeline has asked for.
  [[nodiscard]] uint64_t keep_alives() const;
  [[nodiscard]] uint64_t pauses() const;
  [[nodiscard]] size_t in_flight_max() const;  // payload bytes handed out and not given back
  [[nodiscard]] std::vector<position::PartitionPosition> committed() const;
  [[nodiscard]] bool closed() const;

  static void Sleep(std::chrono::milliseconds time);

  static constexpr const char* kTopic = "signins";
  // FetchedMessage::mark of the message at `offset`.
  static uint64_t MarkOf(int64_t offset) { return 1'000 + static_cast<uint64_t>(offset); }

 private:
  struct Partition {
    size_t next = 0;
    bool assigned = false;
    bool offered = false;
    bool paused = false;
    bool end_told = false;
  };
  void Rebalance();
  void Give(kafka::PartitionSlot slot);
  void Assign(kafka::PartitionSlot slot);
  void Note(kafka::PartitionEvent::Kind kind, kafka::PartitionSlot slot);
  void HandOut(kafka::PartitionSlot slot, kafka::MessageBatch* batch);
  [[nodiscard]] double Chance() { return std::uniform_real_distribution<>(0, 1)(random_); }

  const std::vector<std::vector<std::string>>& messages_;
  const Options options_;
  std::mt19937 random_;
  mutable std::mutex mutex_;
  std::vector<Partition> partitions_;
  std::vector<kafka::PartitionEvent> events_;  // for the next poll
  uint64_t keep_alives_ = 0, pauses_ = 0;
  std::vector<position::PartitionPosition> committed_;
  bool joined_ = false;
  bool closed_ = false;
};

}  // namespace signinwatch::pipeline

#endif  // SIGNINWATCH_TESTS_DAEMON_PIPELINE_FAKE_SOURCE_H_
