#include "daemon/signals/input_watermarks.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace signinwatch::signals {
namespace input_watermarks_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr EventTime kNow{hours(24 * 365 * 56)};
constexpr Duration kLateness = minutes(30);

SignalOrigin At(int32_t partition, int64_t offset, uint64_t log = 0) {
  return {.topic = "t", .partition = partition, .log = log, .offset = offset};
}

// A word about partition `partition` of "t".
SourceWatermark Word(int32_t partition, int64_t next_offset, EventTime watermark) {
  return {.topic = "t",
          .partition = partition,
          .next_offset = next_offset,
          .last_sent = {},
          .watermark = watermark};
}
SourceWatermark IdleWord(int32_t partition, int64_t next_offset, EventTime watermark) {
  SourceWatermark word = Word(partition, next_offset, watermark);
  word.at_end = word.idle = true;
  return word;
}

class InputWatermarksTest : public testing::Test {
 protected:
  void List(int32_t partitions, uint64_t version = 1) {
    input_.Hear(SourcesMessage{.version = version, .topics = {{"t", partitions}}});
  }
  void Hear(std::vector<SourceWatermark> words, EventTime wall = kNow) {
    input_.Hear(WatermarksMessage{.wall_time = wall, .sources = std::move(words)});
  }
  [[nodiscard]] size_t Take(const SignalOrigin& origin, std::vector<uint32_t> indices) {
    return *input_.Take(origin, indices);
  }
  [[nodiscard]] EventTime stream() const { return input_.stream_watermark(); }

  InputWatermarks input_{TimeConfig{}};
};

TEST_F(InputWatermarksTest, TakesEachSignalOnceAndOnlyForward) {
  EXPECT_EQ(Take(At(0, 10), {0, 1, 4}), 0u);
  EXPECT_EQ(Take(At(0, 10), {0, 1, 4}), 3u) << "all repeated";
  EXPECT_EQ(Take(At(0, 10), {1, 4, 5, 6}), 2u) << "some repeated";
  EXPECT_EQ(Take(At(0, 9), {0, 99}), 2u) << "behind what was taken";
  EXPECT_EQ(Take(At(0, 11), {0}), 0u);
  EXPECT_EQ(Take(At(1, 3), {2}), 0u) << "another partition has its own";
  EXPECT_EQ(Take(At(0, 0, /*log=*/5), {0}), 0u) << "another log begins anew";
  EXPECT_EQ(Take(At(0, 12), {0}), 1u) << "and the former one is over";
}

TEST_F(InputWatermarksTest, StandsUntilAListCameAndAllOnItWereHeardOf) {
  Hear({Word(0, 5, kNow)});
  EXPECT_EQ(stream(), kBeginningOfTime);
  List(2);
  EXPECT_EQ(stream(), kBeginningOfTime);
  Hear({Word(1, 0, kBeginningOfTime)});
  EXPECT_EQ(stream(), kBeginningOfTime) << "it had no record yet and is not idle";
  Hear({Word(1, 1, kNow - hours(1))});
  EXPECT_EQ(stream(), kNow - hours(1));
}

TEST_F(InputWatermarksTest, IsTheLeastAndNeverGoesBack) {
  List(2);
  Hear({Word(0, 5, kNow), Word(1, 5, kNow - minutes(1))});
  EXPECT_EQ(stream(), kNow - minutes(1));
  Hear({Word(1, 6, kNow - minutes(10))});
  EXPECT_EQ(stream(), kNow - minutes(1));
  EXPECT_EQ(input_.sources()[1].watermark, kNow - minutes(1)) << "nor does a partition's";
  Hear({Word(1, 7, kNow + minutes(1))});
  EXPECT_EQ(stream(), kNow);
}

TEST_F(InputWatermarksTest, AWordCountsOnceTheSignalsBeforeItAreTaken) {
  List(1);
  SourceWatermark word = Word(0, 11, kNow);
  word.last_sent = SourcePosition{0, 10, 3};
  (void)Take(At(0, 10), {2});
  Hear({word});
  EXPECT_EQ(stream(), kBeginningOfTime);
  (void)Take(At(0, 10), {3});
  Hear({word});
  EXPECT_EQ(stream(), kNow);
}

