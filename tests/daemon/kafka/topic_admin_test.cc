#include "daemon/kafka/topic_admin.h"

#include <gtest/gtest.h>

#include <memory>

#include "daemon/kafka/mock_cluster.h"

namespace signinwatch {
namespace {

constexpr std::chrono::milliseconds kTimeout{5'000};

TEST(TopicAdmin, ATopicHasTheNumberThatIsAskedFor) {
  absl::StatusOr<std::unique_ptr<MockCluster>> mock = MockCluster::Start();
  ASSERT_TRUE(mock.ok());
  ASSERT_TRUE((*mock)->CreateTopic("signals", 4).ok());
  KafkaCluster cluster;
  cluster.brokers = (*mock)->bootstrap_servers();
  EXPECT_TRUE(EnsureTopic(SystemClock(), cluster, {}, "signals", 4, kTimeout).ok());
  const absl::Status other = EnsureTopic(SystemClock(), cluster, {}, "signals", 8, kTimeout);
  EXPECT_EQ(other.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(other.message(),
            "topic signals has 4 partitions, but signals.partitions is 8: set it to 4, or create "
            "another topic with 8 partitions and start over with it");
}

TEST(TopicAdmin, WithoutABrokerNothingIsKnown) {
  KafkaCluster cluster;
  cluster.brokers = "127.0.0.1:1";
  const absl::Status status =
      EnsureTopic(SystemClock(), cluster, {}, "signals", 4, std::chrono::milliseconds(500));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
}

}  // namespace
}  // namespace signinwatch
