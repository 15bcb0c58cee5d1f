// Sources that share a group: where their partitions start, and what a rebalance costs them.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "daemon/kafka/kafka_source.h"
#include "daemon/kafka/mock_cluster.h"
#include "gtest/gtest.h"
#include "tests/daemon/kafka/source_run.h"

namespace signinwatch::kafka {
namespace source_groups_test {

using std::chrono::milliseconds;
using Kind = PartitionEvent::Kind;

KafkaSourceOptions Options(const MockCluster& cluster, const std::string& name, StartsBy by) {
  KafkaSourceOptions options = SourceOptions(cluster.bootstrap_servers(), name, name);
  options.starts_by = by;
  return options;
}

void MakeGroupTopic(MockCluster& cluster, const std::string& topic, int partitions,
                    int64_t messages) {
  ASSERT_TRUE(cluster.CreateTopic(topic, partitions).ok());
  for (int32_t p = 0; p < partitions; ++p) {
    ProduceNumbered(cluster.bootstrap_servers(), topic, p, 0, messages);
  }
}

void WaitsUntilItIsToldWhereToStart(MockCluster& cluster) {
  MakeGroupTopic(cluster, "told", 2, 500);
  SourceRun run(Options(cluster, "told", StartsBy::kTold));
  ASSERT_TRUE(run.PollUntil(
      [&] { return run.Count(0, Kind::kOffered) == 1 && run.Count(1, Kind::kOffered) == 1; }));
  run.PollFor(milliseconds(700));
  EXPECT_EQ(run.at(0).messages + run.at(1).messages, 0u);
  run.source().StartAt(run.at(1).slot, 300, 0);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(1).next == 500; }));
  EXPECT_EQ(run.at(1).first, 300);
  EXPECT_EQ(run.at(1).messages, 200u);
  EXPECT_EQ(run.at(0).messages, 0u);
  run.source().StartAt(run.at(0).slot, 0, 0);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  EXPECT_EQ(run.at(0).messages, 500u);
  EXPECT_EQ(run.source().facts().partitions_elsewhere, 0u);
}

void GoesBackWhereItIsTold(MockCluster& cluster) {
  MakeGroupTopic(cluster, "back", 1, 400);
  SourceRun run(Options(cluster, "back", StartsBy::kGroup));
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  const PartitionSlot slot = run.at(0).slot;
  run.source().Pause({&slot, 1});
  run.source().StartAt(slot, 150, 0);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).messages == 650 && run.AllAtEnd(1); }));
  EXPECT_EQ(run.Count(0, Kind::kRevoked), 0u);
  EXPECT_EQ(run.Count(0, Kind::kAssigned), 2u);
}

// A log that is another than what was read of it is read from its start, as by positions.
void ComparesWhatItIsToldOf(MockCluster& cluster) {
  MakeGroupTopic(cluster, "mark", 1, 40);
  SourceRun run(Options(cluster, "mark", StartsBy::kTold));
  ASSERT_TRUE(run.PollUntil([&] { return run.Count(0, Kind::kOffered) == 1; }));
  run.source().StartAt(run.at(0).slot, 30, 77);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 40 && run.AllAtEnd(1); }));
  EXPECT_EQ(run.Count(0, Kind::kReset), 1u);
  EXPECT_EQ(run.at(0).messages, 40u);
}

