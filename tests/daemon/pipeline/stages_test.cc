// The stages as a whole, on a source and a store in memory, under a scheduler with a seed: "same
// answer as batch", with crashes, rebalances and a store that fails.
#include "daemon/pipeline/stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/pipeline/fake_source.h"
#include "tests/daemon/pipeline/memory_store.h"
#include "tests/daemon/pipeline/pipeline_input.h"
#include "tests/daemon/pipeline/stage_scheduler.h"

namespace signinwatch::pipeline {
namespace stages_test {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::IsEmpty;

// Behind all of the input.
constexpr EventTime kNow = kBeginningOfTime + 365 * 80 * kDay;

class StagesTest : public testing::Test {
 protected:
  // One life of the process.
  struct Life {
    Life(config::Config the_config, MemoryStore& store, FakeSource::Options options)
        : config(std::move(the_config)),
          restored(store.Restored()),
          scheduler(clock, options.seed),
          source(TheInput().partitions, restored.positions, WithClock(std::move(options))),
          stages({.config = config,
                  .source = source,
                  .store = store,
                  .memory = MemoryGuard(
                      config.memory_bytes, [] { return size_t{0}; }, [] {}),
                  .clock = clock,
                  .metrics = metrics,
                  .fold_metrics = fold_metrics,
                  .committed = [](const store::StoreCommit&) {},
                  .failed = [this](const absl::Status&) { failed = true; }},
                 [this](Stage stage) { scheduler.Wake(stage); }) {}

