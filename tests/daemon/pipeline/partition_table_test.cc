#include "daemon/pipeline/partition_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "tests/daemon/noon.h"

namespace signinwatch::pipeline {
namespace partition_table_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = kafka::PartitionEvent::Kind;

// Event time and wall time of the tests; both start at the same moment.

class PartitionTableTest : public testing::Test {
 protected:
  void Assign(kafka::PartitionSlot slot, int64_t offset = 0) {
    table_.Handle({.kind = Kind::kAssigned,
                   .slot = slot,
                   .offset = offset,
                   .gap_end = 0,
                   .topic = "signins",
                   .partition = static_cast<int32_t>(slot)},
                  now_);
  }
  void Happen(Kind kind, kafka::PartitionSlot slot) {
    table_.Handle(
        {.kind = kind, .slot = slot, .offset = 0, .gap_end = 0, .topic = "", .partition = 0}, now_);
  }
  void Read(kafka::PartitionSlot slot, EventTime event_time) {
    table_.Observe(slot, event_time, now_);
    table_.Advance(slot, ++offset_, 0);
  }
  void Wait(Duration span) {
    now_ += span;
    table_.Tick(now_);
  }

  EventTime now_ = kNoon;
  int64_t offset_ = 0;
  TimeConfig config_;  // lateness 30 min, idle after 1 min, alignment 1 h
  PartitionTable table_{config_, {}, kBeginningOfTime, kNoon};
};

TEST_F(PartitionTableTest, TheStreamIsAsFarAsTheLeastPartition) {
  Assign(0);
  Assign(1);
  Read(0, kNoon);
  EXPECT_EQ(table_.stream_watermark(), kBeginningOfTime);
  Read(1, kNoon - minutes(10));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(40));
  Read(1, kNoon + minutes(5));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(30));
}

TEST_F(PartitionTableTest, IdleNeedsBothTheEndAndTheTime) {
  Assign(0);
  Assign(1);
  Read(0, kNoon);
  Read(1, kNoon - hours(1));
  Wait(minutes(5));
  EXPECT_FALSE(table_.idle(1)) << "it was not read to its end";
  Happen(Kind::kReachedEnd, 1);
  Wait(seconds(59));
  EXPECT_FALSE(table_.idle(1)) << "the end was seen for the first time 59 s ago";
  Wait(seconds(1));
  EXPECT_TRUE(table_.idle(1));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(30));
}

TEST_F(PartitionTableTest, AnAcceptedRecordWakesAndOthersDoNotKeepAwake) {
  Assign(0);
  Read(0, kNoon);
  Happen(Kind::kReachedEnd, 0);
  for (int i = 0; i < 7; ++i) {
    // Messages without an accepted record.
    table_.Advance(0, ++offset_, 0);
    Happen(Kind::kReachedEnd, 0);
    Wait(seconds(10));
  }
  EXPECT_TRUE(table_.idle(0));
  Read(0, kNoon + minutes(1));
  EXPECT_FALSE(table_.idle(0));
}

// One record a second that was two hours old held all other partitions for as long as it lasted.
TEST_F(PartitionTableTest, OldRecordsThatTrickleInHoldNobodyBack) {
  Assign(0);
  Assign(1);
  Read(0, kNoon);
  Read(1, kNoon);
  for (int second = 1; second <= 120; ++second) {
    now_ += seconds(1);
    Read(0, now_);
    Read(1, now_ - hours(2));
    Happen(Kind::kReachedEnd, 1);
    table_.Tick(now_);
  }
  EXPECT_TRUE(table_.idle(1));
  EXPECT_EQ(table_.stream_watermark(), now_ - minutes(30));
  Read(1, now_);
  EXPECT_FALSE(table_.idle(1)) << "a record of now is no old one";
}

