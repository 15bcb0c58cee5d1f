// The pipeline as a whole, on a source and a store in memory: "same answer as batch", with crashes,
// rebalances and a store that fails.
#include "daemon/pipeline/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "daemon/generator/generate.h"
#include "daemon/replay/replay.h"
#include "tests/daemon/generator/traffic.h"
#include "tests/daemon/pipeline/fake_source.h"
#include "tests/daemon/pipeline/memory_store.h"
#include "tests/daemon/temporary_folder.h"

namespace signinwatch {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;

constexpr uint32_t kPartitions = 4;

// Messages by partition, and what replay makes of them.
struct Input {
  std::vector<std::vector<std::string>> partitions;
  std::vector<std::string> expected;  // final tickets, comparable, sorted
  uint64_t records = 0;
};

// What SPEC 4 leaves out of the comparison. A parent is compared by whether there is one.
std::string Comparable(json ticket) {
  for (const char* key : {"ticket_id", "revision", "reason", "opened_at", "resolved_at",
                          "continues", "merged_into"}) {
    ticket.erase(key);
  }
  ticket["parent_ticket_id"] = !ticket["parent_ticket_id"].is_null();
  return ticket.dump();
}

Input MakeInput() {
  Input input;
  GenerateOptions options = SmallTraffic();
  options.duration = kDay;
  options.scenarios = true;
  options.partitions = kPartitions;
  const Traffic traffic = Generate(options);
  const TemporaryFolder folder;
  ReplayOptions replay;
  for (const std::string& output : traffic.outputs) {
    input.partitions.push_back(Lines(output));
    replay.paths.push_back(folder.Write("part-" + std::to_string(replay.paths.size()), output));
  }
  replay.now = kEndOfTime - 365 * kDay;
  std::FILE* out = std::fopen(folder.Path("out").c_str(), "w");
  std::FILE* err = std::fopen(folder.Path("err").c_str(), "w");
  EXPECT_EQ(RunReplay({}, replay, out, err), 0);
  std::fclose(out);
  std::fclose(err);
  for (const std::string& line : Lines(ReadWholeFile(folder.Path("out")))) {
    input.expected.push_back(Comparable(json::parse(line)));
  }
  std::sort(input.expected.begin(), input.expected.end());
  input.records = json::parse(ReadWholeFile(folder.Path("err")))["records"].get<uint64_t>();
  return input;
}

const Input& TheInput() {
  static const Input input = MakeInput();
  return input;
}

Config TestConfig() {
  Config config;
  config.detection.time.idle_timeout = milliseconds(20);
  config.serve.kafka.topics = {FakeSource::kTopic};
  config.serve.pipeline.parse_threads = 2;
  config.serve.pipeline.commit_interval = milliseconds(5);
  config.serve.pipeline.commit_signals = 300;
  return config;
}

std::vector<std::string> FinalTickets(const MemoryStore& store) {
  std::map<std::string, TicketRevision> last;
  for (const TicketRevision& revision : store.revisions())
    last[revision.ticket.ticket_id] = revision;
  std::vector<std::string> tickets;
  for (const auto& [id, revision] : last) {
    if (revision.ticket.state == TicketState::kMerged) continue;
    EXPECT_EQ(revision.ticket.state, TicketState::kResolved) << id;
    tickets.push_back(Comparable(json::parse(revision.json)));
  }
  std::sort(tickets.begin(), tickets.end());
  return tickets;
}

class PipelineTest : public testing::Test {
 protected:
  // One life of the pipeline.
  struct Life {
    Life(Config the_config, MemoryStore& store, FakeSource::Options options)
        : config(std::move(the_config)),
          restored(store.Restored()),
          source(TheInput().partitions, restored.positions, options),
          pipeline(config, source, store, nullptr, metrics, fold_metrics,
                   {.committed = [](const StoreCommit&) {},
                    .failed = [this](const absl::Status&) { failed = true; }}) {}