TEST_F(InputWatermarksTest, AWordThatCoversLessSaysNothing) {
  List(1);
  Hear({Word(0, 50, kNow)});
  Hear({IdleWord(0, 40, kNow)}, kNow + seconds(10));  // of one that was frozen, or reads again
  EXPECT_FALSE(input_.sources()[0].idle);
  EXPECT_EQ(input_.sources()[0].heard_at, kNow);
  SourceWatermark anew = Word(0, 0, kNow + seconds(1));
  anew.log = 5;
  Hear({anew});
  EXPECT_EQ(stream(), kNow + seconds(1)) << "but offsets of another log begin anew";
}

TEST_F(InputWatermarksTest, AnIdlePartitionHoldsNobody) {
  List(2);
  Hear({Word(0, 5, kNow), IdleWord(1, 5, kNow - hours(5))});
  EXPECT_EQ(stream(), kNow);
  Hear({Word(0, 6, kNow + hours(2)), Word(1, 6, kNow + hours(1))});
  EXPECT_EQ(stream(), kNow + hours(1)) << "until it has records again";
}

TEST_F(InputWatermarksTest, WhereAllAreIdleTheLeastWallClockCounts) {
  List(2);
  Hear({IdleWord(0, 5, kNow - hours(3))}, kNow);
  EXPECT_EQ(stream(), kBeginningOfTime);
  Hear({IdleWord(1, 0, kBeginningOfTime)}, kNow + seconds(20));
  EXPECT_EQ(stream(), kNow - kLateness);
  Hear({IdleWord(0, 5, kNow - hours(3))}, kNow + seconds(30));
  EXPECT_EQ(stream(), kNow + seconds(20) - kLateness);
}

// Who said that it is idle is gone; what comes in meanwhile nobody knows.
TEST_F(InputWatermarksTest, AnIdleWordIsGoodForAWhile) {
  List(2);
  Hear({Word(0, 5, kNow), IdleWord(1, 5, kNow - hours(5))});
  Hear({Word(0, 6, kNow + minutes(5))}, kNow + minutes(5));
  EXPECT_EQ(stream(), kNow + minutes(5));
  Hear({Word(0, 7, kNow + minutes(6))}, kNow + minutes(5) + seconds(1));
  EXPECT_EQ(stream(), kNow + minutes(5));
  Hear({IdleWord(1, 5, kNow - hours(5))}, kNow + minutes(6));
  EXPECT_EQ(stream(), kNow + minutes(6));
}

// One instance reads a partition into which old records trickle, another the one with today's.
TEST_F(InputWatermarksTest, OldRecordsThatTrickleInHoldNobody) {
  List(2);
  SourceWatermark old = Word(1, 5, kNow - hours(9));
  old.at_end = true;
  Hear({Word(0, 5, kNow), old}, kNow);
  EXPECT_EQ(stream(), kNow - hours(9));
  for (int i = 1; i <= 60; ++i) {
    old.next_offset += 1;
    old.watermark += seconds(1);
    Hear({old, Word(0, 5 + i, kNow + seconds(i))}, kNow + seconds(i));
  }
  EXPECT_EQ(stream(), kNow + seconds(60));
  // One that catches up is not at its end, and does.
  old.next_offset += 1;
  old.at_end = false;
  Hear({old, Word(0, 80, kNow + seconds(80))}, kNow + seconds(80));
  EXPECT_EQ(stream(), kNow + seconds(60));
}

TEST_F(InputWatermarksTest, AnAddedPartitionHoldsTheOthersBeforeItsFirstSignal) {
  List(1, /*version=*/5);
  Hear({Word(0, 5, kNow)});
  List(2, /*version=*/6);
  Hear({Word(0, 6, kNow + minutes(1))});
  EXPECT_EQ(stream(), kNow);
  List(1, /*version=*/5);  // of an instance that has not seen it yet
  Hear({Word(0, 7, kNow + minutes(2))});
  EXPECT_EQ(stream(), kNow);
  Hear({Word(1, 1, kNow + minutes(1))});
  EXPECT_EQ(stream(), kNow + minutes(1));
  List(1, /*version=*/7);  // it was taken out of the configuration
  EXPECT_EQ(stream(), kNow + minutes(2));
}

