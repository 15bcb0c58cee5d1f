#include "daemon/kafka/unreadable_batch.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace signinwatch::kafka {
namespace unreadable_batch_test {

using Do = UnreadableBatch::Do;

// A log of batches, and what the client makes of a fetch.
struct BatchOf {
  int64_t messages;
  bool readable;
};

class Log {
 public:
  explicit Log(std::vector<BatchOf> batches) : batches_(std::move(batches)) {}

  [[nodiscard]] int64_t end() const {
    int64_t end = 0;
    for (const BatchOf& batch : batches_) end += batch.messages;
    return end;
  }
  // The batch that holds `offset`: its first offset and the one behind its last.
  [[nodiscard]] std::pair<int64_t, int64_t> Around(int64_t offset, bool* readable) const {
    int64_t first = 0;
    for (const BatchOf& batch : batches_) {
      if (offset < first + batch.messages) {
        *readable = batch.readable;
        return {first, first + batch.messages};
      }
      first += batch.messages;
    }
    *readable = true;  // the end of the log
    return {first, first};
  }
  void MakeReadable() {
    for (BatchOf& batch : batches_) batch.readable = true;
  }

 private:
  std::vector<BatchOf> batches_;
};

struct Outcome {
  UnreadableBatch::Step step;
  int fetches = 0;
  int silences = 0;
};

// `silent`: the client says nothing of what it can't read.
Outcome Drive(Log& log, int64_t next, bool silent = false, int readable_after = -1) {
  UnreadableBatch batch(next, UnreadableReason::kCompression);
  int64_t at = next;
  Outcome outcome;
  while (outcome.fetches < 500) {
    if (outcome.fetches == readable_after) log.MakeReadable();
    ++outcome.fetches;
    bool readable = false;
    const int64_t first = log.Around(at, &readable).first;
    UnreadableBatch::Step step;
    if (readable) {
      step = batch.OnReadable(at);
    } else if (silent) {
      ++outcome.silences;
      step = batch.OnSilence(log.end());
    } else {
      step = batch.OnError(first, log.end());
    }
    if (step.what == Do::kSeek) at = step.offset;
    outcome.step = step;
    if (step.what == Do::kSkip || step.what == Do::kTake) break;
  }
  return outcome;
}

TEST(UnreadableBatchTest, StepsPastTheBatchAndNothingElse) {
  const struct {
    const char* name;
    std::vector<BatchOf> batches;
    int64_t next;
    int64_t end;  // of what is skipped
  } cases[] = {
      {"one message", {{3, true}, {1, false}, {5, true}}, 3, 4},
      {"many messages", {{3, true}, {1'000, false}, {5, true}}, 3, 1'003},
      {"from the middle of it", {{3, true}, {100, false}, {5, true}}, 50, 103},
      {"the last of the log", {{3, true}, {100, false}}, 3, 103},
      {"the only one", {{1, false}}, 0, 1},
      {"another one right behind", {{2, true}, {10, false}, {500, false}, {9, true}}, 2, 12},
      {"another one, one readable between", {{10, false}, {1, true}, {500, false}}, 0, 10},
      {"another one at the end", {{10, false}, {2, true}, {7, false}}, 0, 10},
  };
  for (const auto& each : cases) {
    for (const bool silent : {false, true}) {
      // Where the client names no batch, what is unreadable side by side is taken for one.
      const bool told_apart = !silent || std::string_view(each.name).find("another") != 0;
      if (!told_apart) continue;
      SCOPED_TRACE(each.name);
      Log log(each.batches);
      const Outcome outcome = Drive(log, each.next, silent);
      EXPECT_EQ(outcome.step.what, Do::kSkip);
      EXPECT_EQ(outcome.step.offset, each.end);
      EXPECT_LT(outcome.fetches, 40);
    }
  }
}

// Each silence is waited for long (KafkaSourceOptions::silent_seconds).
TEST(UnreadableBatchTest, AsksFewTimesWhereTheClientIsSilent) {
  const auto silences = [](int messages) {
    Log log({{3, true}, {messages, false}, {5, true}});
    return Drive(log, 3, true).silences;
  };
  EXPECT_EQ(silences(1), 3);  // two tries, and a last one
  EXPECT_LE(silences(1'000), 23);
}

TEST(UnreadableBatchTest, OnRandomLogsToo) {
  std::minstd_rand random(7);
  for (int round = 0; round < 2'000; ++round) {
    std::vector<BatchOf> batches;
    for (size_t n = 1 + random() % 6; n > 0; --n) {
      batches.push_back(
          {static_cast<int64_t>(1 + random() % (random() % 2 == 0 ? 3 : 400)), random() % 2 == 0});
    }
    Log log(batches);
    for (int64_t next = 0; next < log.end();) {
      bool readable = true;
      const auto [first, end] = log.Around(next, &readable);
      if (!readable) {
        const Outcome outcome = Drive(log, next);
        ASSERT_EQ(outcome.step.what, Do::kSkip);
        ASSERT_EQ(outcome.step.offset, end) << "round " << round << " from " << first;
      }
      next = end;
    }
  }
}

// A fault that passes, as that of a disk of the broker's: nothing is left out, whenever it passes.
TEST(UnreadableBatchTest, IsReadIfItCanBeReadAfterAll) {
  for (int fetches = 1; fetches < 30; ++fetches) {
    Log log({{3, true}, {1'000, false}, {5, true}});
    const Outcome outcome = Drive(log, 3, false, fetches);
    if (outcome.step.what == Do::kSkip) {
      EXPECT_LE(outcome.fetches, fetches) << "it was over before";
      continue;
    }
    EXPECT_EQ(outcome.step.what, Do::kTake);
    EXPECT_EQ(outcome.step.offset, 3);
  }
}

// Behind a wrong checksum the client goes on by itself with the next batch, and leaves a hole.
TEST(UnreadableBatchTest, WhatTheClientStepsPastByItselfIsSaid) {
  UnreadableBatch batch(10, UnreadableReason::kCorrupt);
  EXPECT_EQ(batch.OnError(10, 40).what, Do::kWait);
  const UnreadableBatch::Step step = batch.OnReadable(25);
  EXPECT_EQ(step.what, Do::kSkip);
  EXPECT_EQ(step.offset, 25);
}

}  // namespace unreadable_batch_test
}  // namespace signinwatch::kafka
