// The source against librdkafka's mock cluster, which lets the first member of a group wait for 3 s
// and others for as long again. So that this passes once, the scenarios run beside each other, each
// in a group and on a topic of its own.
#include "daemon/kafka/kafka_source.h"

#include <array>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "daemon/kafka/mock_cluster.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/daemon/kafka/raw_batch.h"
#include "tests/daemon/kafka/source_run.h"

namespace signinwatch::kafka {
namespace kafka_source_test {

using std::chrono::milliseconds;
using testing::HasSubstr;
using Kind = PartitionEvent::Kind;
using Start = config::KafkaSourceConfig::Start;

std::unique_ptr<MockCluster> StartCluster() {
  auto cluster = MockCluster::Start();
  EXPECT_TRUE(cluster.ok()) << cluster.status();
  return *std::move(cluster);
}

void MakeTopic(MockCluster& cluster, const std::string& topic, int partitions, int64_t messages) {
  ASSERT_TRUE(cluster.CreateTopic(topic, partitions).ok());
  for (int32_t p = 0; p < partitions; ++p) {
    ProduceNumbered(cluster.bootstrap_servers(), topic, p, 0, messages);
  }
}

// A topic and a group of the same name.
KafkaSourceOptions Options(const MockCluster& cluster, const std::string& name) {
  return SourceOptions(cluster.bootstrap_servers(), name, name);
}

void AllFromThePositionsOnInOrderAndOnce(MockCluster& cluster) {
  MakeTopic(cluster, "positions", 4, 300);
  KafkaSourceOptions options = Options(cluster, "positions");
  options.config.start = Start::kLatest;
  options.positions = {{.topic = "positions", .partition = 0, .next_offset = 100},
                       {.topic = "positions", .partition = 2, .next_offset = kUnknownOffset}};
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(4); }));
  EXPECT_EQ(run.at(0).first, 100);
  EXPECT_EQ(run.at(0).messages, 200);
  for (const int32_t partition : {1, 2, 3}) {
    // Of a topic with positions those without one were added since, whatever `start` says.
    EXPECT_EQ(run.at(partition).first, 0);
    EXPECT_EQ(run.at(partition).messages, 300);
  }
  ProduceNumbered(cluster.bootstrap_servers(), "positions", 3, 300, 310);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(3).next == 310 && run.AllAtEnd(4); }));
  EXPECT_EQ(run.Count(3, Kind::kReachedEnd), 2);
  EXPECT_EQ(run.Count(0, Kind::kReachedEnd), 1);
}

void FactsOfPartitionsAndBrokers(MockCluster& cluster) {
  MakeTopic(cluster, "facts", 2, 30);
  SourceRun run(Options(cluster, "facts"));
  ASSERT_TRUE(run.PollUntil([&] {
    const SourceFacts facts = run.source().facts();
    return run.AllAtEnd(2) && facts.partitions.size() == 2 &&
           facts.partitions[0].log_end_offset == 30;
  }));
  const SourceFacts facts = run.source().facts();
  ASSERT_EQ(facts.brokers.size(), 1);
  EXPECT_TRUE(facts.brokers[0].up);
  EXPECT_EQ(facts.brokers[0].name, cluster.bootstrap_servers());
  EXPECT_GT(facts.brokers[0].received_bytes, 0);
  EXPECT_EQ(facts.partitions[0].topic, "facts");
  EXPECT_TRUE(facts.partitions[0].assigned);
  EXPECT_EQ(facts.partitions[0].log_start_offset, 0);
  EXPECT_EQ(facts.partitions_elsewhere, 0);
  EXPECT_EQ(facts.rebalances, 1);
  EXPECT_EQ(facts.last_error, "");
}

void StartsAtTheEndIfToldSo(MockCluster& cluster) {
  MakeTopic(cluster, "latest", 1, 50);
  KafkaSourceOptions options = Options(cluster, "latest");
  options.config.start = Start::kLatest;
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.assigned() == 1; }));
  EXPECT_EQ(run.at(0).first, 50);
  ProduceNumbered(cluster.bootstrap_servers(), "latest", 0, 50, 60);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 60; }));
  EXPECT_EQ(run.at(0).messages, 10);
}

