#include "tests/daemon/pipeline/signal_topic.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "daemon/signals/partitioner.h"
#include "daemon/signals/signal_encoder.h"
#include "tests/daemon/pipeline/fake_source.h"

namespace signinwatch::pipeline {
namespace {

// One ingest, which is told what to read.
class Ingest {
 public:
  Ingest(const PipelineInput& input, const config::Config& config)
      : input_(input), config_(config), parser_(config.parser), topic_(kSignalPartitions) {
    signals::SourcesMessage sources{.version = 1, .topics = {}};
    sources.topics.push_back(
        {.topic = FakeSource::kTopic, .partitions = static_cast<int32_t>(kInputPartitions)});
    for (auto& partition : topic_) partition.push_back(signals::EncodeSources(sources));
    for (size_t i = 0; i < kInputPartitions; ++i) {
      words_.push_back(std::vector<signals::SourceWatermark>(kSignalPartitions));
      for (signals::SourceWatermark& word : words_.back()) {
        word.topic = FakeSource::kTopic;
        word.partition = static_cast<int32_t>(i);
      }
    }
  }

  // Another process, which knows nothing of what was sent.
  void Restart(size_t partition, size_t offset) {
    next_[partition] = offset;
    for (signals::SourceWatermark& word : words_[partition]) {
      word.last_sent.reset();
      word.watermark = kBeginningOfTime;
    }
  }

  [[nodiscard]] bool AtEnd(size_t partition) const {
    return next_[partition] == input_.partitions[partition].size();
  }
  [[nodiscard]] size_t next(size_t partition) const { return next_[partition]; }

  void ReadOne(size_t partition) {
    const auto offset = static_cast<int64_t>(next_[partition]++);
    parser_.Parse(input_.partitions[partition][static_cast<size_t>(offset)],
                  kEndOfTime - 365 * kDay, &parsed_);
    const signals::SignalOrigin origin{.topic = FakeSource::kTopic,
                                       .partition = static_cast<int32_t>(partition),
                                       .log = 0,
                                       .offset = offset};
    encoder_.Encode(
        origin, kEndOfTime, parsed_, [](const Signal&) { return true; }, &encoded_);
    for (const signals::EncodedSignals& each : encoded_) {
      const auto to =
          static_cast<size_t>(signals::PartitionOfTenant(each.tenant, kSignalPartitions));
      topic_[to].push_back(each.value);
      words_[partition][to].last_sent = each.last;
    }
    for (signals::SourceWatermark& word : words_[partition]) {
      word.next_offset = offset + 1;
      for (const Signal& signal : parsed_.signals) {
        if (signal.is_risk_event()) continue;
        word.watermark =
            std::max(word.watermark, signal.event_time - config_.detection.time.allowed_lateness);
      }
    }
  }

  void TellWatermarks(bool idle, EventTime wall_time) {
    for (size_t to = 0; to < topic_.size(); ++to) {
      signals::WatermarksMessage message{.wall_time = wall_time, .sources = {}};
      for (const auto& words : words_) {
        message.sources.push_back(words[to]);
        message.sources.back().idle = message.sources.back().at_end = idle;
      }
      topic_[to].push_back(signals::EncodeWatermarks(message));
    }
  }

  SignalTopic Take() && { return std::move(topic_); }

 private:
  const PipelineInput& input_;
  const config::Config& config_;
  MessageParser parser_;
  ParsedMessage parsed_;
  signals::SignalEncoder encoder_;
  std::vector<signals::EncodedSignals> encoded_;
  size_t next_[kInputPartitions] = {};
  std::vector<std::vector<signals::SourceWatermark>>
      words_;  // by input partition, then output partition
  SignalTopic topic_;
};

}  // namespace

SignalTopic MakeSignalTopic(const PipelineInput& input, const config::Config& config,
                            uint32_t seed) {
  std::mt19937 random(seed);
  Ingest ingest(input, config);
  const EventTime now = kEndOfTime - 365 * kDay;
  EventTime wall = now;
  const auto at_end = [&] {
    for (size_t i = 0; i < kInputPartitions; ++i) {
      if (!ingest.AtEnd(i)) return false;
    }
    return true;
  };
  while (!at_end()) {
    const size_t partition = random() % kInputPartitions;
    if (!ingest.AtEnd(partition)) ingest.ReadOne(partition);
    if (random() % 20 == 0) ingest.TellWatermarks(false, wall += std::chrono::seconds(1));
    if (random() % 300 == 0) {
      const size_t back = random() % 50;
      ingest.Restart(partition, ingest.next(partition) - std::min(back, ingest.next(partition)));
    }
  }
  ingest.TellWatermarks(false, wall);
  ingest.TellWatermarks(true, now + kDay);
  return std::move(ingest).Take();
}

void SignalSource::Note(kafka::PartitionEvent::Kind kind, int32_t partition) {
  events_.push_back({.kind = kind,
                     .slot = static_cast<kafka::PartitionSlot>(partition),
                     .offset = partitions_[partition].next,
                     .gap_end = 0,
                     .topic = kSignalTopic,
                     .partition = partition});
}

void SignalSource::Offer(int32_t partition) {
  partitions_[partition].ours = true;
  Note(kafka::PartitionEvent::Kind::kOffered, partition);
}

void SignalSource::Revoke(int32_t partition) {
  partitions_[partition].ours = partitions_[partition].reading = false;
  Note(kafka::PartitionEvent::Kind::kRevoked, partition);
}

void SignalSource::StartAt(kafka::PartitionSlot slot, int64_t offset, uint64_t /*mark*/) {
  const auto number = static_cast<int32_t>(slot);
  Partition& partition = partitions_[number];
  if (!partition.ours) return;
  partition.next = offset;
  partition.reading = true;
  Note(kafka::PartitionEvent::Kind::kAssigned, number);
}

absl::Status SignalSource::Poll(std::chrono::milliseconds timeout, kafka::MessageBatch* batch) {
  batch->events = std::exchange(events_, {});
  const auto number = static_cast<int32_t>(random_() % topic_.size());
  Partition& partition = partitions_[number];
  const auto& log = topic_[static_cast<size_t>(number)];
  for (size_t left = random_() % 20; partition.reading && left > 0; --left) {
    if (partition.next == static_cast<int64_t>(log.size())) break;
    const std::string& text = log[static_cast<size_t>(partition.next)];
    batch->messages.push_back({.payload = text,
                               .slot = static_cast<kafka::PartitionSlot>(number),
                               .offset = partition.next++,
                               .broker_time = kEndOfTime,
                               .handle = nullptr});
    batch->bytes += text.size();
  }
  if (batch->empty() && timeout.count() > 0) wait_(std::chrono::milliseconds(1));
  return absl::OkStatus();
}

absl::Status SignalSource::KeepAlive(std::chrono::milliseconds /*timeout*/) {
  wait_(std::chrono::milliseconds(1));
  return absl::OkStatus();
}

}  // namespace signinwatch::pipeline
