#include "daemon/pipeline/fold_stage.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/pipeline/stream_fold.h"
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/noon.h"
#include "tests/daemon/pipeline/fake_source.h"
#include "tests/daemon/pipeline/memory_store.h"

namespace signinwatch::pipeline {
namespace fold_stage_test {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string Failure(int second) {
  return R"({"time":")" + FormatEventTime(kNoon - minutes(5) + seconds(second)) +
         R"(","category":"SignInLogs","tenantId":"contoso","properties":{"id":"id-)" +
         std::to_string(second) + R"(","userId":"ada","status":{"errorCode":50132}}})";
}

class FoldStageTest : public testing::Test {
 protected:
  FoldStageTest() {
    config_.serve.kafka.topics = {FakeSource::kTopic};
    config_.serve.pipeline.commit_interval = seconds(1);
  }
  void SetUp() override {
    ASSERT_TRUE(stream_.Restore({}, clock_.Wall()).ok());
    fold_ = std::make_unique<FoldStage>(config_.serve.pipeline, stream_, source_, commands_, parse_,
                                        commit_, clock_);
    fold_->Start(clock_.Now());
  }
  steps::StepResult Step() { return fold_->Step(clock_.Now()); }
  steps::StepResult StepAfter(Duration time) {
    clock_.Advance(time);
    return Step();
  }
  steps::StepResult At(Duration from_now) const {
    return steps::StepResult::At(clock_.Steady() + from_now);
  }
  void Commit() { (void)commit_.Step(clock_.Now()); }

  // A parsed message of so many failures, at the door of the fold.
  void Offer(int failures) {
    std::string text = "[";
    for (int i = 0; i < failures; ++i) text += (i > 0 ? "," : "") + Failure(next_++);
    texts_.push_back(text + "]");
    std::unique_ptr<Batch> batch = parse_.NewBatch();
    if (offset_ == 0) {
      batch->input.events.push_back({.kind = kafka::PartitionEvent::Kind::kAssigned,
                                     .slot = 0,
                                     .offset = 0,
                                     .gap_end = 0,
                                     .topic = FakeSource::kTopic,
                                     .partition = 0});
    }
    batch->input.messages.push_back({.payload = texts_.back(),
                                     .slot = 0,
                                     .offset = offset_++,
                                     .broker_time = kNoon,
                                     .handle = nullptr});
    batch->input.bytes = texts_.back().size();
    parse_.Submit(std::move(batch));
    EXPECT_EQ(parse_.Step(clock_.Now()), steps::StepResult::AtOnce());
  }

  config::Config config_;
  clock::ManualClock clock_{kNoon};
  metrics::Metrics metrics_;
  FoldMetrics fold_metrics_{metrics_};
  MemoryStore store_;
  const std::vector<std::vector<std::string>> no_partitions_;
  FakeSource source_{no_partitions_, {}, {}};
  SourceCommands commands_;
  ParseStage parse_{RecordReaders({}),
                    1,
                    size_t{1} << 20,
                    clock_,
                    {.work = [] {}, .ready = [] {}, .room = [] {}}};
  CommitStage commit_{config_,
                      store_,
                      nullptr,
                      clock_,
                      metrics_,
                      {.work = [] {},
                       .room = [] {},
                       .committed = [](const store::StoreCommit&) {},
                       .ended = [](const store::ShardClaim&, bool) {},
                       .failed = [](const absl::Status&) {}}};
  StreamFold stream_{config_, metrics_, fold_metrics_};
  std::unique_ptr<FoldStage> fold_;
  std::deque<std::string> texts_;
  int next_ = 0;
  int64_t offset_ = 0;
};

TEST_F(FoldStageTest, WithoutWorkItLooksTenTimesASecond) {
  EXPECT_EQ(Step(), At(milliseconds(100)));
  clock_.Advance(milliseconds(40));
  EXPECT_EQ(Step(), At(milliseconds(60))) << "woken for nothing";
  clock_.Advance(milliseconds(60));
  EXPECT_EQ(Step(), At(milliseconds(100)));
  EXPECT_TRUE(commit_.idle()) << "nothing has changed";
}