TEST_F(PartitionTableTest, OldIsAlignmentOrMoreBehindTheGreatestWatermarkOfTheOthers) {
  // Event time of the records, less the greatest watermark of the others.
  const struct {
    Duration behind;
    bool idle;
  } cases[] = {{hours(1) + Duration(1), true},
               {hours(1), true},
               {hours(1) - Duration(1), false},
               {minutes(0), false}};
  for (const auto& each : cases) {
    PartitionTable table(config_, {}, kBeginningOfTime, kNoon);
    for (const kafka::PartitionSlot slot : {0, 1, 2}) {
      table.Handle({.kind = Kind::kAssigned,
                    .slot = slot,
                    .offset = 0,
                    .gap_end = 0,
                    .topic = "signins",
                    .partition = static_cast<int32_t>(slot)},
                   kNoon);
    }
    // The greatest is of neither the first nor the last; its own partition goes by the next.
    table.Observe(0, kNoon - minutes(50), kNoon);
    table.Observe(1, kNoon + minutes(30), kNoon);
    table.Observe(2, kNoon - hours(1), kNoon);
    EventTime now = kNoon;
    for (int i = 0; i < 30; ++i) {
      now += seconds(3);
      table.Observe(2, kNoon - each.behind, now);
      table.Handle({.kind = Kind::kReachedEnd,
                    .slot = 2,
                    .offset = 0,
                    .gap_end = 0,
                    .topic = "",
                    .partition = 0},
                   now);
      table.Tick(now);
    }
    EXPECT_EQ(table.idle(2), each.idle) << each.behind.count();
  }
}

// Its records are old, too, and they are on their way to the newest: nobody may run ahead of them.
TEST_F(PartitionTableTest, APartitionThatCatchesUpHoldsBack) {
  Assign(0);
  Assign(1);
  Read(0, kNoon);
  Read(1, kNoon - hours(9));
  for (int i = 0; i < 20; ++i) {
    Wait(seconds(10));
    Read(0, now_);
    Read(1, kNoon - hours(9) + minutes(i));
  }
  EXPECT_FALSE(table_.idle(1));
  EXPECT_EQ(table_.stream_watermark(), kNoon - hours(9) + minutes(19) - minutes(30));
}

// There is nobody whom it could hold back: its own records are the stream.
TEST_F(PartitionTableTest, AloneNoRecordIsOld) {
  Assign(0);
  Read(0, kNoon);
  for (int i = 0; i < 20; ++i) {
    Wait(seconds(10));
    Read(0, kNoon - hours(9));
    Happen(Kind::kReachedEnd, 0);
  }
  EXPECT_FALSE(table_.idle(0));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(30));
}

// A forged record of an earlier release, or a clock that was wrong.
TEST_F(PartitionTableTest, ARestoredWatermarkBeyondTheWallClockIsSetBack) {
  PartitionTable table(
      config_,
      {{.topic = "signins", .partition = 0, .next_offset = 7, .watermark = kNoon + hours(90)},
       {.topic = "signins", .partition = 1, .next_offset = 7, .watermark = kNoon}},
      kNoon - minutes(40), kNoon);
  EXPECT_EQ(table.set_back(), 1u);
  EXPECT_EQ(table.watermark(0), kNoon - minutes(30));
  EXPECT_EQ(table.watermark(1), kNoon) << "at the wall clock is not beyond it";
  const auto moved = table.TakeMoved();
  ASSERT_EQ(moved.size(), 1u) << "what was set back is stored";
  EXPECT_EQ(moved[0].watermark, kNoon - minutes(30));
  EXPECT_EQ(moved[0].next_offset, 7);
}

// A broker that does not answer may hold records: nothing may close meanwhile.
TEST_F(PartitionTableTest, OutOfReachIsNotIdle) {
  Assign(0);
  Read(0, kNoon);
  Happen(Kind::kReachedEnd, 0);
  Wait(seconds(30));
  Happen(Kind::kUnreachable, 0);
  Wait(hours(2));
  EXPECT_FALSE(table_.idle(0));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(30));
  Happen(Kind::kReachedEnd, 0);
  Wait(seconds(59));
  EXPECT_FALSE(table_.idle(0));
  Wait(seconds(1));
  EXPECT_TRUE(table_.idle(0));
}

