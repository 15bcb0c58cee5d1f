#include "tests/daemon/kafka/source_run.h"

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "daemon/kafka/kafka_producer.h"
#include "gtest/gtest.h"

namespace signinwatch::kafka {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Kind = PartitionEvent::Kind;

void ProduceNumbered(const std::string& brokers, const std::string& topic, int32_t partition,
                     int64_t first, int64_t end, size_t payload_bytes) {
  KafkaProducerOptions options;
  options.cluster.brokers = brokers;
  auto producer = MakeKafkaProducer(clock::SystemClock(), options);
  ASSERT_TRUE(producer.ok()) << producer.status();
  for (int64_t i = first; i < end; ++i) {
    std::string value = std::to_string(i);
    if (value.size() < payload_bytes) value.resize(payload_bytes, ' ');
    const auto failed = [](const absl::Status& status) { EXPECT_TRUE(status.ok()) << status; };
    ASSERT_TRUE(
        (*producer)
            ->Produce(
                {.topic = topic, .key = {}, .value = value, .headers = {}, .partition = partition},
                failed)
            .ok());
  }
  EXPECT_TRUE((*producer)->Flush(std::chrono::duration_cast<milliseconds>(kPatience)).ok());
}

KafkaSourceOptions SourceOptions(const std::string& brokers, const std::string& topic,
                                 const std::string& group) {
  KafkaSourceOptions options;
  options.config.cluster.brokers = brokers;
  options.config.topics = {topic};
  options.config.group = group;
  options.config.session_timeout = milliseconds(3'300);
  options.config.metadata_max_age = milliseconds(500);
  options.config.offset_commit_interval = milliseconds(100);
  options.config.cluster.options = {{"heartbeat.interval.ms", "200"},
                                    {"fetch.wait.max.ms", "20"},
                                    {"reconnect.backoff.max.ms", "200"}};
  return options;
}

SourceRun::SourceRun(const KafkaSourceOptions& options)
    : alone_(options.starts_by == StartsBy::kPositions) {
  auto source = MakeKafkaSource(clock::SystemClock(), options);
  EXPECT_TRUE(source.ok()) << source.status();
  source_ = *std::move(source);
}

bool SourceRun::PollUntil(const std::function<bool()>& done, milliseconds timeout,
                          std::chrono::seconds patience) {
  const auto deadline = steady_clock::now() + patience;
  while (!done()) {
    if (steady_clock::now() > deadline) return false;
    Poll(timeout);
  }
  return true;
}

void SourceRun::PollFor(milliseconds duration) {
  const auto deadline = steady_clock::now() + duration;
  while (steady_clock::now() < deadline) Poll(milliseconds(20));
}

void SourceRun::Poll(milliseconds timeout) {
  MessageBatch batch;
  const absl::Status status = source_->Poll(timeout, &batch);
  ASSERT_TRUE(status.ok()) << status;
  for (const PartitionEvent& event : batch.events) Note(event);
  for (const FetchedMessage& message : batch.messages) Note(message);
  // As the pipeline does, which parses on other threads.
  std::thread([moved = std::move(batch)]() mutable { moved.ReleasePayloads(); }).join();
}

void SourceRun::Note(const PartitionEvent& event) {
  events_.push_back(event);
  if (event.kind == Kind::kExists) {
    EXPECT_FALSE(partition_of_.contains(event.slot)) << "known already";
  }
  if (event.kind == Kind::kExists || event.kind == Kind::kOffered ||
      event.kind == Kind::kAssigned) {
    partition_of_[event.slot] = event.partition;
  }
  ASSERT_TRUE(partition_of_.contains(event.slot)) << "an event before its partition is named";
  Seen& seen = seen_[partition_of_[event.slot]];
  seen.events.push_back(event.kind);
  seen.at_end = event.kind == Kind::kReachedEnd;
  switch (event.kind) {
    case Kind::kExists:
      break;
    case Kind::kOffered:
      EXPECT_FALSE(seen.assigned);
      seen.slot = event.slot;
      break;
    case Kind::kAssigned:
      // Of several members one may be told again that it goes on.
      EXPECT_TRUE(!seen.assigned || !alone_);
      seen.assigned = true;
      seen.slot = event.slot;
      if (seen.first < 0) seen.first = event.offset;
      if (seen.next >= 0 && alone_) {
        EXPECT_EQ(event.offset, seen.next) << "not where it was";
      }
      seen.next = event.offset;
      break;
    case Kind::kRevoked:
      EXPECT_TRUE(seen.assigned || !alone_);  // it may have been offered only
      seen.assigned = false;
      if (!alone_) seen.next = -1;  // others go on with it
      break;
    case Kind::kReachedEnd:
      EXPECT_EQ(event.offset, seen.next);
      break;
    case Kind::kUnreachable:
      break;
    case Kind::kGap:
    case Kind::kReset:
    case Kind::kUnreadable:
      EXPECT_EQ(event.offset, seen.next);
      seen.next = event.gap_end;
      break;
  }
}

void SourceRun::Note(const FetchedMessage& message) {
  Seen& seen = seen_[partition_of_[message.slot]];
  ASSERT_TRUE(seen.assigned) << "a message of a partition that is not assigned";
  ASSERT_EQ(message.offset, seen.next) << "left out, or twice";
  EXPECT_EQ(std::atoll(std::string(message.payload).c_str()), message.offset);
  EXPECT_GT(message.broker_time, kBeginningOfTime);
  seen.next = message.offset + 1;
  seen.mark = message.mark;
  seen.at_end = false;
  ++seen.messages;
}

size_t SourceRun::assigned() const {
  return static_cast<size_t>(std::count_if(
      seen_.begin(), seen_.end(), [](const auto& entry) { return entry.second.assigned; }));
}

bool SourceRun::AllAtEnd(size_t partitions) const {
  return assigned() == partitions && std::all_of(seen_.begin(), seen_.end(), [](const auto& entry) {
           return entry.second.at_end;
         });
}

size_t SourceRun::Count(int32_t partition, Kind kind) {
  const auto& kinds = seen_[partition].events;
  return static_cast<size_t>(std::count(kinds.begin(), kinds.end(), kind));
}

}  // namespace signinwatch::kafka
