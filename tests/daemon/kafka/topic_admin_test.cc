#include "daemon/kafka/topic_admin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "daemon/clock/clock.h"
#include "daemon/kafka/mock_cluster.h"

namespace signinwatch::kafka {
namespace topic_admin_test {

using testing::HasSubstr;

constexpr std::chrono::milliseconds kPatient{20'000};

class TopicAdminTest : public testing::Test {
 protected:
  TopicAdminTest() {
    auto cluster = MockCluster::Start();
    EXPECT_TRUE(cluster.ok()) << cluster.status();
    mock_ = *std::move(cluster);
    EXPECT_TRUE(mock_->CreateTopic("signals", 4).ok());
    cluster_.brokers = mock_->bootstrap_servers();
  }

  absl::Status Ensure(int32_t partitions, std::chrono::milliseconds timeout = kPatient) {
    return EnsureTopic(clock::SystemClock(), cluster_, {}, "signals", partitions, timeout);
  }

  std::unique_ptr<MockCluster> mock_;
  config::KafkaCluster cluster_;
};

TEST_F(TopicAdminTest, ATopicAsItShouldBe) { EXPECT_EQ(Ensure(4), absl::OkStatus()); }

// Keys would move to other partitions: tenants would be decided by two instances.
TEST_F(TopicAdminTest, AnotherNumberOfPartitionsIsRefused) {
  const absl::Status status = Ensure(8);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("signals has 4 partitions, but signals.partitions is 8"));
}

TEST_F(TopicAdminTest, NoBrokerAnswers) {
  mock_->SetBrokerDown(1);
  EXPECT_EQ(Ensure(4, std::chrono::milliseconds(200)).code(), absl::StatusCode::kUnavailable);
}

}  // namespace topic_admin_test
}  // namespace signinwatch::kafka