TEST_F(PartitionTableTest, WhenAllAreIdleTheWallClockGoesOn) {
  Assign(0);
  Read(0, kNoon - hours(9));
  Happen(Kind::kReachedEnd, 0);
  Wait(minutes(1));
  EXPECT_EQ(table_.stream_watermark(), now_ - minutes(30));
  Wait(hours(1));
  EXPECT_EQ(table_.stream_watermark(), now_ - minutes(30));
  // It never goes back.
  Read(0, kNoon - hours(9));
  EXPECT_EQ(table_.stream_watermark(), now_ - minutes(30));
}

TEST_F(PartitionTableTest, NothingMovesWhileNothingIsAssigned) {
  PartitionTable table(config_,
                       {{.topic = "signins", .partition = 0, .next_offset = 7, .watermark = kNoon}},
                       kNoon - minutes(1), kNoon);
  table.Tick(kNoon + hours(5));
  EXPECT_FALSE(table.idle(0));
  EXPECT_EQ(table.stream_watermark(), kNoon - minutes(1));
}

// At a start the group may hand out partitions one after another.
TEST_F(PartitionTableTest, ARestoredPartitionHoldsBackUntilItWasMissedForLong) {
  PartitionTable table(
      config_,
      {{.topic = "signins", .partition = 0, .next_offset = 7, .watermark = kNoon},
       {.topic = "signins", .partition = 1, .next_offset = 7, .watermark = kNoon - minutes(5)}},
      kNoon - minutes(5), kNoon);
  table.Handle({.kind = Kind::kAssigned,
                .slot = 0,
                .offset = 7,
                .gap_end = 0,
                .topic = "signins",
                .partition = 0},
               kNoon);
  table.Tick(kNoon + seconds(59));
  EXPECT_EQ(table.stream_watermark(), kNoon - minutes(5));
  table.Observe(0, kNoon + minutes(40), kNoon + seconds(59));
  EXPECT_EQ(table.stream_watermark(), kNoon - minutes(5));
  table.Tick(kNoon + seconds(60));
  EXPECT_TRUE(table.idle(1));
  table.Observe(0, kNoon + minutes(41), kNoon + seconds(60));
  EXPECT_EQ(table.stream_watermark(), kNoon + minutes(11));
}

// Its records are still to come: from another member that leaves, or after a rebalance.
TEST_F(PartitionTableTest, WhatAnotherMemberReadsHoldsBack) {
  Assign(0);
  Assign(1);
  Read(0, kNoon);
  Read(1, kNoon - minutes(10));
  table_.NoteElsewhere(1);
  Happen(Kind::kRevoked, 1);
  Wait(hours(3));
  Read(0, kNoon + minutes(1));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(40));
  Read(0, kNoon + hours(5));
  EXPECT_THAT(table_.Align().pause, IsEmpty()) << "alone it has nobody to wait for";
  Assign(1, 5);
  Read(1, kNoon - minutes(9));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(39));
}

TEST_F(PartitionTableTest, WhatAnotherMemberHasReadFromTheStartOnHoldsBackToo) {
  table_.Handle({.kind = Kind::kExists,
                 .slot = 1,
                 .offset = kafka::kUnknownOffset,
                 .gap_end = 0,
                 .topic = "signins",
                 .partition = 1},
                now_);
  Assign(0);
  Read(0, kNoon);
  EXPECT_THAT(table_.Align().pause, IsEmpty());
  Wait(seconds(5));
  EXPECT_EQ(table_.stream_watermark(), kBeginningOfTime);
  table_.NoteElsewhere(1);
  Wait(hours(3));
  EXPECT_EQ(table_.stream_watermark(), kBeginningOfTime);
  for (const position::PartitionPosition& moved : table_.TakeMoved()) EXPECT_EQ(moved.partition, 0);
  Assign(1);
  Read(1, kNoon - minutes(10));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(40));
}

