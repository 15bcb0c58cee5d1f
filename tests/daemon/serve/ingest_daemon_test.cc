// The role `ingest` whole, on a cluster within this process: requests fail, instances come and go.
#include "daemon/serve/ingest_daemon.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "daemon/kafka/kafka_producer.h"
#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/mock_cluster.h"
#include "daemon/signals/input_watermarks.h"
#include "daemon/signals/partitioner.h"
#include "tests/eventually.h"

namespace signinwatch::serve {
namespace ingest_daemon_test {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kInputs = 3, kOutputs = 4;
constexpr int16_t kProduceRequest = 0;
constexpr int kNotLeader = 6, kMessageTooLarge = 10;

class IngestDaemonTest : public testing::Test {
 protected:
  IngestDaemonTest() : cluster_(*kafka::MockCluster::Start()) {
    EXPECT_TRUE(cluster_->CreateTopic("in", kInputs).ok());
    EXPECT_TRUE(cluster_->CreateTopic("signals", kOutputs).ok());
    config_.serve.role = config::Role::kIngest;
    config_.serve.kafka.cluster.brokers = cluster_->bootstrap_servers();
    config_.serve.kafka.topics = {"in"};
    config_.serve.kafka.session_timeout = seconds(6);
    config_.serve.kafka.offset_commit_interval = milliseconds(250);
    config_.serve.signals = {.topic = "signals", .partitions = kOutputs, .group = "d"};
    config_.serve.http.listen = "127.0.0.1:0";
    kafka::KafkaProducerOptions options;
    options.cluster = config_.serve.kafka.cluster;
    producer_ = *kafka::MakeKafkaProducer(clock::SystemClock(), options);
  }

  std::unique_ptr<IngestDaemon> Start() {
    absl::StatusOr<std::unique_ptr<IngestDaemon>> started =
        IngestDaemon::Start(config_, clock::SystemClock());
    EXPECT_TRUE(started.ok()) << started.status();
    return started.ok() ? *std::move(started) : nullptr;
  }

  // So many records more, dealt to the partitions.
  void Produce(int count) {
    for (int i = 0; i < count; ++i) {
      const std::string id = "record " + std::to_string(produced_);
      const std::string text = R"({"category":"SignInLogs","resultType":"50132","time":")" +
                               FormatEventTime(clock::SystemClock().Wall()) + R"(","tenantId":"t)" +
                               std::to_string(produced_ % 7) +
                               R"(","properties":{"userId":"u","id":")" + id + R"("}})";
      const kafka::ProducedMessage message{
          .topic = "in", .key = {}, .value = text, .headers = {}, .partition = produced_ % kInputs};
      ASSERT_TRUE(producer_->Produce(message, {}).ok());
      expected_.insert(id);
      ++produced_;
    }
    ASSERT_TRUE(producer_->Flush(seconds(10)).ok());
  }

  // Reads the signal topic as detect does, until all have come.
  void ReadAll() {
    if (reader_ == nullptr) {
      kafka::KafkaSourceOptions options;
      options.config.cluster = config_.serve.kafka.cluster;
      options.config.topics = {"signals"};
      options.config.group = "reader";
      reader_ = *kafka::MakeKafkaSource(clock::SystemClock(), options);
    }
    const auto deadline = clock::SystemClock().Steady() + seconds(40);
    while (taken_ != expected_ && clock::SystemClock().Steady() < deadline) {
      kafka::MessageBatch batch;
      ASSERT_TRUE(reader_->Poll(milliseconds(100), &batch).ok());
      for (const kafka::PartitionEvent& event : batch.events) {
        if (event.kind == kafka::PartitionEvent::Kind::kAssigned)
          partitions_[event.slot] = event.partition;
      }
      for (const kafka::FetchedMessage& message : batch.messages) Take(message);
    }
    EXPECT_EQ(taken_, expected_);
  }

  void Take(const kafka::FetchedMessage& message) {
    signals::InputWatermarks& input = inputs_.try_emplace(message.slot, TimeConfig{}).first->second;
    const signals::Decoded decoded = decoder_.Decode(message.payload);
    ASSERT_NE(decoded, signals::Decoded::kMalformed);
    if (decoded == signals::Decoded::kWatermarks) input.Hear(decoder_.watermarks());
    if (decoded == signals::Decoded::kSources) input.Hear(decoder_.sources());
    if (decoded != signals::Decoded::kSignals) return;
    const signals::SignalsMessage& signals = decoder_.signals();
    EXPECT_EQ(partitions_[message.slot],
              signals::PartitionOfTenant(
                  signals.parsed.Text(signals.parsed.signals.front().tenant_text), kOutputs));
    const size_t first = *input.Take(signals.origin, signals.indices);
    for (size_t i = first; i < signals.indices.size(); ++i) {
      const Signal& signal = signals.parsed.signals[i];
      EXPECT_TRUE(taken_.emplace(signals.parsed.Text(signal.id_text)).second) << "twice";
      EXPECT_GE(signal.event_time, input.stream_watermark()) << "late";
    }
  }

  std::unique_ptr<kafka::MockCluster> cluster_;
  config::Config config_;
  std::unique_ptr<kafka::KafkaProducer> producer_;
  std::unique_ptr<kafka::RecordSource> reader_;
  int produced_ = 0;
  std::set<std::string> expected_, taken_;
  std::map<kafka::PartitionSlot, int32_t> partitions_;
  std::map<kafka::PartitionSlot, signals::InputWatermarks> inputs_;
  signals::SignalDecoder decoder_;
};