void NamesWhatHasExpired(MockCluster& cluster) {
  // The mock cluster keeps 5 MB of a partition.
  ASSERT_TRUE(cluster.CreateTopic("gap", 1).ok());
  ProduceNumbered(cluster.bootstrap_servers(), "gap", 0, 0, 12, 900'000);
  KafkaSourceOptions options = Options(cluster, "gap");
  // What was read last has expired, so nothing says that the log is another.
  options.positions = {{.topic = "gap", .partition = 0, .next_offset = 1, .mark = 77}};
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  ASSERT_EQ(run.Count(0, Kind::kGap), 1);
  const PartitionEvent& gap = run.events()[1];
  EXPECT_EQ(gap.offset, 1);
  EXPECT_GT(gap.gap_end, 1);
  EXPECT_EQ(run.at(0).next, 12);
  EXPECT_EQ(run.at(0).messages, static_cast<uint64_t>(12 - gap.gap_end));
}

void BeginsAnewWhenTheTopicWasMadeAnew(MockCluster& cluster) {
  MakeTopic(cluster, "reset", 1, 20);
  KafkaSourceOptions options = Options(cluster, "reset");
  options.positions = {{.topic = "reset", .partition = 0, .next_offset = 1'000}};
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  ASSERT_EQ(run.Count(0, Kind::kReset), 1);
  EXPECT_EQ(run.events()[1].offset, 1'000);
  EXPECT_EQ(run.events()[1].gap_end, 0);
  EXPECT_EQ(run.at(0).messages, 20);
}

// A hub that was deleted and made anew, and had outgrown the position by then, was read on in the
// middle of a stranger's log without a word: 300 of 412 records skipped, a burst among them.
void KnowsALogAgain(MockCluster& cluster) {
  MakeTopic(cluster, "known", 1, 50);
  KafkaSourceOptions options = Options(cluster, "known");
  uint64_t mark = 0;
  {
    SourceRun run(options);
    ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
    mark = run.at(0).mark;
    ASSERT_NE(mark, 0u);
    run.source().Close(milliseconds(5'000));
  }
  ProduceNumbered(cluster.bootstrap_servers(), "known", 0, 50, 412);
  options.positions = {{.topic = "known", .partition = 0, .next_offset = 50, .mark = mark}};
  {
    SourceRun same(options);
    ASSERT_TRUE(same.PollUntil([&] { return same.AllAtEnd(1); }));
    EXPECT_EQ(same.Count(0, Kind::kReset), 0u);
    EXPECT_EQ(same.at(0).first, 50);
    EXPECT_EQ(same.at(0).messages, 362u);
    same.source().Close(milliseconds(5'000));
  }
  options.positions[0].mark = mark + 1;
  SourceRun other(options);
  ASSERT_TRUE(other.PollUntil([&] { return other.AllAtEnd(1); }));
  ASSERT_EQ(other.Count(0, Kind::kReset), 1u);
  EXPECT_EQ(other.events()[1].offset, 50);
  EXPECT_EQ(other.events()[1].gap_end, 0);
  EXPECT_EQ(other.at(0).messages, 412u);
}

// One message less than the position says is no end to wait at.
void BeginsAnewWhereTheLogIsShorterByOne(MockCluster& cluster) {
  MakeTopic(cluster, "shorter", 1, 20);
  KafkaSourceOptions options = Options(cluster, "shorter");
  options.positions = {{.topic = "shorter", .partition = 0, .next_offset = 21, .mark = 5}};
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 20 && run.AllAtEnd(1); }));
  EXPECT_EQ(run.Count(0, Kind::kReset), 1u);
  EXPECT_EQ(run.at(0).messages, 20u);
}

KafkaSourceOptions Hasty(const MockCluster& cluster, const std::string& name) {
  KafkaSourceOptions options = Options(cluster, name);
  options.config.cluster.options["fetch.error.backoff.ms"] = "20";
  options.silent_seconds = 2;
  return options;
}

// The one kUnreadable of partition 0.
PartitionEvent Unreadable(const SourceRun& run) {
  for (const PartitionEvent& event : run.events()) {
    if (event.kind == Kind::kUnreadable) return event;
  }
  ADD_FAILURE() << "nothing was stepped past";
  return {};
}

// 4 KB of zstd that grow beyond what the client takes stopped their partition for ever, and nobody
// was told.
void StepsPastADecompressionBomb(MockCluster& cluster) {
  MakeTopic(cluster, "bomb", 1, 5);
  ProduceRaw(cluster.bootstrap_servers(), "bomb", 0,
             {.records = 700, .codec = 4, .payload = ZstdBomb(120)});
  ProduceNumbered(cluster.bootstrap_servers(), "bomb", 0, 705, 710);
  SourceRun run(Hasty(cluster, "bomb"));
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 710 && run.AllAtEnd(1); }));
  EXPECT_EQ(run.Count(0, Kind::kUnreadable), 1u);
  const PartitionEvent skipped = Unreadable(run);
  EXPECT_EQ(skipped.offset, 5);
  EXPECT_EQ(skipped.gap_end, 705);
  EXPECT_EQ(skipped.reason, UnreadableReason::kCompression);
  EXPECT_EQ(run.at(0).messages, 10u);
}

void StepsPastACodecThatNobodyKnowsAtTheEndOfTheLog(MockCluster& cluster) {
  MakeTopic(cluster, "codec", 1, 3);
  ProduceRaw(cluster.bootstrap_servers(), "codec", 0, {.records = 9, .codec = 7, .payload = "???"});
  SourceRun run(Hasty(cluster, "codec"));
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 12 && run.AllAtEnd(1); }));
  EXPECT_EQ(Unreadable(run).offset, 3);
  EXPECT_EQ(Unreadable(run).reason, UnreadableReason::kFormat);
  ProduceNumbered(cluster.bootstrap_servers(), "codec", 0, 12, 15);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 15; }));
}

