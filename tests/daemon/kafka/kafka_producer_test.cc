#include "daemon/kafka/kafka_producer.h"

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/kafka/mock_cluster.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/kafka/source_run.h"

namespace signinwatch::kafka {
namespace kafka_producer_test {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int16_t kProduce = 0;
constexpr milliseconds kLong = std::chrono::duration_cast<milliseconds>(kPatience);

class KafkaProducerTest : public testing::Test {
 protected:
  KafkaProducerTest() {
    auto cluster = MockCluster::Start();
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    EXPECT_TRUE(cluster_->CreateTopic("tickets", 4).ok());
    options_.cluster.brokers = cluster_->bootstrap_servers();
    options_.cluster.options = {{"reconnect.backoff.max.ms", "100"}, {"retry.backoff.ms", "10"}};
  }

  void Make() {
    auto producer = MakeKafkaProducer(clock::SystemClock(), options_);
    ASSERT_TRUE(producer.ok()) << producer.status();
    producer_ = *std::move(producer);
  }
  absl::Status Produce(std::string_view topic, std::string_view key, std::string_view value) {
    return producer_->Produce(
        {.topic = topic, .key = key, .value = value, .headers = {{"schema", "ticket/1"}}},
        [this](const absl::Status& status) { done_.push_back(status); });
  }