TEST_F(IngestDaemonTest, SendsEachRecordAndBecomesReady) {
  Produce(50);
  const std::unique_ptr<IngestDaemon> ingest = Start();
  ReadAll();
  // What is read here may not have been counted there yet.
  EXPECT_TRUE(Eventually([&ingest] {
    return ingest->metrics().find("signinwatch_signals_total{outcome=\"sent\"} 50") !=
               std::string::npos &&
           ingest->status().records == 50;
  })) << ingest->metrics();
  EXPECT_TRUE(ingest->status().not_ready.empty());
  EXPECT_TRUE(ingest->Stop().ok());
}

TEST_F(IngestDaemonTest, ARestartGoesOnAndLosesNothing) {
  for (int round = 0; round < 3; ++round) {
    const std::unique_ptr<IngestDaemon> ingest = Start();
    Produce(30);
    if (round == 1) ReadAll();
  }
  const std::unique_ptr<IngestDaemon> ingest = Start();
  ReadAll();
}

TEST_F(IngestDaemonTest, WhatABrokerRefusesIsSentAgain) {
  cluster_->FailRequests(kProduceRequest, kNotLeader, 3);
  const std::unique_ptr<IngestDaemon> ingest = Start();
  Produce(50);
  ReadAll();
  // For good, of this producer: all that was not acknowledged is read again.
  // Nobody else produces now: it tells watermarks every second.
  cluster_->FailRequests(kProduceRequest, kMessageTooLarge, 1);
  EXPECT_TRUE(Eventually([&ingest] {
    return ingest->metrics().find("signinwatch_signal_rewinds_total 0") == std::string::npos;
  }));
  Produce(50);
  ReadAll();
}

TEST_F(IngestDaemonTest, AnotherNumberOfPartitionsIsRefused) {
  config_.serve.signals.partitions = kOutputs + 1;
  const std::unique_ptr<IngestDaemon> ingest = Start();
  std::string said;
  for (int i = 0; i < 100 && said.find("signals.partitions is 5") == std::string::npos; ++i) {
    said.clear();
    for (const pipeline::Condition& condition : ingest->status().not_ready)
      said += condition.sentence;
    std::this_thread::sleep_for(milliseconds(100));
  }
  EXPECT_NE(said.find("topic signals has 4 partitions"), std::string::npos) << said;
}

}  // namespace ingest_daemon_test
}  // namespace signinwatch::serve
