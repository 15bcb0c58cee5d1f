#include "daemon/pipeline/parse_stage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>
#include <thread>

namespace signinwatch {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kNoBound = size_t{1} << 30;

class ParseStageTest : public testing::Test {
 protected:
  void Submit(ParseStage& stage, size_t records) {
    std::string text = "[";
    for (size_t i = 0; i < records; ++i) text += i > 0 ? ",1" : "1";
    texts_.push_back(text + "]");
    std::unique_ptr<Batch> batch = stage.NewBatch();
    batch->input.messages.push_back({.payload = texts_.back(),
                                     .slot = 0,
                                     .offset = static_cast<int64_t>(records),
                                     .broker_time = {},
                                     .handle = nullptr});
    batch->input.bytes = texts_.back().size();
    stage.Submit(std::move(batch));
  }
  std::deque<std::string> texts_;
};

TEST_F(ParseStageTest, HandsOnInTheOrderOfSubmission) {
  ParseStage stage({}, 4, kNoBound);
  for (size_t i = 0; i < 40; ++i) {
    // Large ones between small ones, so that threads overtake each other.
    Submit(stage, i % 7 == 0 ? 20'000 + i : i);
  }
  stage.Close();
  for (size_t i = 0; i < 40; ++i) {
    std::unique_ptr<Batch> batch = stage.Next(seconds(30));
    ASSERT_NE(batch, nullptr);
    EXPECT_EQ(batch->parsed(0).records, i % 7 == 0 ? 20'000 + i : i);
    EXPECT_EQ(batch->parsed(0).rejects.size(), batch->parsed(0).records);
    EXPECT_TRUE(batch->input.messages[0].payload.empty()) << "given back";
    EXPECT_EQ(batch->payload_bytes(0), texts_[i].size());
    stage.Recycle(std::move(batch));
  }
  EXPECT_EQ(stage.Next(milliseconds(0)), nullptr);
  EXPECT_TRUE(stage.over());
}

TEST_F(ParseStageTest, HasRoomUntilTheBytesAreReachedAndAgainWhenRecycled) {
  ParseStage stage({}, 1, 10);
  EXPECT_TRUE(stage.WaitForRoom(milliseconds(0)));
  Submit(stage, 1);
  EXPECT_TRUE(stage.WaitForRoom(milliseconds(0)));
  Submit(stage, 5);
  EXPECT_FALSE(stage.WaitForRoom(milliseconds(0)));
  std::unique_ptr<Batch> batch = stage.Next(seconds(30));
  stage.Recycle(std::move(batch));
  EXPECT_FALSE(stage.WaitForRoom(milliseconds(0)));
  batch = stage.Next(seconds(30));
  EXPECT_FALSE(stage.WaitForRoom(milliseconds(0))) << "taken, but not done with";
  stage.Recycle(std::move(batch));
  EXPECT_TRUE(stage.WaitForRoom(milliseconds(0)));
}

TEST_F(ParseStageTest, TheNumberOfBatchesIsBoundedToo) {
  ParseStage stage({}, 1, kNoBound);
  for (size_t i = 0; i < ParseStage::kBatchesMax; ++i) {
    EXPECT_TRUE(stage.WaitForRoom(milliseconds(0)));
    Submit(stage, 1);
  }
  EXPECT_FALSE(stage.WaitForRoom(milliseconds(0)));
}

TEST_F(ParseStageTest, RejectedBytesComeInOrder) {
  ParseStage stage({}, 1, kNoBound);
  texts_ = {R"([1,{"category":"Audit"},"two"])", "nonsense"};
  std::unique_ptr<Batch> batch = stage.NewBatch();
  for (const std::string& text : texts_) {
    batch->input.messages.push_back(
        {.payload = text, .slot = 0, .offset = 0, .broker_time = {}, .handle = nullptr});
  }
  stage.Submit(std::move(batch));
  batch = stage.Next(seconds(30));
  std::vector<std::string> bytes;
  for (size_t i = 0; i < 2; ++i) {
    for (const Reject& reject : batch->parsed(i).rejects) {
      bytes.emplace_back(batch->TakeRejectedBytes(reject));
    }
  }
  EXPECT_THAT(bytes, testing::ElementsAre("1", R"({"category":"Audit"})", R"("two")", "nonsense"));
}

TEST_F(ParseStageTest, MayBeGivenUpInTheMiddle) {
  ParseStage stage({}, 2, kNoBound);
  for (size_t i = 0; i < 20; ++i) Submit(stage, 1'000);
  std::unique_ptr<Batch> batch = stage.Next(seconds(30));
  EXPECT_NE(batch, nullptr);
}

}  // namespace
}  // namespace signinwatch