TEST_F(FoldStageTest, CommitsAtTheInterval) {
  clock_.Advance(milliseconds(300));
  Offer(1);
  EXPECT_EQ(Step(), steps::StepResult::AtOnce()) << "there may be another batch";
  EXPECT_EQ(Step(), At(milliseconds(100)));
  clock_.Advance(milliseconds(650));
  EXPECT_EQ(Step(), At(milliseconds(50))) << "a second after the start";
  EXPECT_TRUE(commit_.idle());
  clock_.Advance(milliseconds(50));
  EXPECT_EQ(Step(), At(milliseconds(50))) << "of the next look";
  EXPECT_EQ(commit_.queue_depth(), 1u);
  Commit();
  EXPECT_EQ(store_.offsets().at(0), 1);
}

TEST_F(FoldStageTest, CommitsAtANumberOfSignals) {
  config_.serve.pipeline.commit_signals = 3;
  Offer(2);
  Offer(1);
  Step();
  Step();
  EXPECT_TRUE(commit_.idle());
  Step();
  EXPECT_FALSE(commit_.idle());
}

TEST_F(FoldStageTest, ATicketWaitsOnlyForTheCommitBefore) {
  Offer(12);
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(Step(), At(milliseconds(20)));
  clock_.Advance(milliseconds(20));
  EXPECT_EQ(Step(), At(milliseconds(80)));
  EXPECT_EQ(commit_.queue_depth(), 1u);
  // It is still being written when another one comes.
  Offer(1);
  EXPECT_EQ(StepAfter(milliseconds(30)), steps::StepResult::AtOnce());
  Step();
  EXPECT_EQ(commit_.queue_depth(), 1u);
  Commit();
  EXPECT_EQ(store_.revisions().size(), 1u);
}

// So a slow disk holds back the fold, and that the stages to its left.
TEST_F(FoldStageTest, IsOneCommitAheadAndThenWaits) {
  config_.serve.pipeline.commit_signals = 1;
  for (int i = 0; i < 3; ++i) Offer(1);
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(Step(), steps::StepResult::AtOnce()) << "hands the first over, and folds the second";
  EXPECT_EQ(Step(), steps::StepResult::WhenWoken());
  EXPECT_EQ(StepAfter(seconds(5)), steps::StepResult::WhenWoken());
  EXPECT_EQ(parse_.queue_depth(), 1u) << "the third is not taken";
  Commit();
  EXPECT_EQ(Step(), steps::StepResult::AtOnce()) << "there is room";
  EXPECT_EQ(parse_.queue_depth(), 0u);
  EXPECT_EQ(store_.offsets().at(0), 1);
  Commit();
  EXPECT_EQ(store_.offsets().at(0), 2);
}

TEST_F(FoldStageTest, AtItsEndAllIsCommitted) {
  Offer(1);
  Offer(1);
  parse_.Close();
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(Step(), steps::StepResult::Done());
  EXPECT_EQ(commit_.Step(clock_.Now()), steps::StepResult::Done()) << "it was closed";
  EXPECT_EQ(store_.offsets().at(0), 2);
  EXPECT_EQ(fold_->snapshot().totals.records, 2u);
}

TEST_F(FoldStageTest, EndsWhereTheCommitsHaveEnded) {
  store_.FailAfter(0, absl::DataLossError("the file is damaged"));
  config_.serve.pipeline.commit_signals = 1;
  Offer(1);
  Offer(1);
  Step();
  Step();
  Commit();
  ASSERT_TRUE(commit_.over());
  EXPECT_EQ(Step(), steps::StepResult::Done());
}

TEST_F(FoldStageTest, ShowsWhatItKnowsFourTimesASecond) {
  Offer(12);
  Step();
  EXPECT_EQ(fold_->snapshot().totals.records, 0u);
  StepAfter(milliseconds(250));
  EXPECT_EQ(fold_->snapshot().totals.records, 12u);
  EXPECT_EQ(fold_->snapshot().partitions.size(), 1u);
  EXPECT_EQ(fold_->snapshot().open_bursts.size(), 1u);
  EXPECT_EQ(fold_->snapshot().sizes.tenants, 0u) << "these cost more: every two seconds";
  StepAfter(seconds(2));
  EXPECT_EQ(fold_->snapshot().sizes.tenants, 1u);
}

}  // namespace fold_stage_test
}  // namespace signinwatch::pipeline
