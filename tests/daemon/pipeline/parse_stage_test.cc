#include "daemon/pipeline/parse_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <semaphore>
#include <string>
#include <string_view>

#include "daemon/steps/stage_threads.h"

namespace signinwatch::pipeline {
namespace parse_stage_test {

constexpr size_t kNoBound = size_t{1} << 30;

// A stage and its threads; none: the test calls Step.
class Parsing {
 public:
  Parsing(int threads, size_t bytes_max)
      : stage_(RecordReaders({}), threads, bytes_max, clock::SystemClock(),
               {.work =
                    [this] {
                      ++work_;
                      threads_.Wake();
                    },
                .ready = [this] { ready_.release(); },
                .room = [this] { ++room_; }}),
        threads_(clock::SystemClock(), [this](clock::Instant now) { return stage_.Step(now); }) {
    threads_.Start(threads);
  }
  ParseStage* operator->() { return &stage_; }
  // Steps while there is something to parse.
  steps::StepResult StepAll() {
    steps::StepResult result = steps::StepResult::AtOnce();
    while (result == steps::StepResult::AtOnce()) result = stage_.Step(clock::SystemClock().Now());
    return result;
  }
  // Waits for the threads.
  std::unique_ptr<Batch> Next() {
    std::unique_ptr<Batch> batch = stage_.Next();
    while (batch == nullptr && ready_.try_acquire_for(std::chrono::seconds(30))) {
      batch = stage_.Next();
    }
    return batch;
  }

  std::atomic<int> work_ = 0, room_ = 0;

