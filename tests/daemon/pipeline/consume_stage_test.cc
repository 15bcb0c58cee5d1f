#include "daemon/pipeline/consume_stage.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/noon.h"

namespace signinwatch::pipeline {
namespace consume_stage_test {

using std::chrono::milliseconds;

constexpr size_t kQueueBytes = 1'000;

// Has what the test puts into it, and says what it was asked for.
class OneSource : public kafka::RecordSource {
 public:
  explicit OneSource(clock::ManualClock& clock) : clock_(clock) {}

  absl::Status Poll(milliseconds timeout, kafka::MessageBatch* batch) override {
    ++polls;
    if (message.empty()) {
      clock_.Advance(timeout);
      if (timeout > milliseconds(0)) message = std::move(comes_while_waiting);
    }
    if (!message.empty()) {
      text_ = std::exchange(message, {});
      batch->messages.push_back(
          {.payload = text_, .slot = 0, .offset = 0, .broker_time = kEndOfTime, .handle = nullptr});
      batch->bytes = text_.size();
    }
    return error;
  }
  absl::Status KeepAlive(milliseconds timeout) override {
    ++keep_alives;
    clock_.Advance(timeout);
    return error;
  }
  void Pause(std::span<const kafka::PartitionSlot> slots) override { pauses += slots.size(); }
  void Resume(std::span<const kafka::PartitionSlot>) override {}
  void StartAt(kafka::PartitionSlot /*slot*/, int64_t /*offset*/, uint64_t /*mark*/) override {}
  void CommitOffsets(std::span<const position::PartitionPosition> offsets) override {
    commits += offsets.size();
  }
  void Close(milliseconds) override { closed = true; }
  [[nodiscard]] kafka::SourceFacts facts() const override { return {}; }

  std::string message, comes_while_waiting;
  absl::Status error;
  int polls = 0, keep_alives = 0;
  size_t pauses = 0, commits = 0;
  bool closed = false;

 private:
  clock::ManualClock& clock_;
  std::string text_;
};

class ConsumeStageTest : public testing::Test {
 protected:
  steps::StepResult Step() { return stage_.Step(clock_.Now()); }
  steps::StepResult ParseOne() { return parse_.Step(clock_.Now()); }
  // Fills the queue.
  void Fill() {
    source_.message = std::string(2 * kQueueBytes, '1');
    EXPECT_EQ(Step(), steps::StepResult::AtOnce());
    EXPECT_FALSE(parse_.HasRoom());
    source_.polls = 0;
  }

  clock::ManualClock clock_{kNoon};
  metrics::Metrics metrics_;
  OneSource source_{clock_};
  SourceCommands commands_;
  ParseStage parse_{
      RecordReaders({}), 1, kQueueBytes, clock_, {.work = [] {}, .ready = [] {}, .room = [] {}}};
  size_t resident_ = 0;
  std::vector<absl::Status> failures_;
  ConsumeStage stage_{source_,
                      commands_,
                      parse_,
                      MemoryGuard(
                          800, [this] { return resident_; }, [] {}),
                      clock_,
                      metrics_,
                      [this](const absl::Status& status) { failures_.push_back(status); }};
};

TEST_F(ConsumeStageTest, HandsOnWhatIsThere) {
  source_.message = "1";
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(source_.polls, 1) << "it did not wait";
  EXPECT_EQ(parse_.queue_depth(), 1u);
  EXPECT_EQ(ParseOne(), steps::StepResult::AtOnce());
  const std::unique_ptr<Batch> batch = parse_.Next();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->parsed(0).records, 1u);
  EXPECT_EQ(batch->input.messages[0].broker_time, kNoon) << "no later than it was read";
}

TEST_F(ConsumeStageTest, LetsTheSourceWait) {
  source_.comes_while_waiting = "1";
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(source_.polls, 2);
  ASSERT_EQ(parse_.queue_depth(), 1u);
  EXPECT_EQ(ParseOne(), steps::StepResult::AtOnce());
  EXPECT_EQ(parse_.Next()->input.messages[0].broker_time, kNoon + milliseconds(100))
      << "it was read when the wait was over";
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(parse_.queue_depth(), 0u) << "nothing came";
  EXPECT_TRUE(parse_.HasRoom());
}

TEST_F(ConsumeStageTest, WithoutRoomItOnlyStaysInTheGroup) {
  Fill();
  const steps::StepResult later = Step();
  EXPECT_EQ(later, steps::StepResult::At(clock_.Steady() + milliseconds(500)));
  clock_.Advance(milliseconds(300));
  EXPECT_EQ(Step(), later) << "woken for nothing";
  EXPECT_EQ(source_.keep_alives, 0);
  clock_.AdvanceTo(later.again_at);
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(source_.keep_alives, 1);
  EXPECT_EQ(Step(), steps::StepResult::At(clock_.Steady() + milliseconds(500)));
  EXPECT_EQ(source_.polls, 0);
  // Room again.
  EXPECT_EQ(ParseOne(), steps::StepResult::AtOnce());
  parse_.Recycle(parse_.Next());
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(source_.polls, 2);
  EXPECT_EQ(source_.keep_alives, 1);
}

TEST_F(ConsumeStageTest, NearItsMemoryItWaitsForWhatWasRead) {
  const auto pauses = [this] {
    return metrics_.Expose(metrics::Exposition::kText).find("signinwatch_memory_pauses_total 1") !=
           std::string::npos;
  };
  resident_ = 800;
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(source_.keep_alives, 0) << "nothing that was read is left: waiting brings nothing";
  source_.message = "1";
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_FALSE(pauses());
  source_.polls = 0;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(source_.keep_alives, 3);
  EXPECT_EQ(source_.polls, 0);
  EXPECT_TRUE(pauses()) << "counted once";
  EXPECT_EQ(ParseOne(), steps::StepResult::AtOnce());
  parse_.Recycle(parse_.Next());
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(source_.polls, 2);
}

TEST_F(ConsumeStageTest, TellsTheSourceWhatOthersAsk) {
  commands_.Align({.pause = {1, 2}, .resume = {}});
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  EXPECT_EQ(source_.pauses, 2u);
  stage_.End();
  EXPECT_EQ(Step(), steps::StepResult::Done());
  commands_.Commit({{.topic = "t", .partition = 0, .next_offset = 1}});
  stage_.Leave();
  EXPECT_EQ(source_.commits, 1u) << "what was committed after it had ended";
  EXPECT_TRUE(source_.closed);
}

TEST_F(ConsumeStageTest, EndsAndClosesTheNextStage) {
  source_.message = "1";
  stage_.End();
  EXPECT_EQ(Step(), steps::StepResult::Done());
  EXPECT_EQ(source_.polls, 0) << "reads no more";
  EXPECT_TRUE(parse_.over());
}

TEST_F(ConsumeStageTest, ASourceThatCanNotGoOnEndsIt) {
  source_.message = "1";
  source_.error = absl::PermissionDeniedError("no such user");
  EXPECT_EQ(Step(), steps::StepResult::AtOnce());
  ASSERT_EQ(failures_.size(), 1u);
  EXPECT_EQ(failures_[0], source_.error);
  EXPECT_EQ(parse_.queue_depth(), 1u) << "what it gave is used";
  EXPECT_EQ(Step(), steps::StepResult::Done());
  EXPECT_EQ(failures_.size(), 1u);
}

}  // namespace consume_stage_test
}  // namespace signinwatch::pipeline