void StartsWhereTheGroupIs(MockCluster& cluster) {
  MakeGroupTopic(cluster, "group", 2, 100);
  KafkaSourceOptions options = Options(cluster, "group", StartsBy::kGroup);
  {
    SourceRun run(options);
    ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
    const std::vector<position::PartitionPosition> offsets = {
        {.topic = "group", .partition = 0, .next_offset = 60}};
    run.source().CommitOffsets(offsets);
    run.source().Close(milliseconds(5'000));
  }
  // A partition without an offset in a topic that has some was added since.
  options.config.start = config::KafkaSourceConfig::Start::kLatest;
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  EXPECT_EQ(run.at(0).first, 60);
  EXPECT_EQ(run.at(1).first, 0);
}

// What is committed beside an offset is there for whoever reads on: the number of the log, and what
// its last message is known by.
void KnowsTheGroupsLog(MockCluster& cluster) {
  MakeGroupTopic(cluster, "known", 2, 40);
  const KafkaSourceOptions options = Options(cluster, "known", StartsBy::kGroup);
  uint64_t mark = 0;
  {
    SourceRun run(options);
    ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
    mark = run.at(0).mark;
    ASSERT_NE(mark, 0u);
    const std::vector<position::PartitionPosition> offsets = {
        {.topic = "known", .partition = 0, .next_offset = 40, .mark = mark, .log = 9},
        {.topic = "known", .partition = 1, .next_offset = 40, .mark = mark + 1, .log = 5}};
    run.source().CommitOffsets(offsets);
    run.source().Close(milliseconds(5'000));
  }
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  for (const PartitionEvent& event : run.events()) {
    if (event.kind != Kind::kAssigned) continue;
    EXPECT_EQ(event.log, event.partition == 0 ? 9u : 5u);
    EXPECT_EQ(event.mark, event.partition == 0 ? mark : mark + 1);
  }
  EXPECT_EQ(run.Count(0, Kind::kReset), 0u);
  EXPECT_EQ(run.at(0).messages, 0u);
  EXPECT_EQ(run.Count(1, Kind::kReset), 1u);
  EXPECT_EQ(run.at(1).messages, 40u);
}

// The assignor takes all partitions from all members; what comes back is not even told.
void ARebalanceTakesOnlyWhatItGivesToAnother(MockCluster& cluster) {
  MakeGroupTopic(cluster, "range", 4, 100);
  const KafkaSourceOptions options = Options(cluster, "range", StartsBy::kTold);
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.Count(3, Kind::kOffered) == 1; }));
  for (int32_t p = 0; p < 4; ++p) run.source().StartAt(run.at(p).slot, 0, 0);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(4); }));
  SourceRun other(options);
  const auto offered_to_other = [&] {
    int count = 0;
    for (int32_t p = 0; p < 4; ++p) count += other.Count(p, Kind::kOffered) > 0 ? 1 : 0;
    return count;
  };
  ASSERT_TRUE(run.PollUntil([&] {
    other.Poll(milliseconds(10));
    return run.assigned() == 2 && offered_to_other() == 2;
  }));
  for (int32_t p = 0; p < 4; ++p) {
    const bool kept = run.at(p).assigned;
    EXPECT_EQ(run.Count(p, Kind::kRevoked), kept ? 0u : 1u);
    EXPECT_EQ(run.Count(p, Kind::kOffered), 1u);
    EXPECT_EQ(other.Count(p, Kind::kOffered), kept ? 0u : 1u);
    if (!kept) other.source().StartAt(other.at(p).slot, run.at(p).messages == 100 ? 100 : 0, 0);
    ProduceNumbered(cluster.bootstrap_servers(), "range", p, 100, 130);
  }
  ASSERT_TRUE(run.PollUntil([&] {
    other.Poll(milliseconds(10));
    uint64_t messages = 0;
    for (int32_t p = 0; p < 4; ++p) messages += run.at(p).messages + other.at(p).messages;
    return messages == 520;
  }));
  other.source().Close(milliseconds(5'000));
  ASSERT_TRUE(run.PollUntil([&] {
    int again = 0;
    for (int32_t p = 0; p < 4; ++p) again += run.Count(p, Kind::kOffered) == 2 ? 1 : 0;
    return again == 2;
  }));
}

TEST(SourceGroupsTest, KeepTheContract) {
  const struct {
    const char* name;
    void (*run)(MockCluster&);
  } scenarios[] = {
      {"WaitsUntilItIsToldWhereToStart", WaitsUntilItIsToldWhereToStart},
      {"GoesBackWhereItIsTold", GoesBackWhereItIsTold},
      {"ComparesWhatItIsToldOf", ComparesWhatItIsToldOf},
      {"StartsWhereTheGroupIs", StartsWhereTheGroupIs},
      {"KnowsTheGroupsLog", KnowsTheGroupsLog},
      {"ARebalanceTakesOnlyWhatItGivesToAnother", ARebalanceTakesOnlyWhatItGivesToAnother},
  };
  auto cluster = MockCluster::Start();
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  std::vector<std::thread> threads;
  for (const auto& scenario : scenarios) {
    threads.emplace_back([&scenario, &cluster] {
      SCOPED_TRACE(scenario.name);
      scenario.run(**cluster);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace source_groups_test
}  // namespace signinwatch::kafka
