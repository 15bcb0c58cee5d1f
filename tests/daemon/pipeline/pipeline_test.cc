// The stages on their threads: what stages_test.cc says of them holds there too.
#include "daemon/pipeline/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <semaphore>
#include <string>

#include "tests/daemon/pipeline/fake_source.h"
#include "tests/daemon/pipeline/memory_store.h"
#include "tests/daemon/pipeline/pipeline_input.h"

namespace signinwatch::pipeline {
namespace pipeline_test {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PipelineTest : public testing::Test {
 protected:
  struct Life {
    Life(MemoryStore& the_store, FakeSource::Options options)
        : store(the_store),
          config(PipelineTestConfig()),
          restored(store.Restored()),
          source(TheInput().partitions, restored.positions, std::move(options)),
          pipeline({.config = config,
                    .source = source,
                    .store = store,
                    .memory = MemoryGuard(config.memory_bytes),
                    .clock = clock::SystemClock(),
                    .metrics = metrics,
                    .fold_metrics = fold_metrics,
                    .committed = [this](const store::StoreCommit&) { committed.release(); },
                    .failed = [this](const absl::Status&) { failed.release(); }}) {}

    [[nodiscard]] absl::Status Start() { return pipeline.Start(std::move(restored)); }
    // Looks after each commit.
    void WaitUntil(const std::function<bool()>& condition) {
      while (!condition()) ASSERT_TRUE(committed.try_acquire_for(seconds(60)));
    }

    MemoryStore& store;
    const config::Config config;
    metrics::Metrics metrics;
    FoldMetrics fold_metrics{metrics};
    RestoredState restored;
    std::counting_semaphore<> committed{0}, failed{0};
    FakeSource source;
    Pipeline pipeline;
  };

  // All was read, and what was found is over.
  bool IsComplete() {
    if (store_.offsets() != TheInput().ends) return false;
    const auto last = LastRevisions(store_);
    return std::all_of(last.begin(), last.end(), [](const auto& ticket) {
      return ticket.second.ticket.state != TicketState::kOpen;
    });
  }

  MemoryStore store_;
};

TEST_F(PipelineTest, GivesTheSameTicketsAsReplay) {
  Life life(store_, {.seed = 1, .rebalance_chance = 0.1});
  ASSERT_TRUE(life.Start().ok());
  life.WaitUntil([this] { return IsComplete(); });
  life.pipeline.Stop(seconds(10));
  EXPECT_FALSE(life.failed.try_acquire());
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
  EXPECT_EQ(life.pipeline.snapshot().totals.records, TheInput().records);
  EXPECT_TRUE(life.source.closed());
}

// The stop drains from the left: all that was handed out is folded and committed.
TEST_F(PipelineTest, StopCommitsWhatWasRead) {
  Life life(store_, {.seed = 11});
  ASSERT_TRUE(life.Start().ok());
  life.WaitUntil([this] { return store_.commits() >= 3; });
  life.pipeline.Stop(seconds(10));
  std::map<int32_t, int64_t> folded;
  for (const PartitionStatus& p : life.pipeline.snapshot().partitions) {
    folded[p.partition] = p.next_offset;
  }
  EXPECT_EQ(store_.offsets(), folded);
}

TEST_F(PipelineTest, StopsWhileTheStoreFailsAndGoesOnInAnotherLife) {
  store_.FailAfter(2, absl::ResourceExhaustedError("the disk is full"));
  {
    Life life(store_, {.seed = 8});
    ASSERT_TRUE(life.Start().ok());
    life.WaitUntil([this] { return store_.commits() == 2; });
    life.pipeline.Stop(milliseconds(50));
  }
  EXPECT_EQ(store_.commits(), 2);
  store_.FailNever();
  Life life(store_, {.seed = 9});
  ASSERT_TRUE(life.Start().ok());
  life.WaitUntil([this] { return IsComplete(); });
  life.pipeline.Stop(seconds(10));
  EXPECT_EQ(FinalTickets(store_), TheInput().expected);
}

TEST_F(PipelineTest, SaysOnceThatItCanNotGoOn) {
  store_.FailAfter(1, absl::DataLossError("the file is damaged"));
  {
    Life life(store_, {.seed = 14});
    ASSERT_TRUE(life.Start().ok());
    EXPECT_TRUE(life.failed.try_acquire_for(seconds(60)));
    life.pipeline.Stop(milliseconds(0));
    EXPECT_FALSE(life.failed.try_acquire());
    EXPECT_TRUE(life.source.closed());
  }
  EXPECT_EQ(store_.commits(), 1);
}

TEST_F(PipelineTest, EndsWithItsOwner) {
  Life life(store_, {.seed = 15});
  ASSERT_TRUE(life.Start().ok());
}

TEST_F(PipelineTest, RefusesStateThatItCanNotRead) {
  Life life(store_, {.seed = 13});
  life.restored.rows = [](const StateVisitor& visit) {
    (void)visit({"no key", "no value"});
    return absl::OkStatus();
  };
  EXPECT_EQ(life.Start().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace pipeline_test
}  // namespace signinwatch::pipeline
