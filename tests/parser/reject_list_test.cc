// The bound on the dead letters of a message.
#include "parser/reject_list.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>

namespace signinwatch {
namespace reject_list_test {

size_t BytesOf(const ParsedMessage& parsed) {
  size_t bytes = 0;
  for (const Reject& reject : parsed.rejects) bytes += reject.size;
  return bytes;
}

// 0.9 MB of `1,{},1,{},...` made 180,000 dead letters, a hundred bytes of words for each 1.
TEST(RejectListTest, AlternatingElementsShareLettersBeyondTheBound) {
  constexpr size_t kPairs = 180'000;
  std::string message = "[1";
  for (size_t i = 0; i < kPairs; ++i) message += ",{},1";
  message += "]";
  MessageParser parser({});
  ParsedMessage parsed;
  parser.Parse(message, kEndOfTime, &parsed);
  EXPECT_EQ(parsed.records, 2 * kPairs + 1);
  EXPECT_EQ(parsed.rejected(), kPairs + 1);
  EXPECT_EQ(parsed.rejects.size(), RejectList::LettersMax(message.size()));
  EXPECT_EQ(parsed.rejects.front().records, 1u);
  const Reject& last = parsed.rejects.back();
  EXPECT_EQ(last.offset + last.size, message.size() - 1) << "from the first to the last of them";
  EXPECT_EQ(RejectDetail(last), std::to_string(last.records) + " elements that are not objects");
  EXPECT_LE(BytesOf(parsed), message.size());
}

TEST(RejectListTest, AFewAreEachTheirOwn) {
  std::string message = "[1";
  for (int i = 0; i < 63; ++i) message += ",{},1";
  message += "]";
  MessageParser parser({});
  ParsedMessage parsed;
  parser.Parse(message, kEndOfTime, &parsed);
  EXPECT_EQ(parsed.rejects.size(), 64u);
}

TEST(RejectListTest, EachReasonHasAtLeastOneLetter) {
  ParsedMessage parsed;
  RejectList list;
  list.Begin(64, &parsed);
  for (size_t i = 0; i < 1'000; ++i) list.Add(RejectReason::kNoTenant, "no tenant", i, 1);
  EXPECT_EQ(parsed.rejects.size(), 65u);
  for (size_t i = 0; i < 10; ++i) list.Add(RejectReason::kNoTime, "no time", 1'000 + i, 1);
  ASSERT_EQ(parsed.rejects.size(), 66u);
  EXPECT_EQ(parsed.rejected(), 1'010u);
  EXPECT_EQ(RejectDetail(parsed.rejects.back()), "no time, 10 records");
  EXPECT_EQ(parsed.rejects[64].records, 936u);
  EXPECT_EQ(parsed.rejects[64].size, 936u);
}

TEST(RejectListTest, BytesOfAllAreBoundedToo) {
  constexpr size_t kMessage = 1'000'000;
  ParsedMessage parsed;
  RejectList list;
  list.Begin(kMessage, &parsed);
  for (int i = 0; i < 1'000; ++i) list.Add(RejectReason::kNoTenant, "", 0, kMessage);
  EXPECT_LE(BytesOf(parsed), RejectList::BytesMax(kMessage));
  EXPECT_EQ(parsed.rejected(), 1'000u);
}

TEST(RejectListTest, WhatIsTakenBackLeavesTheLettersOfBeforeAsTheyWere) {
  ParsedMessage parsed;
  RejectList list;
  list.Begin(0, &parsed);
  for (size_t i = 0; i < 70; ++i) list.Add(RejectReason::kNoTenant, "", i, 1);
  const RejectList::Mark mark = list.Now();
  for (size_t i = 70; i < 90; ++i) list.Add(RejectReason::kNoTenant, "", i, 1);
  list.Add(RejectReason::kNotObject, "", 90, 1);
  list.TakeBack(mark);
  EXPECT_EQ(parsed.rejects.size(), 64u);
  EXPECT_EQ(parsed.rejected(), 70u);
  EXPECT_EQ(parsed.rejects.back().size, 7u);
  list.Add(RejectReason::kNotObject, "", 91, 1);
  EXPECT_EQ(parsed.rejects.back().reason, RejectReason::kNotObject) << "it has none of before";
}

}  // namespace reject_list_test
}  // namespace signinwatch