// Behind it the client goes on by itself, and says nothing of what it has left out.
void SaysWhatAWrongChecksumCost(MockCluster& cluster) {
  MakeTopic(cluster, "checksum", 1, 3);
  ProduceRaw(cluster.bootstrap_servers(), "checksum", 0,
             {.records = 1, .codec = 1, .payload = "wrong"});
  ProduceNumbered(cluster.bootstrap_servers(), "checksum", 0, 4, 6);
  KafkaSourceOptions options = Hasty(cluster, "checksum");
  options.config.cluster.options["check.crcs"] = "true";
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 6 && run.AllAtEnd(1); }));
  EXPECT_EQ(Unreadable(run).offset, 3);
  EXPECT_EQ(Unreadable(run).gap_end, 4);
  EXPECT_EQ(Unreadable(run).reason, UnreadableReason::kCorrupt);
  EXPECT_EQ(run.at(0).messages, 5u);
}

// While it is tried, whoever asks is told why the partition stands.
void SaysThatItStandsAtABatch(MockCluster& cluster) {
  MakeTopic(cluster, "stands", 1, 2);
  ProduceRaw(cluster.bootstrap_servers(), "stands", 0,
             {.records = 1, .codec = 1, .payload = "no gzip"});
  KafkaSourceOptions options = Options(cluster, "stands");
  options.config.cluster.options["fetch.error.backoff.ms"] = "1500";
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] {
    const SourceFacts facts = run.source().facts();
    return !facts.partitions.empty() &&
           facts.partitions[0].unreadable == UnreadableReason::kCompression;
  }));
  EXPECT_FALSE(run.at(0).at_end);
}

// A batch of which every record is cut off: the client fetches it over and over without a word.
void StepsPastWhatTheClientIsSilentAbout(MockCluster& cluster) {
  MakeTopic(cluster, "silent", 1, 2);
  ProduceRaw(cluster.bootstrap_servers(), "silent", 0,
             {.records = 1, .codec = 0, .payload = std::string(100, '\x7e')});
  SourceRun run(Hasty(cluster, "silent"));
  ASSERT_TRUE(run.PollUntil([&] { return run.Count(0, Kind::kUnreadable) > 0; }, milliseconds(50),
                            std::chrono::minutes(5)));
  EXPECT_EQ(Unreadable(run).offset, 2);
  EXPECT_EQ(Unreadable(run).gap_end, 3);
}