    // Until all was read and closed, or the store failed for good.
    void Run() {
      ASSERT_TRUE(pipeline.Start(std::move(restored)).ok());
      while (!failed && !Done()) std::this_thread::sleep_for(milliseconds(2));
      pipeline.Stop(milliseconds(failed ? 0 : 10'000));
    }
    bool Done() {
      const Pipeline::Snapshot now = pipeline.snapshot();
      for (const PartitionStatus& p : now.partitions) {
        if (!p.idle) return false;
      }
      return now.partitions.size() == kPartitions && now.open_bursts.empty();
    }

    const Config config;
    Metrics metrics;
    FoldMetrics fold_metrics{metrics};
    RestoredState restored;
    std::atomic<bool> failed = false;
    FakeSource source;
    Pipeline pipeline;
  };

  MemoryStore store_;
};

TEST_F(PipelineTest, GivesTheSameTicketsAsReplay) {
  Life life(TestConfig(), store_, {.seed = 1});
  life.Run();
  ASSERT_FALSE(life.failed);
  EXPECT_GT(TheInput().expected.size(), 5u);
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
  EXPECT_EQ(life.pipeline.snapshot().totals.records, TheInput().records);
  EXPECT_TRUE(life.source.closed());
}

// Positions, state and tickets are one: whenever it dies, what comes after is as if the work that
// was not committed had never been read.
TEST_F(PipelineTest, GivesTheSameTicketsWhereverItDies) {
  std::mt19937 random(7);
  uint32_t lives = 0;
  for (uint32_t stream = 0; stream < 3; ++stream) {
    MemoryStore store;
    bool done = false;
    for (uint32_t death = 0; !done; ++death) {
      if (death < 6) {
        store.FailAfter(static_cast<int>(random() % 4), absl::DataLossError("power is off"));
      } else {
        store.FailNever();
      }
      Life life(TestConfig(), store, {.seed = 100 * stream + death, .rebalance_chance = 0.2});
      life.Run();
      done = !life.failed;
      ++lives;
    }
    EXPECT_EQ(FinalTickets(store), TheInput().expected) << "stream " << stream;
  }
  EXPECT_GT(lives, 12u);
}

TEST_F(PipelineTest, RebalancesChangeNothing) {
  Life life(TestConfig(), store_, {.seed = 3, .rebalance_chance = 0.5});
  life.Run();
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(PipelineTest, APartitionFarAheadIsPaused) {
  Config config = TestConfig();
  config.detection.time.alignment = std::chrono::minutes(10);
  Life life(config, store_, {.seed = 4, .messages_max = 50});
  life.Run();
  EXPECT_GT(life.source.pauses(), 0u);
  EXPECT_EQ(life.pipeline.snapshot().detection.late, 0u);
  EXPECT_EQ(life.pipeline.snapshot().totals.records, TheInput().records);
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(PipelineTest, OffsetsAreCommittedForOthersToLookAt) {
  Life life(TestConfig(), store_, {.seed = 5});
  life.Run();
  std::map<int32_t, int64_t> last;
  for (const RecordSource::Offset& offset : life.source.committed()) {
    EXPECT_GE(offset.next_offset, last[offset.partition]) << "they never go back";
    last[offset.partition] = offset.next_offset;
  }
  EXPECT_EQ(last, store_.offsets());
  for (uint32_t i = 0; i < kPartitions; ++i) {
    EXPECT_EQ(last[static_cast<int32_t>(i)], static_cast<int64_t>(TheInput().partitions[i].size()));
  }
}

// A store that can't be written for a while, a full disk: reading stops, nothing is dropped, and it
// goes on by itself.
TEST_F(PipelineTest, WaitsForAStoreThatFailsForAWhile) {
  Config config = TestConfig();
  config.serve.pipeline.queue_bytes = 64 << 10;
  store_.FailAfter(3, absl::ResourceExhaustedError("the disk is full"));
  Life life(config, store_, {.seed = 6});
  ASSERT_TRUE(life.pipeline.Start(std::move(life.restored)).ok());
  while (life.source.keep_alives() < 3) std::this_thread::sleep_for(milliseconds(2));
  EXPECT_EQ(life.pipeline.commit_stage().problem(), "the disk is full");
  EXPECT_EQ(store_.commits(), 3);
  EXPECT_GT(store_.failures(), 0);
  EXPECT_FALSE(life.failed) << "it may pass";
  store_.FailNever();
  while (!life.Done()) std::this_thread::sleep_for(milliseconds(2));
  life.pipeline.Stop(seconds(10));
  EXPECT_THAT(life.pipeline.commit_stage().problem(), IsEmpty());
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(PipelineTest, StopsWhileTheStoreFails) {
  store_.FailAfter(2, absl::ResourceExhaustedError("the disk is full"));
  {
    Life life(TestConfig(), store_, {.seed = 8});
    ASSERT_TRUE(life.pipeline.Start(std::move(life.restored)).ok());
    while (store_.failures() == 0) std::this_thread::sleep_for(milliseconds(2));
    life.pipeline.Stop(milliseconds(50));
  }
  EXPECT_EQ(store_.commits(), 2);
  store_.FailNever();
  Life life(TestConfig(), store_, {.seed = 9});
  life.Run();
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(PipelineTest, HoldsNoMorePayloadsThanTheBound) {
  Config config = TestConfig();
  config.serve.pipeline.queue_bytes = 100'000;
  Life life(config, store_, {.seed = 10, .messages_max = 3});
  life.Run();
  // One batch may be fetched when there is room for a part of it.
  size_t largest = 0;
  for (const auto& partition : TheInput().partitions) {
    for (const std::string& message : partition) largest = std::max(largest, message.size());
  }
  EXPECT_LE(life.source.in_flight_max(), 100'000 + 3 * largest);
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

// The stop drains from the left: all that was handed out is folded and committed.
TEST_F(PipelineTest, StopCommitsWhatWasRead) {
  Life life(TestConfig(), store_, {.seed = 11});
  ASSERT_TRUE(life.pipeline.Start(std::move(life.restored)).ok());
  while (store_.commits() < 3) std::this_thread::sleep_for(milliseconds(1));
  life.pipeline.Stop(seconds(10));
  std::map<int32_t, int64_t> folded;
  for (const PartitionStatus& p : life.pipeline.snapshot().partitions) {
    folded[p.partition] = p.next_offset;
  }
  EXPECT_EQ(store_.offsets(), folded);
}

TEST_F(PipelineTest, RefusesStateThatItCanNotRead) {
  {
    Life life(TestConfig(), store_, {.seed = 12});
    life.Run();
  }
  Life life(TestConfig(), store_, {.seed = 13});
  life.restored.rows[0].value.back() ^= 1;
  const absl::Status status = life.pipeline.Start(std::move(life.restored));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("another version"));
}

}  // namespace
}  // namespace signinwatch