TEST_F(PartitionTableTest, APartitionThatNobodyReadsDoesNotExist) {
  Assign(0);
  Assign(1);
  Read(0, kNoon);
  Read(1, kNoon - minutes(10));
  Happen(Kind::kRevoked, 1);
  Wait(seconds(59));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(40));
  Wait(seconds(1));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(30));
  Happen(Kind::kRevoked, 0);
  Wait(hours(3));
  EXPECT_EQ(table_.stream_watermark(), kNoon - minutes(30)) << "nothing is read";
}

TEST_F(PartitionTableTest, APartitionFarAheadIsPausedUntilTheOthersHaveComeCloser) {
  Assign(0);
  Assign(1);
  Read(0, kNoon);
  Read(1, kNoon);
  auto first = table_.Align();
  EXPECT_THAT(first.pause, IsEmpty());
  EXPECT_THAT(first.resume, ElementsAre(0, 1)) << "a new assignment is told either way";
  Read(1, kNoon + hours(1) + seconds(1));
  auto ahead = table_.Align();
  EXPECT_THAT(ahead.pause, ElementsAre(1));
  EXPECT_THAT(ahead.resume, IsEmpty());
  EXPECT_TRUE(table_.partition(1).paused);
  EXPECT_THAT(table_.Align().pause, IsEmpty()) << "told once";
  Read(0, kNoon + minutes(30));
  EXPECT_THAT(table_.Align().resume, IsEmpty());
  Read(0, kNoon + minutes(31));
  EXPECT_THAT(table_.Align().resume, ElementsAre(1));
}

TEST_F(PartitionTableTest, APausedPartitionIsNotIdle) {
  Assign(0);
  Assign(1);
  Read(0, kNoon);
  Read(1, kNoon + hours(2));
  Happen(Kind::kReachedEnd, 1);
  (void)table_.Align();
  ASSERT_TRUE(table_.partition(1).paused);
  Wait(minutes(10));
  EXPECT_FALSE(table_.idle(1));
}

// Without this a partition that nobody writes to would stop all others at the first start.
TEST_F(PartitionTableTest, BeforeThereIsAWatermarkAlignmentGoesByTheLeastPartition) {
  Assign(0);
  Assign(1);
  Assign(2);
  Read(0, kNoon);
  Read(1, kNoon + hours(3));
  const auto alignment = table_.Align();
  EXPECT_THAT(alignment.pause, ElementsAre(1));
  EXPECT_THAT(alignment.resume, ElementsAre(0, 2));
}

TEST_F(PartitionTableTest, AssignedAgainItGoesOnWithItsWatermark) {
  Assign(0);
  Read(0, kNoon);
  Happen(Kind::kRevoked, 0);
  Assign(0, 5);
  EXPECT_EQ(table_.watermark(0), kNoon - minutes(30));
  EXPECT_FALSE(table_.partition(0).at_end);
  EXPECT_EQ(table_.size(), 1u);
}

TEST_F(PartitionTableTest, MovedPositionsAreTakenOnce) {
  Assign(0, 10);
  Assign(1, 0);
  auto moved = table_.TakeMoved();
  ASSERT_EQ(moved.size(), 2u) << "where a partition began is kept, too";
  EXPECT_EQ(moved[0].next_offset, 10);
  EXPECT_THAT(table_.TakeMoved(), IsEmpty());
  table_.Observe(1, kNoon, now_);
  table_.Advance(1, 3, 77);
  moved = table_.TakeMoved();
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].topic, "signins");
  EXPECT_EQ(moved[0].partition, 1);
  EXPECT_EQ(moved[0].next_offset, 3);
  EXPECT_EQ(moved[0].watermark, kNoon - minutes(30));
  EXPECT_EQ(moved[0].mark, 77u);
}