TEST_F(InputWatermarksTest, RowsThatAreDamagedAreRefused) {
  List(1);
  (void)Take(At(0, 3), {1});
  std::map<std::string, std::string> rows;
  input_.SaveChanges([&](std::string key, std::string value) { rows[key] = value; });
  ASSERT_EQ(rows.size(), 2u);
  for (const auto& [key, value] : rows) {
    InputWatermarks other{TimeConfig{}};
    EXPECT_FALSE(other.Restore(key, value.substr(1)));
    EXPECT_FALSE(other.Restore(key, value + "x"));
  }
}

TEST_F(InputWatermarksTest, WatermarksBeyondTheWallClockAreSetBack) {
  List(1);
  Hear({Word(0, 5, kNow + hours(9))});
  InputWatermarks restored{TimeConfig{}};
  input_.SaveChanges([&](const std::string& key, const std::string& value) {
    EXPECT_TRUE(restored.Restore(key, value));
  });
  EXPECT_EQ(restored.Restored(kBeginningOfTime, kNow), 1u);
  EXPECT_EQ(restored.sources()[0].watermark, kNow - kLateness);
}

// Two instances deal out three partitions, are killed, frozen and read again. Whatever they do, no
// signal comes twice, none is missing, and none is below the watermark of the moment (its own
// partition's event time only grows here); a reader that is restarted anywhere comes to the same.
TEST(InputWatermarks, ArrivalsAndRestartsChangeNothing) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    std::mt19937_64 random(seed);
    TimeConfig config;
    auto input = std::make_unique<InputWatermarks>(config);
    InputWatermarks whole(config);  // never restarted
    std::map<std::string, std::string> rows;
    struct Reader {
      std::map<int32_t, int64_t> next;
    };
    Reader readers[2];
    std::map<int32_t, int64_t> committed{{0, 0}, {1, 0}, {2, 0}};
    std::map<int32_t, std::vector<int64_t>> taken;
    readers[0].next = committed;
    const SourcesMessage list{.version = 1, .topics = {{"t", 3}}};
    input->Hear(list);
    whole.Hear(list);
    // Offset n of a partition has the event time n minutes after the start.
    const auto time = [](int64_t offset) { return kNow + minutes(offset); };
    for (int step = 0; step < 200; ++step) {
      Reader& reader = readers[random() % 2];
      const auto p = static_cast<int32_t>(random() % 3);
      const auto next = reader.next.find(p);
      switch (random() % 6) {
        case 0:  // takes the partition over, from what is committed
          readers[random() % 2].next[p] = committed[p];
          break;
        case 1:
          if (next != reader.next.end()) committed[p] = std::max(committed[p], next->second);
          break;
        case 2: {
          WatermarksMessage words{.wall_time = kNow + seconds(step), .sources = {}};
          for (const auto& [partition, offset] : reader.next) {
            if (offset == 0) continue;
            words.sources.push_back(Word(partition, offset, time(offset - 1)));
          }
          input->Hear(words);
          whole.Hear(words);
          break;
        }
        case 3: {
          input->SaveChanges([&](std::string key, std::string value) { rows[key] = value; });
          const EventTime stream = input->stream_watermark();
          input = std::make_unique<InputWatermarks>(config);
          for (const auto& [key, value] : rows) ASSERT_TRUE(input->Restore(key, value));
          EXPECT_EQ(input->Restored(stream, kEndOfTime), 0u);
          break;
        }
        default: {
          if (next == reader.next.end()) break;
          const int64_t offset = next->second++;
          const std::vector<uint32_t> indices{0, 1};
          const size_t first = *input->Take(At(p, offset), indices);
          EXPECT_EQ(*whole.Take(At(p, offset), indices), first);
          if (first == 2) break;
          ASSERT_EQ(first, 0u);
          EXPECT_GE(time(offset), input->stream_watermark()) << "late, seed " << seed;
          taken[p].push_back(offset);
          break;
        }
      }
      ASSERT_EQ(input->stream_watermark(), whole.stream_watermark()) << "seed " << seed;
    }
    for (const auto& [p, offsets] : taken) {
      for (size_t i = 0; i < offsets.size(); ++i) ASSERT_EQ(offsets[i], static_cast<int64_t>(i));
    }
  }
}

}  // namespace input_watermarks_test
}  // namespace signinwatch::signals
