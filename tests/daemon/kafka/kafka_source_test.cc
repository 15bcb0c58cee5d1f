#include "daemon/kafka/kafka_source.h"

#include <array>
#include <memory>
#include <random>
#include <string>

#include "daemon/kafka/mock_cluster.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/kafka/source_run.h"

namespace signinwatch {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using Kind = PartitionEvent::Kind;

std::unique_ptr<MockCluster> StartCluster() {
  auto cluster = MockCluster::Start();
  EXPECT_TRUE(cluster.ok()) << cluster.status();
  return *std::move(cluster);
}

// The mock cluster lets the first member of a group wait for 3 s. So that this passes once and not
// in each test, all sources are started together, each in a group and on a topic of its own.
class KafkaSourceTest : public testing::Test {
 protected:
  struct Stage {
    std::unique_ptr<MockCluster> cluster = StartCluster();
    std::unique_ptr<MockCluster> frail = StartCluster();  // whose broker is going to be down
    std::unique_ptr<MockCluster> dying = StartCluster();
    std::unique_ptr<SourceRun> positions, latest, gap, reset, pause, down, idle, leader, close,
        added;
  };

  static void SetUpTestSuite() {
    stage_ = new Stage;
    StartWithPositions();
    StartOnDamagedLogs();
    StartOthers();
  }
  static void TearDownTestSuite() {
    delete stage_;
    stage_ = nullptr;
  }

  static const std::string& Brokers() { return stage_->cluster->bootstrap_servers(); }
  static void MakeTopic(MockCluster& cluster, const std::string& topic, int partitions,
                        int64_t messages) {
    ASSERT_TRUE(cluster.CreateTopic(topic, partitions).ok());
    for (int32_t p = 0; p < partitions; ++p) {
      ProduceNumbered(cluster.bootstrap_servers(), topic, p, 0, messages);
    }
  }

  static void StartWithPositions() {
    MakeTopic(*stage_->cluster, "positions", 4, 300);
    KafkaSourceOptions options = SourceOptions(Brokers(), "positions", "positions");
    options.config.start = KafkaSourceConfig::Start::kLatest;
    options.positions = {{.topic = "positions", .partition = 0, .next_offset = 100},
                         {.topic = "positions", .partition = 2, .next_offset = -1}};
    stage_->positions = std::make_unique<SourceRun>(options);

    MakeTopic(*stage_->cluster, "latest", 1, 50);
    options = SourceOptions(Brokers(), "latest", "latest");
    options.config.start = KafkaSourceConfig::Start::kLatest;
    stage_->latest = std::make_unique<SourceRun>(options);
  }

  static void StartOnDamagedLogs() {
    // The mock cluster keeps 5 MB of a partition.
    ASSERT_TRUE(stage_->cluster->CreateTopic("gap", 1).ok());
    ProduceNumbered(Brokers(), "gap", 0, 0, 12, 900'000);
    KafkaSourceOptions options = SourceOptions(Brokers(), "gap", "gap");
    options.positions = {{.topic = "gap", .partition = 0, .next_offset = 1}};
    stage_->gap = std::make_unique<SourceRun>(options);

    MakeTopic(*stage_->cluster, "reset", 1, 20);
    options = SourceOptions(Brokers(), "reset", "reset");
    options.positions = {{.topic = "reset", .partition = 0, .next_offset = 1'000}};
    stage_->reset = std::make_unique<SourceRun>(options);
  }

  static void StartOthers() {
    MakeTopic(*stage_->cluster, "pause", 3, 2'000);
    KafkaSourceOptions options = SourceOptions(Brokers(), "pause", "pause");
    options.batch_messages_max = 7;
    stage_->pause = std::make_unique<SourceRun>(options);

    MakeTopic(*stage_->cluster, "idle", 1, 10);
    options = SourceOptions(Brokers(), "idle", "idle");
    options.config.cluster.options["max.poll.interval.ms"] = "4000";
    stage_->idle = std::make_unique<SourceRun>(options);

    MakeTopic(*stage_->cluster, "shared", 4, 100);
    stage_->leader = std::make_unique<SourceRun>(SourceOptions(Brokers(), "shared", "shared"));

    stage_->added = std::make_unique<SourceRun>(SourceOptions(Brokers(), "added", "added"));

    MakeTopic(*stage_->frail, "down", 2, 30);
    stage_->down = std::make_unique<SourceRun>(
        SourceOptions(stage_->frail->bootstrap_servers(), "down", "down"));
    MakeTopic(*stage_->dying, "close", 1, 5);
    stage_->close = std::make_unique<SourceRun>(
        SourceOptions(stage_->dying->bootstrap_servers(), "close", "close"));
  }

  static Stage* stage_;
};

KafkaSourceTest::Stage* KafkaSourceTest::stage_ = nullptr;

TEST_F(KafkaSourceTest, HandsOutAllFromThePositionsOnInOrderAndOnce) {
  SourceRun& run = *stage_->positions;
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(4); }));
  EXPECT_EQ(run.at(0).first, 100);
  EXPECT_EQ(run.at(0).messages, 200);
  for (const int32_t partition : {1, 2, 3}) {
    // Of a topic with positions those without one were added since, whatever `start` says.
    EXPECT_EQ(run.at(partition).first, 0);
    EXPECT_EQ(run.at(partition).messages, 300);
  }
  ProduceNumbered(Brokers(), "positions", 3, 300, 310);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(3).next == 310 && run.AllAtEnd(4); }));
  EXPECT_EQ(run.Count(3, Kind::kReachedEnd), 2);
  EXPECT_EQ(run.Count(0, Kind::kReachedEnd), 1);
}