  std::unique_ptr<MockCluster> cluster_;
  KafkaProducerOptions options_;
  std::unique_ptr<KafkaProducer> producer_;
  std::vector<absl::Status> done_;
};

TEST_F(KafkaProducerTest, DeliversAndTellsOnce) {
  Make();
  std::string value = "value";
  ASSERT_TRUE(Produce("tickets", "key", value).ok());
  value = "other";  // the message is the producer's
  ASSERT_TRUE(Produce("tickets", "", value).ok());
  EXPECT_TRUE(done_.empty()) << "told outside of Poll and Flush";
  EXPECT_TRUE(producer_->Flush(kLong).ok());
  EXPECT_THAT(done_, ElementsAre(absl::OkStatus(), absl::OkStatus()));
  producer_->Poll(milliseconds(0));
  EXPECT_EQ(done_.size(), 2);
}

TEST_F(KafkaProducerTest, SameKeySamePartitionAndInOrder) {
  Make();
  for (int i = 0; i < 60; ++i) {
    ASSERT_TRUE(Produce("tickets", "key " + std::to_string(i % 6), std::to_string(i)).ok());
  }
  ASSERT_TRUE(producer_->Flush(kLong).ok());
  const auto source = MakeKafkaSource(clock::SystemClock(),
                                      SourceOptions(options_.cluster.brokers, "tickets", "reader"));
  ASSERT_TRUE(source.ok()) << source.status();
  std::map<int, std::vector<int>> numbers_of_key;
  std::map<int, PartitionSlot> partition_of_key;
  size_t messages = 0;
  while (messages < 60) {
    MessageBatch batch;
    ASSERT_TRUE((*source)->Poll(milliseconds(100), &batch).ok());
    messages += batch.messages.size();
    for (const FetchedMessage& message : batch.messages) {
      const int number = std::stoi(std::string(message.payload));
      numbers_of_key[number % 6].push_back(number);
      const auto [place, first] = partition_of_key.emplace(number % 6, message.slot);
      EXPECT_EQ(place->second, message.slot);
    }
  }
  EXPECT_EQ(numbers_of_key.size(), 6);
  for (const auto& [key, numbers] : numbers_of_key) {
    EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
    EXPECT_EQ(numbers.size(), 10);
  }
  std::map<PartitionSlot, int> keys_of_partition;
  for (const auto& [key, slot] : partition_of_key) ++keys_of_partition[slot];
  EXPECT_GT(keys_of_partition.size(), 1);
}

TEST_F(KafkaProducerTest, GetsOverATemporaryFailure) {
  Make();
  constexpr int kNotEnoughReplicas = 19;
  cluster_->FailRequests(kProduce, kNotEnoughReplicas, 3);
  ASSERT_TRUE(Produce("tickets", "key", "value").ok());
  EXPECT_TRUE(producer_->Flush(kLong).ok());
  EXPECT_THAT(done_, ElementsAre(absl::OkStatus()));
}

TEST_F(KafkaProducerTest, ABrokerThatIsAwayIsTemporary) {
  options_.message_timeout = milliseconds(200);
  Make();
  cluster_->SetBrokerDown(1);
  ASSERT_TRUE(Produce("tickets", "key", "value").ok());
  EXPECT_EQ(producer_->Flush(milliseconds(1)).code(), absl::StatusCode::kDeadlineExceeded);
  while (done_.empty()) producer_->Poll(milliseconds(50));
  EXPECT_EQ(done_[0].code(), absl::StatusCode::kUnavailable);
  cluster_->SetBrokerUp(1);
  done_.clear();
  while (done_.empty() || !done_.back().ok()) {
    ASSERT_TRUE(Produce("tickets", "key", "value").ok());
    EXPECT_TRUE(producer_->Flush(kLong).ok());
  }
}

TEST_F(KafkaProducerTest, WhatTheBrokerRefusesIsForGood) {
  Make();
  const struct {
    int error;
    absl::StatusCode code;
  } cases[] = {
      {10, absl::StatusCode::kInvalidArgument},  // MSG_SIZE_TOO_LARGE
      {87, absl::StatusCode::kInvalidArgument},  // INVALID_RECORD
      // The client remembers this one and refuses further messages itself.
      {29, absl::StatusCode::kPermissionDenied},  // TOPIC_AUTHORIZATION_FAILED
  };
  for (const auto& [error, code] : cases) {
    done_.clear();
    cluster_->FailRequests(kProduce, error, 1);
    EXPECT_EQ(Produce("tickets", "key", "value"), absl::OkStatus()) << error;
    EXPECT_TRUE(producer_->Flush(kLong).ok());
    ASSERT_EQ(done_.size(), 1);
    EXPECT_EQ(done_[0].code(), code) << done_[0];
  }
}

TEST_F(KafkaProducerTest, WhatIsTooLargeIsRefusedAtOnce) {
  options_.cluster.options["message.max.bytes"] = "2000";
  Make();
  EXPECT_EQ(Produce("tickets", "key", std::string(3'000, 'x')).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(producer_->Flush(kLong).ok());
  EXPECT_TRUE(done_.empty());
}

TEST_F(KafkaProducerTest, AFullQueueSaysSo) {
  options_.cluster.options["queue.buffering.max.messages"] = "1";
  cluster_->SetBrokerDown(1);
  Make();
  ASSERT_TRUE(Produce("tickets", "key", "value").ok());
  EXPECT_EQ(Produce("tickets", "key", "value").code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(KafkaProducerTest, ATopicThatDoesNotExistIsNotFound) {
  options_.cluster.options["topic.metadata.propagation.max.ms"] = "0";
  cluster_->SetTopicMissing("tickets", true);
  Make();
  ASSERT_TRUE(Produce("tickets", "key", "value").ok());
  EXPECT_TRUE(producer_->Flush(kLong).ok());
  ASSERT_EQ(done_.size(), 1);
  EXPECT_EQ(done_[0].code(), absl::StatusCode::kNotFound) << done_[0];
}

TEST_F(KafkaProducerTest, ACallbackMayProduceAgain) {
  Make();
  int again = 0;
  std::function<void(const absl::Status&)> done = [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok());
    if (++again < 5) {
      EXPECT_TRUE(
          producer_->Produce({.topic = "tickets", .key = {}, .value = "again", .headers = {}}, done)
              .ok());
    }
  };
  ASSERT_TRUE(
      producer_->Produce({.topic = "tickets", .key = {}, .value = "first", .headers = {}}, done)
          .ok());
  while (again < 5) producer_->Poll(milliseconds(50));
}

TEST_F(KafkaProducerTest, GoesOnAfterAnErrorThatIsFatalToTheClient) {
  constexpr int16_t kInitProducerId = 22;
  constexpr int kClusterAuthorizationFailed = 31;
  cluster_->FailRequests(kInitProducerId, kClusterAuthorizationFailed, 1);
  Make();
  // Refused at once where the error was sooner than this.
  const absl::Status first = Produce("tickets", "key", "first");
  EXPECT_TRUE(producer_->Flush(kLong).ok());
  ASSERT_EQ(done_.size(), first.ok() ? 1 : 0);
  const absl::Status told = first.ok() ? done_[0] : first;
  EXPECT_EQ(told.code(), absl::StatusCode::kUnavailable) << told;
  done_.clear();
  ASSERT_TRUE(Produce("tickets", "key", "second").ok());
  EXPECT_TRUE(producer_->Flush(kLong).ok());
  ASSERT_EQ(done_.size(), 1);
  EXPECT_TRUE(done_[0].ok()) << done_[0];
}

TEST_F(KafkaProducerTest, ManyThreadsProduceAndPoll) {
  Make();
  std::atomic<int> delivered = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        EXPECT_TRUE(producer_
                        ->Produce({.topic = "tickets", .key = "k", .value = "v", .headers = {}},
                                  [&](const absl::Status& status) { delivered += status.ok(); })
                        .ok());
        if (i % 20 == 0) producer_->Poll(milliseconds(0));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(producer_->Flush(kLong).ok());
  EXPECT_EQ(delivered, 800);
}

TEST_F(KafkaProducerTest, RefusesWhatTheClientDoesNotKnow) {
  options_.compression = "rar";
  const auto producer = MakeKafkaProducer(clock::SystemClock(), options_);
  EXPECT_EQ(producer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(producer.status().message()), HasSubstr("compression"));
}

}  // namespace kafka_producer_test
}  // namespace signinwatch::kafka