    absl::Status Begin() { return stages.Start(std::move(restored), clock.Now()); }
    void Step() { ASSERT_TRUE(scheduler.Step(stages)) << "all wait for each other"; }
    void End(milliseconds patience) {
      stages.End();
      stages.LimitPatience(clock.Steady() + patience);
      while (scheduler.Step(stages)) {
      }
      ASSERT_TRUE(scheduler.all_done());
      stages.Leave();
    }
    // Until all was read and closed, or the store failed for good.
    void Run() {
      ASSERT_TRUE(Begin().ok());
      RunOn();
      End(milliseconds(failed ? 0 : 10'000));
    }
    void RunOn() {
      while (!failed && !Done()) {
        for (int i = 0; i < 100 && !failed; ++i) Step();
      }
    }
    bool Done() {
      const FoldSnapshot now = stages.snapshot();
      for (const PartitionStatus& p : now.partitions) {
        if (!p.idle) return false;
      }
      return now.partitions.size() == kInputPartitions && now.open_bursts.empty();
    }
    FakeSource::Options WithClock(FakeSource::Options options) {
      options.wait = [this](milliseconds time) { clock.Advance(time); };
      return options;
    }

    const config::Config config;
    clock::ManualClock clock{kNow};
    metrics::Metrics metrics;
    FoldMetrics fold_metrics{metrics};
    RestoredState restored;
    bool failed = false;
    StageScheduler scheduler;
    FakeSource source;
    Stages stages;
  };

  MemoryStore store_;
};

TEST_F(StagesTest, GivesTheSameTicketsAsReplay) {
  Life life(PipelineTestConfig(), store_, {.seed = 1});
  life.Run();
  ASSERT_FALSE(life.failed);
  EXPECT_GT(TheInput().expected.size(), 5u);
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
  EXPECT_EQ(life.stages.snapshot().totals.records, TheInput().records);
  EXPECT_TRUE(life.source.closed());
}

// Positions, state and tickets are one: whenever it dies, what comes after is as if the work that
// was not committed had never been read.
TEST_F(StagesTest, GivesTheSameTicketsWhereverItDies) {
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
      Life life(PipelineTestConfig(), store,
                {.seed = 100 * stream + death, .rebalance_chance = 0.2});
      life.Run();
      done = !life.failed;
      ++lives;
    }
    EXPECT_EQ(FinalTickets(store), TheInput().expected) << "stream " << stream;
  }
  EXPECT_GT(lives, 12u);
}

// A power cut may come between any two steps.
TEST_F(StagesTest, GivesTheSameTicketsWhereverItIsCutOff) {
  std::mt19937 random(21);
  for (uint32_t stream = 0; stream < 3; ++stream) {
    MemoryStore store;
    bool done = false;
    for (uint32_t cut = 0; !done; ++cut) {
      Life life(PipelineTestConfig(), store,
                {.seed = 1'000 + 100 * stream + cut, .rebalance_chance = 0.2});
      ASSERT_TRUE(life.Begin().ok());
      if (cut < 8) {
        for (uint32_t steps = random() % 1'000; steps > 0; --steps) life.Step();
      } else {
        life.RunOn();
        life.End(seconds(10));
        done = true;
      }
    }
    EXPECT_EQ(FinalTickets(store), TheInput().expected) << "stream " << stream;
  }
}

TEST_F(StagesTest, RebalancesChangeNothing) {
  Life life(PipelineTestConfig(), store_, {.seed = 3, .rebalance_chance = 0.5});
  life.Run();
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(StagesTest, APartitionFarAheadIsPaused) {
  config::Config config = PipelineTestConfig();
  config.detection.time.alignment = std::chrono::minutes(10);
  Life life(config, store_, {.seed = 4, .messages_max = 50});
  life.Run();
  EXPECT_GT(life.source.pauses(), 0u);
  EXPECT_EQ(life.stages.snapshot().detection.late, 0u);
  EXPECT_EQ(life.stages.snapshot().totals.records, TheInput().records);
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(StagesTest, OffsetsAreCommittedForOthersToLookAt) {
  Life life(PipelineTestConfig(), store_, {.seed = 5});
  life.Run();
  std::map<int32_t, int64_t> last;
  for (const position::PartitionPosition& offset : life.source.committed()) {
    EXPECT_GE(offset.next_offset, last[offset.partition]) << "they never go back";
    last[offset.partition] = offset.next_offset;
  }
  EXPECT_EQ(last, store_.offsets());
  EXPECT_EQ(last, TheInput().ends);
}

// A store that can't be written for a while, a full disk: reading stops, nothing is dropped, and it
// goes on by itself.
TEST_F(StagesTest, WaitsForAStoreThatFailsForAWhile) {
  config::Config config = PipelineTestConfig();
  config.serve.pipeline.queue_bytes = 64 << 10;
  store_.FailAfter(3, absl::ResourceExhaustedError("the disk is full"));
  Life life(config, store_, {.seed = 6});
  ASSERT_TRUE(life.Begin().ok());
  while (life.source.keep_alives() < 3) life.Step();
  EXPECT_EQ(life.stages.commit_stage().problem(), "the disk is full");
  EXPECT_EQ(store_.commits(), 3);
  EXPECT_GT(store_.failures(), 0);
  EXPECT_FALSE(life.failed) << "it may pass";
  store_.FailNever();
  life.RunOn();
  life.End(seconds(10));
  EXPECT_THAT(life.stages.commit_stage().problem(), IsEmpty());
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(StagesTest, StopsWhileTheStoreFails) {
  store_.FailAfter(2, absl::ResourceExhaustedError("the disk is full"));
  {
    Life life(PipelineTestConfig(), store_, {.seed = 8});
    ASSERT_TRUE(life.Begin().ok());
    while (store_.failures() == 0) life.Step();
    life.End(milliseconds(50));
  }
  EXPECT_EQ(store_.commits(), 2);
  store_.FailNever();
  Life life(PipelineTestConfig(), store_, {.seed = 9});
  life.Run();
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(StagesTest, HoldsNoMorePayloadsThanTheBound) {
  config::Config config = PipelineTestConfig();
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
TEST_F(StagesTest, StopCommitsWhatWasRead) {
  Life life(PipelineTestConfig(), store_, {.seed = 11});
  ASSERT_TRUE(life.Begin().ok());
  while (store_.commits() < 3) life.Step();
  life.End(seconds(10));
  std::map<int32_t, int64_t> folded;
  for (const PartitionStatus& p : life.stages.snapshot().partitions) {
    folded[p.partition] = p.next_offset;
  }
  EXPECT_EQ(store_.offsets(), folded);
}

TEST_F(StagesTest, RefusesStateThatItCanNotRead) {
  {
    Life life(PipelineTestConfig(), store_, {.seed = 12});
    life.Run();
  }
  Life life(PipelineTestConfig(), store_, {.seed = 13});
  life.restored.rows = [rows = life.restored.rows](const StateVisitor& visit) {
    return rows([&visit](StateRow row) {
      row.value.back() ^= 1;
      return visit(row);
    });
  };
  const absl::Status status = life.Begin();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("another version"));
}

}  // namespace stages_test
}  // namespace signinwatch::pipeline