TEST_F(KafkaSourceTest, FactsShowPartitionsAndBrokers) {
  SourceRun& run = *stage_->positions;
  ASSERT_TRUE(run.PollUntil([&] {
    const SourceFacts facts = run.source().facts();
    return facts.partitions.size() == 4 && !facts.brokers.empty() &&
           facts.partitions[0].log_end_offset >= 300;
  }));
  const SourceFacts facts = run.source().facts();
  ASSERT_EQ(facts.brokers.size(), 1);
  EXPECT_TRUE(facts.brokers[0].up);
  EXPECT_EQ(facts.brokers[0].name, Brokers());
  EXPECT_GT(facts.brokers[0].received_bytes, 0);
  EXPECT_EQ(facts.partitions[0].topic, "positions");
  EXPECT_TRUE(facts.partitions[0].assigned);
  EXPECT_EQ(facts.partitions[0].log_start_offset, 0);
  EXPECT_EQ(facts.partitions_elsewhere, 0);
  EXPECT_EQ(facts.rebalances, 1);
  EXPECT_EQ(facts.last_error, "");
}

TEST_F(KafkaSourceTest, StartsAtTheEndIfToldSo) {
  SourceRun& run = *stage_->latest;
  ASSERT_TRUE(run.PollUntil([&] { return run.assigned() == 1; }));
  EXPECT_EQ(run.at(0).first, 50);
  ProduceNumbered(Brokers(), "latest", 0, 50, 60);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 60; }));
  EXPECT_EQ(run.at(0).messages, 10);
}

TEST_F(KafkaSourceTest, NamesWhatHasExpired) {
  SourceRun& run = *stage_->gap;
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  ASSERT_EQ(run.Count(0, Kind::kGap), 1);
  const PartitionEvent& gap = run.events()[1];
  EXPECT_EQ(gap.offset, 1);
  EXPECT_GT(gap.gap_end, 1);
  EXPECT_EQ(run.at(0).next, 12);
  EXPECT_EQ(run.at(0).messages, static_cast<uint64_t>(12 - gap.gap_end));
}

TEST_F(KafkaSourceTest, BeginsAnewWhenTheTopicWasMadeAnew) {
  SourceRun& run = *stage_->reset;
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  ASSERT_EQ(run.Count(0, Kind::kReset), 1);
  EXPECT_EQ(run.events()[1].offset, 1'000);
  EXPECT_EQ(run.events()[1].gap_end, 0);
  EXPECT_EQ(run.at(0).messages, 20);
}

TEST_F(KafkaSourceTest, PausingUnderLoadLosesAndRepeatsNothing) {
  SourceRun& run = *stage_->pause;
  ASSERT_TRUE(run.PollUntil([&] { return run.assigned() == 3; }));
  std::minstd_rand random(1);
  while (run.at(0).next + run.at(1).next + run.at(2).next < 5'000) {
    const std::array<PartitionSlot, 2> slots = {run.at(static_cast<int32_t>(random() % 3)).slot,
                                                PartitionSlot{77}};
    run.source().Pause(slots);
    run.source().Pause(slots);
    const uint64_t before = run.at(static_cast<int32_t>(slots[0])).messages;
    for (size_t polls = random() % 4; polls > 0; --polls) run.Poll(milliseconds(5));
    EXPECT_EQ(run.at(static_cast<int32_t>(slots[0])).messages, before);
    run.source().Resume(slots);
    run.source().Resume(slots);
    for (size_t polls = 1 + random() % 40; polls > 0; --polls) run.Poll(milliseconds(5));
  }
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(3); }));
  for (const int32_t partition : {0, 1, 2}) EXPECT_EQ(run.at(partition).messages, 2'000);
}