void PausingUnderLoadLosesAndRepeatsNothing(MockCluster& cluster) {
  MakeTopic(cluster, "pause", 3, 2'000);
  KafkaSourceOptions options = Options(cluster, "pause");
  options.batch_messages_max = 7;
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.assigned() == 3; }));
  std::minstd_rand random(1);
  while (run.at(0).next + run.at(1).next + run.at(2).next < 5'000) {
    const auto partition = static_cast<int32_t>(random() % 3);
    const std::array<PartitionSlot, 2> slots = {run.at(partition).slot, PartitionSlot{77}};
    run.source().Pause(slots);
    run.source().Pause(slots);
    const uint64_t before = run.at(partition).messages;
    for (size_t polls = random() % 4; polls > 0; --polls) run.Poll(milliseconds(5));
    EXPECT_EQ(run.at(partition).messages, before);
    run.source().Resume(slots);
    run.source().Resume(slots);
    for (size_t polls = 1 + random() % 40; polls > 0; --polls) run.Poll(milliseconds(5));
  }
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(3); }));
  for (const int32_t partition : {0, 1, 2}) EXPECT_EQ(run.at(partition).messages, 2'000);
}

// Nothing is fetched of it, so the client knows of nothing that has come since: the lag stood at 0.
void APausedPartitionShowsWhatHasComeSince(MockCluster& cluster) {
  MakeTopic(cluster, "paused-lag", 1, 10);
  SourceRun run(Options(cluster, "paused-lag"));
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  const std::array<PartitionSlot, 1> slots = {run.at(0).slot};
  run.source().Pause(slots);
  ProduceNumbered(cluster.bootstrap_servers(), "paused-lag", 0, 10, 35);
  ASSERT_TRUE(run.PollUntil([&] {
    const SourceFacts facts = run.source().facts();
    return !facts.partitions.empty() && facts.partitions[0].log_end_offset == 35;
  }));
  EXPECT_EQ(run.at(0).messages, 10);
  run.source().Resume(slots);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 35; }));
}

// The client tells the end of a log when a fetch found nothing more: half a second after the last
// message by default, here after two minutes, and never where messages come more often than that.
void TellsTheEndWithTheLastMessage(MockCluster& cluster) {
  MakeTopic(cluster, "trickle", 1, 20);
  KafkaSourceOptions options = Options(cluster, "trickle");
  options.config.cluster.options["fetch.wait.max.ms"] = "120000";
  options.config.cluster.options["socket.timeout.ms"] = "130000";
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  EXPECT_EQ(run.at(0).messages, 20);
}

void LooksAgainWhenABrokerIsBack(MockCluster& /*shared*/) {
  const std::unique_ptr<MockCluster> cluster = StartCluster();
  MakeTopic(*cluster, "down", 2, 30);
  SourceRun run(Options(*cluster, "down"));
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  cluster->SetBrokerDown(1);
  ASSERT_TRUE(run.PollUntil([&] {
    return run.Count(0, Kind::kUnreachable) == 1 && run.Count(1, Kind::kUnreachable) == 1;
  }));
  EXPECT_NE(run.source().facts().last_error, "");
  ASSERT_FALSE(run.source().facts().brokers.empty());
  EXPECT_FALSE(run.source().facts().brokers[0].up);
  run.PollFor(milliseconds(500));
  EXPECT_FALSE(run.at(0).at_end || run.at(1).at_end);
  cluster->SetBrokerUp(1);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  ProduceNumbered(cluster->bootstrap_servers(), "down", 1, 30, 40);
  ASSERT_TRUE(run.PollUntil([&] { return run.at(1).next == 40 && run.AllAtEnd(2); }));
  EXPECT_EQ(run.Count(0, Kind::kUnreachable), 1);
  EXPECT_EQ(run.at(0).messages, 30);
  EXPECT_EQ(run.at(1).messages, 40);
}