 private:
  std::counting_semaphore<> ready_{0};
  ParseStage stage_;
  steps::StageThreads threads_;
};

class ParseStageTest : public testing::Test {
 protected:
  void Submit(Parsing& stage, size_t records) { Submit(stage, records, "1"); }
  // Records that are rejected one by one: so large that none shares a dead letter.
  static constexpr std::string_view kRejected =
      R"({"category":"Audit","correlationId":"1a2b3c4d-1111-2222-3333-44445555aaff"})";
  void SubmitRejected(Parsing& stage, size_t records) {
    Submit(stage, records, std::string(kRejected));
  }
  void Submit(Parsing& stage, size_t records, const std::string& record) {
    std::string text = "[";
    for (size_t i = 0; i < records; ++i) text += (i > 0 ? "," : "") + record;
    texts_.push_back(text + "]");
    std::unique_ptr<Batch> batch = stage->NewBatch();
    batch->input.messages.push_back({.payload = texts_.back(),
                                     .slot = 0,
                                     .offset = static_cast<int64_t>(records),
                                     .broker_time = {},
                                     .handle = nullptr});
    batch->input.bytes = texts_.back().size();
    stage->Submit(std::move(batch));
  }
  std::deque<std::string> texts_;
};

TEST_F(ParseStageTest, HandsOnInTheOrderOfSubmission) {
  Parsing stage(4, kNoBound);
  for (size_t i = 0; i < 40; ++i) {
    // Large ones between small ones, so that threads overtake each other.
    Submit(stage, i % 7 == 0 ? 20'000 + i : i);
  }
  stage->Close();
  for (size_t i = 0; i < 40; ++i) {
    std::unique_ptr<Batch> batch = stage.Next();
    ASSERT_NE(batch, nullptr);
    EXPECT_EQ(batch->parsed(0).records, i % 7 == 0 ? 20'000 + i : i);
    EXPECT_EQ(batch->parsed(0).rejected(), batch->parsed(0).records);
    EXPECT_TRUE(batch->input.messages[0].payload.empty()) << "given back";
    EXPECT_EQ(batch->payload_bytes(0), texts_[i].size());
    stage->Recycle(std::move(batch));
  }
  EXPECT_EQ(stage->Next(), nullptr);
  EXPECT_TRUE(stage->over());
}

TEST_F(ParseStageTest, PayloadsThatWaitTakeRoom) {
  Parsing stage(0, 10);  // nobody parses
  EXPECT_TRUE(stage->HasRoom());
  Submit(stage, 1);
  EXPECT_TRUE(stage->HasRoom());
  Submit(stage, 5);
  EXPECT_FALSE(stage->HasRoom());
}

TEST_F(ParseStageTest, WhatWasParsedTakesRoomUntilItIsDoneWith) {
  Parsing stage(1, 150'000);
  SubmitRejected(stage, 1'800);  // 139 kB of payload, some 210 kB when it is parsed
  std::unique_ptr<Batch> batch = stage.Next();
  EXPECT_GT(stage->held_bytes(), 1'800 * (sizeof(Reject) + kRejected.size()));
  EXPECT_FALSE(stage->HasRoom()) << "taken, but not done with";
  EXPECT_FALSE(stage->idle());
  stage->Recycle(std::move(batch));
  EXPECT_TRUE(stage->HasRoom());
  EXPECT_EQ(stage->held_bytes(), 0u);
  EXPECT_TRUE(stage->idle());
}

TEST_F(ParseStageTest, BeyondTheBoundOnlyWhatTheFoldWaitsForIsParsed) {
  // Four threads could parse all of them at once.
  constexpr size_t kBatches = 24;
  constexpr size_t kParsed = 4'096 * (sizeof(Reject) + 2 * kRejected.size()) + 1'000;
  Parsing stage(4, 1);
  size_t payloads = 0;
  for (size_t i = 0; i < kBatches; ++i) {
    SubmitRejected(stage, 4'000);
    payloads += texts_.back().size();
  }
  for (size_t i = 0; i < kBatches; ++i) {
    std::unique_ptr<Batch> batch = stage.Next();
    ASSERT_NE(batch, nullptr) << i;
    // This one, and the next, which is parsed or being parsed.
    EXPECT_LE(stage->held_bytes(), payloads + 3 * kParsed);
    stage->Recycle(std::move(batch));
    payloads -= texts_[i].size();
  }
  EXPECT_TRUE(stage->idle());
}

TEST_F(ParseStageTest, BuffersOfALargeBatchAreGivenBack) {
  Parsing stage(1, kNoBound);
  SubmitRejected(stage, 200'000);
  std::unique_ptr<Batch> batch = stage.Next();
  EXPECT_GT(batch->held_bytes(), size_t{16} << 20);
  stage->Recycle(std::move(batch));
  EXPECT_EQ(stage->NewBatch()->held_bytes(), 0u);
  SubmitRejected(stage, 100);
  batch = stage.Next();
  const size_t held = batch->held_bytes();
  EXPECT_GT(held, 0u);
  stage->Recycle(std::move(batch));
  EXPECT_EQ(stage->NewBatch()->held_bytes(), held) << "kept for the next one";
}

TEST_F(ParseStageTest, TheNumberOfBatchesIsBoundedToo) {
  Parsing stage(1, kNoBound);
  for (size_t i = 0; i < ParseStage::kBatchesMax; ++i) {
    EXPECT_TRUE(stage->HasRoom());
    Submit(stage, 1);
  }
  EXPECT_FALSE(stage->HasRoom());
}

TEST_F(ParseStageTest, AStepParsesOneBatch) {
  Parsing stage(0, kNoBound);
  EXPECT_EQ(stage.StepAll(), steps::StepResult::WhenWoken());
  Submit(stage, 1);
  Submit(stage, 2);
  EXPECT_EQ(stage.work_, 2);
  EXPECT_EQ(stage->Next(), nullptr);
  EXPECT_EQ(stage->Step(clock::SystemClock().Now()), steps::StepResult::AtOnce());
  std::unique_ptr<Batch> batch = stage->Next();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->parsed(0).records, 1u);
  EXPECT_EQ(stage->Next(), nullptr);
  stage->Close();
  EXPECT_FALSE(stage->over());
  EXPECT_EQ(stage.StepAll(), steps::StepResult::Done());
  batch = stage->Next();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->parsed(0).records, 2u);
  EXPECT_TRUE(stage->over());
}

// A thread that waits for room is told once there is some, and not at each batch.
TEST_F(ParseStageTest, SaysWhenThereIsRoomAgain) {
  Parsing stage(0, kNoBound);
  for (size_t i = 0; i < ParseStage::kBatchesMax; ++i) Submit(stage, 1);
  stage.StepAll();
  EXPECT_FALSE(stage->HasRoom());
  EXPECT_EQ(stage.room_, 0);
  stage->Recycle(stage->Next());
  EXPECT_TRUE(stage->HasRoom());
  EXPECT_EQ(stage.room_, 1);
  stage->Recycle(stage->Next());
  EXPECT_EQ(stage.room_, 1);
}

// Payloads of a few MB may leave nothing.
TEST_F(ParseStageTest, ParsingMayMakeRoom) {
  Parsing stage(0, 100'000);
  Submit(stage, 1, std::string(200'000, ' ') + "1");
  EXPECT_FALSE(stage->HasRoom());
  stage.StepAll();
  EXPECT_TRUE(stage->HasRoom());
  EXPECT_EQ(stage.room_, 1);
}

TEST_F(ParseStageTest, RejectedBytesComeInOrder) {
  Parsing stage(1, kNoBound);
  texts_ = {R"([1,{"category":"Audit"},"two"])", "nonsense"};
  std::unique_ptr<Batch> batch = stage->NewBatch();
  for (const std::string& text : texts_) {
    batch->input.messages.push_back(
        {.payload = text, .slot = 0, .offset = 0, .broker_time = {}, .handle = nullptr});
  }
  stage->Submit(std::move(batch));
  batch = stage.Next();
  std::vector<std::string> bytes;
  for (size_t i = 0; i < 2; ++i) {
    for (const Reject& reject : batch->parsed(i).rejects) {
      bytes.emplace_back(batch->TakeRejectedBytes(reject));
    }
  }
  EXPECT_THAT(bytes, testing::ElementsAre("1", R"({"category":"Audit"})", R"("two")", "nonsense"));
}

TEST_F(ParseStageTest, MayBeGivenUpInTheMiddle) {
  Parsing stage(2, kNoBound);
  for (size_t i = 0; i < 20; ++i) Submit(stage, 1'000);
  std::unique_ptr<Batch> batch = stage.Next();
  EXPECT_NE(batch, nullptr);
}

}  // namespace parse_stage_test
}  // namespace signinwatch::pipeline
