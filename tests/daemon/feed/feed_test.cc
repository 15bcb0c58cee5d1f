// generate --kafka, into a cluster and out of it again.
#include "daemon/feed/feed.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/mock_cluster.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch::feed {
namespace feed_test {

using ::testing::HasSubstr;

constexpr int kPartitions = 3;

generator::GenerateOptions SmallTraffic() {
  generator::GenerateOptions options;
  options.start = std::chrono::sys_days(std::chrono::year(2025) / 3 / 3);
  options.users = 100;
  options.duration = std::chrono::hours(12);
  options.scenarios = false;
  return options;
}

struct Outcome {
  int code = 0;
  std::string err;
};

Outcome Feed(const generator::GenerateOptions& generate, const FeedOptions& feed) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* err = open_memstream(&text, &size);
  Outcome outcome;
  outcome.code = RunFeed(generate, feed, err);
  std::fclose(err);
  outcome.err.assign(text, size);
  std::free(text);
  return outcome;
}

// The messages of each partition, when `count` have come.
std::map<int32_t, std::vector<std::string>> Consume(const std::string& brokers, size_t count) {
  kafka::KafkaSourceOptions options;
  options.config.cluster.brokers = brokers;
  options.config.topics = {"signins"};
  auto source = kafka::MakeKafkaSource(clock::SystemClock(), options);
  EXPECT_TRUE(source.ok()) << source.status();
  std::map<int32_t, std::vector<std::string>> messages;
  std::map<kafka::PartitionSlot, int32_t> partitions;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (size_t got = 0; got < count && std::chrono::steady_clock::now() < deadline;) {
    kafka::MessageBatch batch;
    EXPECT_TRUE((*source)->Poll(std::chrono::milliseconds(100), &batch).ok());
    for (const kafka::PartitionEvent& event : batch.events)
      partitions[event.slot] = event.partition;
    for (const kafka::FetchedMessage& message : batch.messages) {
      messages[partitions.at(message.slot)].emplace_back(message.payload);
      ++got;
    }
  }
  (*source)->Close(std::chrono::seconds(5));
  return messages;
}

// What the files of the same options hold.
std::vector<std::vector<std::string>> Written(generator::GenerateOptions options) {
  const TemporaryFolder folder;
  options.output = folder.Path("out");
  std::FILE* err = std::tmpfile();
  EXPECT_EQ(generator::RunGenerate(options, err), 0);
  std::fclose(err);
  std::vector<std::vector<std::string>> files;
  for (uint32_t i = 0; i < options.partitions; ++i) {
    std::istringstream in(ReadWholeFile(options.partitions > 1 ? options.output + "/part-" +
                                                                     std::to_string(i) + ".jsonl"
                                                               : options.output));
    files.emplace_back();
    for (std::string line; std::getline(in, line);) files.back().push_back(line);
  }
  return files;
}

class FeedTest : public ::testing::Test {
 protected:
  FeedTest() {
    auto cluster = kafka::MockCluster::Start();
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    EXPECT_TRUE(cluster_->CreateTopic("signins", kPartitions).ok());
    feed_.cluster.brokers = cluster_->bootstrap_servers();
    feed_.topic = "signins";
    feed_.compression = "zstd";
  }

  std::unique_ptr<kafka::MockCluster> cluster_;
  FeedOptions feed_;
};

TEST_F(FeedTest, PartitionsOfTheGeneratorAreThoseOfTheTopic) {
  generator::GenerateOptions generate = SmallTraffic();
  generate.partitions = kPartitions;
  const Outcome outcome = Feed(generate, feed_);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.err, HasSubstr("{\"records\":"));
  const auto written = Written(generate);
  size_t count = 0;
  for (const auto& file : written) count += file.size();
  const auto messages = Consume(feed_.cluster.brokers, count);
  ASSERT_EQ(messages.size(), static_cast<size_t>(kPartitions));
  for (const auto& [partition, texts] : messages) {
    EXPECT_TRUE(texts == written.at(static_cast<size_t>(partition))) << partition;
  }
}

TEST_F(FeedTest, APartitionThatTheTopicDoesNotHaveIsAFailure) {
  generator::GenerateOptions generate = SmallTraffic();
  generate.partitions = kPartitions + 1;
  const Outcome outcome = Feed(generate, feed_);
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("signins: "));
}

TEST_F(FeedTest, AnOptionThatDoesNotExistIsExitTwo) {
  feed_.cluster.options["no.such.option"] = "1";
  const Outcome outcome = Feed(SmallTraffic(), feed_);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no.such.option"));
}

}  // namespace feed_test
}  // namespace signinwatch::feed