void StaysAMemberWhileNoMessagesAreTaken(MockCluster& cluster) {
  MakeTopic(cluster, "idle", 1, 10);
  KafkaSourceOptions options = Options(cluster, "idle");
  options.config.cluster.options["max.poll.interval.ms"] = "4000";
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  ProduceNumbered(cluster.bootstrap_servers(), "idle", 0, 10, 20);
  // Longer than the maximum.
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(run.source().KeepAlive(milliseconds(100)).ok());
  ASSERT_TRUE(run.PollUntil([&] { return run.at(0).next == 20; }));
  EXPECT_EQ(run.Count(0, Kind::kRevoked), 0);
  EXPECT_EQ(run.source().facts().rebalances, 1);
  EXPECT_EQ(run.source().facts().errors, 0);
}

void SharesWithAnotherMemberAndTakesOverAgain(MockCluster& cluster) {
  MakeTopic(cluster, "shared", 4, 100);
  SourceRun run(Options(cluster, "shared"));
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(4); }));
  // What was paused is not when it comes back.
  const std::array<PartitionSlot, 4> all = {0, 1, 2, 3};
  run.source().Pause(all);
  SourceRun other(Options(cluster, "shared"));
  ASSERT_TRUE(run.PollUntil([&] {
    other.Poll(milliseconds(10));
    return run.assigned() == 2 && other.assigned() == 2;
  }));
  ASSERT_TRUE(run.PollUntil([&] {
    other.Poll(milliseconds(10));
    return run.source().facts().partitions_elsewhere == 2;
  }));
  std::vector<PartitionSlot> kept;
  for (int32_t partition = 0; partition < 4; ++partition) {
    ProduceNumbered(cluster.bootstrap_servers(), "shared", partition, 100, 130);
    // Each is one's or the other's.
    EXPECT_NE(run.at(partition).assigned, other.at(partition).assigned);
    if (run.at(partition).assigned) kept.push_back(run.at(partition).slot);
    EXPECT_EQ(run.Count(partition, Kind::kExists), 0);
    // The other knows of what it was not given.
    if (!other.at(partition).assigned) {
      EXPECT_EQ(other.Count(partition, Kind::kExists), 1);
    }
  }
  run.source().Resume(kept);
  other.source().Close(milliseconds(5'000));
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(4); }));
  for (int32_t partition = 0; partition < 4; ++partition) {
    EXPECT_EQ(run.at(partition).messages, 130);
  }
  ASSERT_TRUE(run.PollUntil([&] { return run.source().facts().partitions_elsewhere == 0; }));
}

void FindsATopicThatIsMadeLater(MockCluster& cluster) {
  MakeTopic(cluster, "added", 2, 10);
  cluster.SetTopicMissing("added", true);
  SourceRun run(Options(cluster, "added"));
  ASSERT_TRUE(run.PollUntil(
      [&] { return run.source().facts().last_error.find("added") != std::string::npos; }));
  EXPECT_EQ(run.assigned(), 0);
  cluster.SetTopicMissing("added", false);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(2); }));
  EXPECT_EQ(run.at(0).messages + run.at(1).messages, 20);
  ASSERT_TRUE(run.PollUntil([&] { return run.source().facts().last_error.empty(); }));
}