TEST_F(KafkaSourceTest, SaysWhenABrokerIsOutOfReachAndLooksAgainWhenItIsBack) {
  SourceRun& run = *stage_->down;
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  stage_->frail->SetBrokerDown(1);
  ASSERT_TRUE(run.PollUntil([&] {
    return run.Count(0, Kind::kUnreachable) == 1 && run.Count(1, Kind::kUnreachable) == 1;
  }));
  EXPECT_NE(run.source().facts().last_error, "");
  ASSERT_FALSE(run.source().facts().brokers.empty());
  EXPECT_FALSE(run.source().facts().brokers[0].up);
  run.PollFor(milliseconds(500));
  EXPECT_FALSE(run.at(0).at_end || run.at(1).at_end);
  stage_->frail->SetBrokerUp(1);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  ProduceNumbered(stage_->frail->bootstrap_servers(), "down", 1, 30, 40);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(1).next == 40 && run.AllAtEnd(2); }));
  EXPECT_EQ(run.Count(0, Kind::kUnreachable), 1);
  EXPECT_EQ(run.at(0).messages, 30);
  EXPECT_EQ(run.at(1).messages, 40);
}

TEST_F(KafkaSourceTest, StaysAMemberWhileNoMessagesAreTaken) {
  SourceRun& run = *stage_->idle;
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  ProduceNumbered(Brokers(), "idle", 0, 10, 20);
  // Longer than max.poll.interval.ms.
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(run.source().KeepAlive(milliseconds(100)).ok());
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 20; }));
  EXPECT_EQ(run.Count(0, Kind::kRevoked), 0);
  EXPECT_EQ(run.source().facts().rebalances, 1);
  EXPECT_EQ(run.source().facts().errors, 0);
}

TEST_F(KafkaSourceTest, SharesWithAnotherMemberAndTakesOverAgain) {
  SourceRun& run = *stage_->leader;
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(4); }));
  SourceRun other(SourceOptions(Brokers(), "shared", "shared"));
  ASSERT_TRUE(run.PollUntil([&] {
    other.Poll(milliseconds(10));
    return run.assigned() == 2 && other.assigned() == 2;
  }));
  ASSERT_TRUE(run.PollUntil([&] {
    other.Poll(milliseconds(10));
    return run.source().facts().partitions_elsewhere == 2;
  }));
  for (int32_t partition = 0; partition < 4; ++partition) {
    ProduceNumbered(Brokers(), "shared", partition, 100, 130);
    // Each is one's or the other's.
    EXPECT_NE(run.at(partition).assigned, other.at(partition).assigned);
  }
  other.source().Close(milliseconds(5'000));
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(4); }));
  for (int32_t partition = 0; partition < 4; ++partition) {
    EXPECT_EQ(run.at(partition).messages, 130);
  }
  ASSERT_TRUE(run.PollUntil([&] { return run.source().facts().partitions_elsewhere == 0; }));
}

TEST_F(KafkaSourceTest, FindsATopicThatIsMadeLater) {
  SourceRun& run = *stage_->added;
  ASSERT_TRUE(run.PollUntil(
      [&] { return run.source().facts().last_error.find("added") != std::string::npos; }));
  MakeTopic(*stage_->cluster, "added", 2, 10);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  EXPECT_EQ(run.at(0).messages + run.at(1).messages, 20);
  EXPECT_EQ(run.source().facts().last_error, "");
}

TEST_F(KafkaSourceTest, CommitsAndCountsWhatCanNotBeCommitted) {
  SourceRun& run = *stage_->gap;
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  const std::vector<RecordSource::Offset> offsets = {
      {.topic = "gap", .partition = 0, .next_offset = 12},
      {.topic = "unknown", .partition = 0, .next_offset = 3}};
  run.source().CommitOffsets(offsets);
  run.PollFor(milliseconds(300));
  EXPECT_EQ(run.source().facts().errors, 0);
  constexpr int16_t kOffsetCommit = 8;
  constexpr int kTopicAuthorizationFailed = 29;
  stage_->cluster->FailRequests(kOffsetCommit, kTopicAuthorizationFailed, 1);
  run.source().CommitOffsets(offsets);
  ASSERT_TRUE(run.PollUntil([&] { return run.source().facts().errors == 1; }));
  EXPECT_THAT(run.source().facts().last_error, HasSubstr("offsets not committed"));
}

TEST_F(KafkaSourceTest, ClosesAlsoWhenNobodyAnswers) {
  SourceRun& run = *stage_->close;
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  stage_->dying->SetBrokerDown(1);
  const std::vector<RecordSource::Offset> offsets = {
      {.topic = "close", .partition = 0, .next_offset = 5}};
  run.source().CommitOffsets(offsets);
  run.source().Close(milliseconds(300));
  MessageBatch batch;
  EXPECT_FALSE(run.source().Poll(milliseconds(0), &batch).ok());
  run.Destroy();
}

}  // namespace
}  // namespace signinwatch
