#include "daemon/ingest/sent_positions.h"

#include <gtest/gtest.h>

namespace signinwatch::ingest {
namespace sent_positions_test {

using Position = SentPositions::Position;

TEST(SentPositions, AreSafeUpToTheFirstThatIsUnderWay) {
  SentPositions sent;
  EXPECT_FALSE(sent.SafeOf(3));
  sent.Start(3, 10, 7);
  EXPECT_EQ(sent.SafeOf(3), (Position{10, 7}));
  const auto first = sent.Add(3, 11, 1);
  first->messages = 2;
  const auto second = sent.Add(3, 12, 2);
  second->messages = 1;
  const auto third = sent.Add(3, 13, 3);
  EXPECT_EQ(sent.SafeOf(3), (Position{10, 7}));
  second->messages = 0;
  EXPECT_EQ(sent.SafeOf(3), (Position{10, 7}));
  first->messages = 1;
  EXPECT_EQ(sent.SafeOf(3), (Position{10, 7}));
  first->messages = 0;
  EXPECT_EQ(sent.SafeOf(3), (Position{13, 3}));
}

TEST(SentPositions, WordsOfBeforeAStartSayNothing) {
  SentPositions sent;
  sent.Start(0, 10, 0);
  const auto before = sent.Add(0, 11, 0);
  before->messages = 1;
  sent.Start(0, 5, 0);
  const auto now = sent.Add(0, 6, 0);
  now->messages = 1;
  before->messages = 0;
  EXPECT_EQ(sent.SafeOf(0), (Position{5, 0}));
  sent.End(0);
  EXPECT_FALSE(sent.SafeOf(0));
}

}  // namespace sent_positions_test
}  // namespace signinwatch::ingest