void CommitsAndCountsWhatCanNotBeCommitted(MockCluster& /*shared*/) {
  const std::unique_ptr<MockCluster> cluster = StartCluster();
  MakeTopic(*cluster, "commit", 1, 12);
  KafkaSourceOptions options = Options(*cluster, "commit");
  // So that what is told right after a commit is not due, however slow the machine.
  options.config.offset_commit_interval = milliseconds(3'000);
  SourceRun run(options);
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  const std::vector<position::PartitionPosition> offsets = {
      {.topic = "commit", .partition = 0, .next_offset = 12},
      {.topic = "unknown", .partition = 0, .next_offset = 3}};
  run.source().CommitOffsets(offsets);
  run.PollFor(milliseconds(300));
  EXPECT_EQ(run.source().facts().errors, 0);
  constexpr int16_t kOffsetCommit = 8;
  constexpr int kTopicAuthorizationFailed = 29;
  cluster->FailRequests(kOffsetCommit, kTopicAuthorizationFailed, 1);
  run.source().CommitOffsets(offsets);
  ASSERT_TRUE(run.PollUntil([&] { return run.source().facts().errors == 1; }));
  EXPECT_THAT(run.source().facts().last_error, HasSubstr("offsets not committed"));
  // Not yet due when the source is closed.
  cluster->FailRequests(kOffsetCommit, kTopicAuthorizationFailed, 1);
  run.source().CommitOffsets(offsets);
  run.source().Close(milliseconds(5'000));
  EXPECT_EQ(run.source().facts().errors, 2);
}

void ClosesAlsoWhenNobodyAnswers(MockCluster& /*shared*/) {
  const std::unique_ptr<MockCluster> cluster = StartCluster();
  MakeTopic(*cluster, "close", 1, 5);
  SourceRun run(Options(*cluster, "close"));
  ASSERT_TRUE(run.PollUntil([&] { return run.AllAtEnd(1); }));
  cluster->SetBrokerDown(1);
  const std::vector<position::PartitionPosition> offsets = {
      {.topic = "close", .partition = 0, .next_offset = 5}};
  run.source().CommitOffsets(offsets);
  run.source().Close(milliseconds(300));
  MessageBatch batch;
  EXPECT_FALSE(run.source().Poll(milliseconds(0), &batch).ok());
  EXPECT_FALSE(run.source().KeepAlive(milliseconds(0)).ok());
  run.Destroy();
}

TEST(KafkaSourceTest, KeepsItsContract) {
  const struct {
    const char* name;
    void (*run)(MockCluster&);
  } scenarios[] = {
      {"AllFromThePositionsOnInOrderAndOnce", AllFromThePositionsOnInOrderAndOnce},
      {"FactsOfPartitionsAndBrokers", FactsOfPartitionsAndBrokers},
      {"StartsAtTheEndIfToldSo", StartsAtTheEndIfToldSo},
      {"NamesWhatHasExpired", NamesWhatHasExpired},
      {"BeginsAnewWhenTheTopicWasMadeAnew", BeginsAnewWhenTheTopicWasMadeAnew},
      {"PausingUnderLoadLosesAndRepeatsNothing", PausingUnderLoadLosesAndRepeatsNothing},
      {"KnowsALogAgain", KnowsALogAgain},
      {"BeginsAnewWhereTheLogIsShorterByOne", BeginsAnewWhereTheLogIsShorterByOne},
      {"StepsPastADecompressionBomb", StepsPastADecompressionBomb},
      {"StepsPastACodecThatNobodyKnowsAtTheEndOfTheLog",
       StepsPastACodecThatNobodyKnowsAtTheEndOfTheLog},
      {"SaysWhatAWrongChecksumCost", SaysWhatAWrongChecksumCost},
      {"SaysThatItStandsAtABatch", SaysThatItStandsAtABatch},
      {"StepsPastWhatTheClientIsSilentAbout", StepsPastWhatTheClientIsSilentAbout},
      {"APausedPartitionShowsWhatHasComeSince", APausedPartitionShowsWhatHasComeSince},
      {"TellsTheEndWithTheLastMessage", TellsTheEndWithTheLastMessage},
      {"LooksAgainWhenABrokerIsBack", LooksAgainWhenABrokerIsBack},
      {"StaysAMemberWhileNoMessagesAreTaken", StaysAMemberWhileNoMessagesAreTaken},
      {"SharesWithAnotherMemberAndTakesOverAgain", SharesWithAnotherMemberAndTakesOverAgain},
      {"FindsATopicThatIsMadeLater", FindsATopicThatIsMadeLater},
      {"CommitsAndCountsWhatCanNotBeCommitted", CommitsAndCountsWhatCanNotBeCommitted},
      {"ClosesAlsoWhenNobodyAnswers", ClosesAlsoWhenNobodyAnswers},
  };
  const std::unique_ptr<MockCluster> cluster = StartCluster();
  std::vector<std::thread> threads;
  for (const auto& scenario : scenarios) {
    threads.emplace_back([&scenario, &cluster] {
      SCOPED_TRACE(scenario.name);
      scenario.run(*cluster);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(KafkaSourceTest, RefusesWhatTheClientDoesNotKnow) {
  KafkaSourceOptions options = SourceOptions("localhost:1", "signins", "group");
  options.config.cluster.options["no.such.option"] = "1";
  const auto source = MakeKafkaSource(clock::SystemClock(), options);
  EXPECT_EQ(source.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(source.status().message()), HasSubstr("no.such.option"));
}

TEST(KafkaSourceTest, RefusesASecretThatCanNotBeRead) {
  KafkaSourceOptions options = SourceOptions("localhost:1", "signins", "group");
  options.config.cluster.auth = config::KafkaAuth::kConnectionString;
  options.config.cluster.connection_string = {config::SecretRef::From::kFile,
                                              "/nonexistent/secret"};
  const auto source = MakeKafkaSource(clock::SystemClock(), options);
  EXPECT_EQ(source.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(source.status().message()), HasSubstr("/nonexistent/secret"));
}

KafkaSourceOptions TokenOptions(TokenFetcher fetch) {
  KafkaSourceOptions options = SourceOptions("localhost:1", "signins", "group");
  options.config.cluster.auth = config::KafkaAuth::kOauthBearer;
  options.config.cluster.client_id = "client";
  options.fetch_token = std::move(fetch);
  return options;
}

TEST(KafkaSourceTest, FetchesATokenBeforeAnyPoll) {
  const auto source = MakeKafkaSource(
      clock::SystemClock(), TokenOptions([]() -> absl::StatusOr<AccessToken> {
        return AccessToken{.value = "e30.e30.sig",
                           .expires_at = std::chrono::system_clock::now() + std::chrono::hours(1),
                           .principal = {}};
      }));
  ASSERT_TRUE(source.ok()) << source.status();
  while ((*source)->facts().token_refreshes == 0) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ((*source)->facts().token_failures, 0);
}

// The client asks at four fifths of the life.
TEST(KafkaSourceTest, RenewsATokenByItself) {
  const auto source = MakeKafkaSource(
      clock::SystemClock(), TokenOptions([]() -> absl::StatusOr<AccessToken> {
        return AccessToken{.value = "e30.e30.sig",
                           .expires_at = std::chrono::system_clock::now() + std::chrono::seconds(2),
                           .principal = {}};
      }));
  ASSERT_TRUE(source.ok()) << source.status();
  while ((*source)->facts().token_refreshes < 2) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_EQ((*source)->facts().token_failures, 0);
}

// By this machine's clock; the fetcher says what is wrong with it where it can.
TEST(KafkaSourceTest, ATokenThatHasExpiredIsNone) {
  const auto source = MakeKafkaSource(
      clock::SystemClock(), TokenOptions([]() -> absl::StatusOr<AccessToken> {
        return AccessToken{.value = "e30.e30.sig",
                           .expires_at = std::chrono::system_clock::now() - std::chrono::hours(1),
                           .principal = {}};
      }));
  ASSERT_TRUE(source.ok()) << source.status();
  while ((*source)->facts().token_failures == 0) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_THAT((*source)->facts().last_error, HasSubstr("has expired"));
  EXPECT_EQ((*source)->facts().token_refreshes, 0);
}

TEST(KafkaSourceTest, CountsTokensThatCanNotBeHad) {
  const auto source =
      MakeKafkaSource(clock::SystemClock(), TokenOptions([]() -> absl::StatusOr<AccessToken> {
                        return absl::UnavailableError("the endpoint does not answer");
                      }));
  ASSERT_TRUE(source.ok()) << source.status();
  while ((*source)->facts().token_failures == 0) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_THAT((*source)->facts().last_error, HasSubstr("the endpoint does not answer"));
}

TEST(KafkaSourceTest, ShowsNoTokenThatIsRefused) {
  const auto source = MakeKafkaSource(
      clock::SystemClock(), TokenOptions([]() -> absl::StatusOr<AccessToken> {
        return AccessToken{.value = "secret\1token",
                           .expires_at = std::chrono::system_clock::now() + std::chrono::hours(1),
                           .principal = {}};
      }));
  ASSERT_TRUE(source.ok()) << source.status();
  while ((*source)->facts().token_failures == 0) std::this_thread::sleep_for(milliseconds(5));
  EXPECT_THAT((*source)->facts().last_error, testing::Not(HasSubstr("secret")));
}

}  // namespace kafka_source_test
}  // namespace signinwatch::kafka
