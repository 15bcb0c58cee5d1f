#include "daemon/kafka/source_partitions.h"

#include <string>

#include "gtest/gtest.h"

namespace signinwatch::kafka {
namespace source_partitions_test {

TEST(SourcePartitionsTest, GivesSlotsInOrderAndKeepsThem) {
  SourcePartitions partitions({});
  EXPECT_EQ(partitions.Get("a", 3).slot, 0);
  EXPECT_EQ(partitions.Get("b", 0).slot, 1);
  EXPECT_EQ(partitions.Get("a", 0).slot, 2);
  EXPECT_EQ(partitions.Get("a", 3).slot, 0);
  EXPECT_EQ(partitions.Find(1)->topic, "b");
  EXPECT_EQ(partitions.Find(3), nullptr);
  EXPECT_EQ(partitions.Find("a", 1), nullptr);
  EXPECT_EQ(partitions.Find("a", 9), nullptr);
  EXPECT_EQ(partitions.Find("c", 0), nullptr);
  EXPECT_EQ(partitions.size(), 3);
}

TEST(SourcePartitionsTest, StaysInPlaceWhileOthersAreAdded) {
  SourcePartitions partitions({});
  const SourcePartition* first = &partitions.Get("first", 0);
  for (int32_t id = 0; id < 1'000; ++id) partitions.Get("topic " + std::to_string(id % 10), id);
  EXPECT_EQ(partitions.Find("first", 0), first);
  EXPECT_EQ(first->topic, "first");
}

TEST(SourcePartitionsTest, StartsAtTheStoredPosition) {
  SourcePartitions partitions({{.topic = "a", .partition = 1, .next_offset = 70},
                               {.topic = "b", .partition = 1, .next_offset = kUnknownOffset}});
  EXPECT_EQ(partitions.Get("a", 1).next, 70);
  EXPECT_EQ(partitions.Get("a", 2).next, kUnknownOffset);
  EXPECT_EQ(partitions.Get("b", 1).next, kUnknownOffset);
}

TEST(SourcePartitionsTest, KnowsATopicByAPositionOrAnAssignment) {
  SourcePartitions partitions({{.topic = "a", .partition = 1, .next_offset = 70}});
  EXPECT_TRUE(partitions.IsKnown("a"));
  EXPECT_FALSE(partitions.IsKnown("b"));
  SourcePartition& added = partitions.Get("b", 0);
  EXPECT_FALSE(partitions.IsKnown("b")) << "it exists only";
  added.state = PartitionState::kRevoked;
  EXPECT_TRUE(partitions.IsKnown("b"));
}

TEST(SourcePartitionTest, BeginsWithTheLastMessageThatItKnows) {
  const struct {
    int64_t next;
    uint64_t mark;
    bool compares;
  } cases[] = {{10, 77, true}, {10, kNoMark, false}, {0, 77, false}, {kUnknownOffset, 77, false}};
  for (const auto& each : cases) {
    SourcePartition p;
    p.next = each.next;
    p.mark = each.mark;
    // Whatever it was at before.
    p.fetching.emplace<UnreadableBatch>(3, UnreadableReason::kFormat);
    EXPECT_EQ(p.BeginFetching(), each.compares) << each.next << ' ' << each.mark;
    EXPECT_EQ(p.is_compared(), each.compares);
    EXPECT_EQ(p.unreadable(), nullptr);
  }
}

TEST(ClassifyOffsetTest, ByWhatIsExpectedAndWhereTheLogIs) {
  constexpr int64_t kUnknown = kUnknownOffset;
  const struct {
    int64_t next, offset, log_start, log_end;
    OffsetStep step;
  } cases[] = {
      {10, 10, 0, 20, OffsetStep::kExpected},
      {10, 10, kUnknown, kUnknown, OffsetStep::kExpected},
      {kUnknown, 7, 5, 20, OffsetStep::kFirst},
      {kUnknown, 0, 0, 0, OffsetStep::kFirst},
      // Holes of compaction and of transactions.
      {10, 12, 0, 20, OffsetStep::kSkipped},
      {10, 12, 10, 20, OffsetStep::kSkipped},
      {10, 12, kUnknown, kUnknown, OffsetStep::kSkipped},
      {10, 12, 11, 20, OffsetStep::kGap},
      {10, 12, 12, 20, OffsetStep::kGap},
      {10, 12, 15, 20, OffsetStep::kGap},
      {10, 9, 0, 20, OffsetStep::kRepeated},
      {10, 9, 0, 10, OffsetStep::kRepeated},
      {10, 0, 0, kUnknown, OffsetStep::kRepeated},
      {10, 0, 0, 9, OffsetStep::kReset},
      {10, 0, 0, 0, OffsetStep::kReset},
      {10, 4, 4, 9, OffsetStep::kReset},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(ClassifyOffset(each.next, each.offset, each.log_start, each.log_end), each.step)
        << each.next << ' ' << each.offset << ' ' << each.log_start << ' ' << each.log_end;
  }
}

}  // namespace source_partitions_test
}  // namespace signinwatch::kafka