// What a log is known by is the message before the position, so it goes where that is another.
TEST_F(PartitionTableTest, TheMarkIsOfTheMessageBeforeThePosition) {
  const std::vector<position::PartitionPosition> restored = {{.topic = "signins",
                                                              .partition = 0,
                                                              .next_offset = 10,
                                                              .watermark = kNoon - hours(1),
                                                              .mark = 5}};
  const auto mark_after = [&](const kafka::PartitionEvent& event) {
    PartitionTable table(config_, restored, kBeginningOfTime, kNoon);
    kafka::PartitionEvent assigned{.kind = Kind::kAssigned, .offset = 10, .topic = "signins"};
    if (event.kind == Kind::kAssigned) assigned.offset = event.offset;
    table.Handle(assigned, now_);
    if (event.kind != Kind::kAssigned) table.Handle(event, now_);
    table.Advance(0, table.partition(0).next_offset, table.partition(0).mark);
    return table.TakeMoved().at(0).mark;
  };
  const auto event = [](Kind kind, int64_t offset) {
    return kafka::PartitionEvent{
        .kind = kind, .slot = 0, .offset = offset, .gap_end = 25, .topic = "", .partition = 0};
  };
  EXPECT_EQ(mark_after(event(Kind::kAssigned, 10)), 5u);
  EXPECT_EQ(mark_after(event(Kind::kAssigned, 12)), 0u);
  EXPECT_EQ(mark_after(event(Kind::kReachedEnd, 10)), 5u);
  EXPECT_EQ(mark_after(event(Kind::kRevoked, 10)), 5u);
  for (const Kind kind : {Kind::kGap, Kind::kReset, Kind::kUnreadable}) {
    EXPECT_EQ(mark_after(event(kind, 10)), 0u);
  }
}

TEST_F(PartitionTableTest, WhatCanNotBeReadIsSteppedPast) {
  Assign(0, 10);
  Happen(Kind::kReachedEnd, 0);
  (void)table_.TakeMoved();
  table_.Handle({.kind = Kind::kUnreadable,
                 .slot = 0,
                 .offset = 10,
                 .gap_end = 25,
                 .topic = "",
                 .partition = 0,
                 .reason = kafka::UnreadableReason::kCorrupt},
                now_);
  const auto moved = table_.TakeMoved();
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].next_offset, 25);
  const PartitionTable::Partition& p = table_.partition(0);
  EXPECT_FALSE(p.at_end);
  EXPECT_EQ(p.stepped_past.batches, 1u);
  EXPECT_EQ(p.stepped_past.from, 10);
  EXPECT_EQ(p.stepped_past.to, 25);
  EXPECT_EQ(p.stepped_past.reason, "corrupt");
  EXPECT_EQ(p.stepped_past.at, now_);
  EXPECT_EQ(p.made_anew, 0u);
  Happen(Kind::kReset, 0);
  EXPECT_EQ(p.made_anew, 1u);
  EXPECT_EQ(p.made_anew_at, now_);
  EXPECT_EQ(p.next_offset, 0);
}

TEST_F(PartitionTableTest, AGapMovesThePosition) {
  Assign(0, 10);
  (void)table_.TakeMoved();
  table_.Handle(
      {.kind = Kind::kGap, .slot = 0, .offset = 10, .gap_end = 25, .topic = "", .partition = 0},
      now_);
  const auto moved = table_.TakeMoved();
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].next_offset, 25);
}

TEST_F(PartitionTableTest, WhatIsSaidOfAnUnknownSlotChangesNothing) {
  Happen(Kind::kReachedEnd, 3);
  table_.Observe(3, kNoon, now_);
  table_.Advance(3, 1, 0);
  EXPECT_EQ(table_.size(), 0u);
  EXPECT_EQ(table_.FindSlot(3), nullptr);
}

}  // namespace partition_table_test
}  // namespace signinwatch::pipeline
