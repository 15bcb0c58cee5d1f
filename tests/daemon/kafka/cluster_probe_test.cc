// The doctor's look at a cluster, against librdkafka's mock cluster.
#include "daemon/kafka/cluster_probe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "daemon/kafka/kafka_producer.h"
#include "daemon/kafka/mock_cluster.h"

namespace signinwatch::kafka {
namespace cluster_probe_test {

using std::chrono::milliseconds;

constexpr milliseconds kTimeout{10'000};

class ClusterProbeTest : public testing::Test {
 protected:
  ClusterProbeTest() {
    cluster_.brokers = mock_->bootstrap_servers();
    EXPECT_TRUE(mock_->CreateTopic("a", 3).ok());
    KafkaProducerOptions options;
    options.cluster = cluster_;
    auto producer = MakeKafkaProducer(clock::SystemClock(), options);
    for (int i = 0; i < 20; ++i) {
      const std::string value = "message " + std::to_string(i);
      EXPECT_TRUE((*producer)
                      ->Produce({.topic = "a",
                                 .key = "",
                                 .value = value,
                                 .headers = {},
                                 .partition = i < 15 ? 0 : 2,
                                 .timestamp_ms = 1'700'000'000'000 + i},
                                nullptr)
                      .ok());
    }
    EXPECT_TRUE((*producer)->Flush(kTimeout).ok());
  }

  std::unique_ptr<ClusterProbe> Probe() {
    auto probe = ClusterProbe::Make(clock::SystemClock(), cluster_, nullptr);
    EXPECT_TRUE(probe.ok()) << probe.status();
    return *std::move(probe);
  }

  const std::unique_ptr<MockCluster> mock_ = *MockCluster::Start();
  config::KafkaCluster cluster_;
};

TEST_F(ClusterProbeTest, SeesPartitionsAndMessages) {
  const auto probe = Probe();
  ASSERT_TRUE(probe->LogIn(kTimeout).ok());
  const auto topics = probe->Topics({"a"}, kTimeout);
  ASSERT_EQ(topics.size(), 1u);
  EXPECT_EQ(topics[0].state, ProbedTopic::State::kThere) << topics[0].error;
  EXPECT_EQ(topics[0].partitions, 3);

  auto partitions = probe->Partitions(topics, kTimeout);
  ASSERT_EQ(partitions.size(), 3u);
  const int64_t ends[] = {15, 0, 5};
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(partitions[i].error, "");
    EXPECT_EQ(partitions[i].partition, i);
    EXPECT_EQ(partitions[i].start, 0);
    EXPECT_EQ(partitions[i].end, ends[i]);
  }
  probe->FindOldest(&partitions, kTimeout);
  EXPECT_EQ(partitions[0].oldest, EventTime(milliseconds(1'700'000'000'000)));
  EXPECT_EQ(partitions[1].oldest, kBeginningOfTime);
  EXPECT_EQ(partitions[2].oldest, EventTime(milliseconds(1'700'000'000'015)));

  const auto newest = probe->Newest(partitions, 4, 1 << 20, kTimeout);
  ASSERT_EQ(newest.size(), 8u);
  std::vector<std::string> values;
  for (const ProbedMessage& message : newest) values.push_back(message.payload);
  EXPECT_THAT(values, testing::UnorderedElementsAre("message 11", "message 12", "message 13",
                                                    "message 14", "message 16", "message 17",
                                                    "message 18", "message 19"));
  EXPECT_EQ(probe->throttled().count(), 0);
  EXPECT_TRUE(probe->Newest({}, 4, 1 << 20, kTimeout).empty());
}

TEST_F(ClusterProbeTest, SaysWhatIsNotThere) {
  mock_->SetTopicMissing("a", true);
  const auto probe = Probe();
  ASSERT_TRUE(probe->LogIn(kTimeout).ok());
  EXPECT_EQ(probe->Topics({"a"}, kTimeout)[0].state, ProbedTopic::State::kMissing);
}

TEST_F(ClusterProbeTest, TriesToRead) {
  const auto probe = Probe();
  ASSERT_TRUE(probe->LogIn(kTimeout).ok());
  const auto partitions = probe->Partitions(probe->Topics({"a"}, kTimeout), kTimeout);
  ASSERT_EQ(partitions.size(), 3u);
  EXPECT_EQ(probe->TryToRead(partitions[0], kTimeout), absl::OkStatus());
  EXPECT_EQ(probe->TryToRead(partitions[1], kTimeout), absl::OkStatus()) << "it is empty";
  EXPECT_EQ(probe->Newest(partitions, 4, 1 << 20, kTimeout).size(), 8u) << "it reads on";
  constexpr int16_t kFetch = 1;
  constexpr int kTopicAuthorizationFailed = 29;
  mock_->FailRequests(kFetch, kTopicAuthorizationFailed, 100);
  EXPECT_EQ(Probe()->TryToRead(partitions[0], kTimeout).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(probe->TryToRead(partitions[0], milliseconds(0)).code(),
            absl::StatusCode::kUnavailable);
}

// The mock cluster has no settings to tell, as brokers that don't allow to ask; the end-to-end
// tests have some that do.
TEST_F(ClusterProbeTest, SaysWhySettingsAreNotKnown) {
  const auto probe = Probe();
  ASSERT_TRUE(probe->LogIn(kTimeout).ok());
  const ProbedSettings settings = probe->Settings("a", kTimeout);
  EXPECT_TRUE(settings.values.empty());
  EXPECT_NE(settings.error, "");
  mock_->SetBrokerDown(1);
  EXPECT_NE(probe->Settings("a", milliseconds(200)).error, "");
}

TEST_F(ClusterProbeTest, EndsWhereNobodyAnswers) {
  mock_->SetBrokerDown(1);
  const auto probe = Probe();
  EXPECT_EQ(probe->LogIn(milliseconds(500)).code(), absl::StatusCode::kUnavailable);
  // A log-in by token has none.
  cluster_.auth = config::KafkaAuth::kOauthBearer;
  auto refused = ClusterProbe::Make(clock::SystemClock(), cluster_, [] {
    return absl::UnauthenticatedError("the endpoint refuses");
  });
  ASSERT_TRUE(refused.ok());
  const absl::Status status = (*refused)->LogIn(kTimeout);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("the endpoint refuses"));
}

TEST_F(ClusterProbeTest, MistakesOfTheConfigurationAreErrors) {
  cluster_.options = {{"no.such.option", "1"}};
  EXPECT_EQ(ClusterProbe::Make(clock::SystemClock(), cluster_, nullptr).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace cluster_probe_test
}  // namespace signinwatch::kafka
