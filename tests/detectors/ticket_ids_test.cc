#include "detectors/ticket_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/detectors/moments.h"

namespace signinwatch {
namespace ticket_ids_test {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr Hash128 kA{1, 1};
constexpr Hash128 kB{2, 2};
constexpr Hash128 kC{3, 3};

TEST(TicketIdsTest, GivesEachIdOnce) {
  TicketIds ids(10);
  EXPECT_TRUE(ids.Give(kA, kMorning));
  EXPECT_TRUE(ids.Give(kB, kMorning));
  EXPECT_FALSE(ids.Give(kA, kMorning));
  EXPECT_FALSE(ids.Give(kA, kMorning + hours(1)));
  EXPECT_EQ(ids.StartOf(kA), kMorning) << "as when it was given";
  EXPECT_EQ(ids.StartOf(kC), kEndOfTime);
}

TEST(TicketIdsTest, ForgetsThoseOfBurstsBeforeATime) {
  TicketIds ids(10);
  ASSERT_TRUE(ids.Give(kA, kMorning));
  ASSERT_TRUE(ids.Give(kB, kMorning + hours(1)));
  ids.ForgetBefore(kMorning);
  EXPECT_EQ(ids.size(), 2u);
  ids.ForgetBefore(kMorning + hours(1));
  EXPECT_EQ(ids.size(), 1u);
  EXPECT_TRUE(ids.Give(kA, kMorning));
  EXPECT_FALSE(ids.Give(kB, kMorning));
  EXPECT_EQ(ids.evicted(), 0u);
}

TEST(TicketIdsTest, OverTheBoundTheEarliestIsForgottenAndCounted) {
  TicketIds ids(2);
  ASSERT_TRUE(ids.Give(kA, kMorning + hours(1)));
  ASSERT_TRUE(ids.Give(kB, kMorning));
  ASSERT_TRUE(ids.Give(kC, kMorning + hours(2)));
  EXPECT_EQ(ids.evicted(), 1u);
  EXPECT_EQ(ids.StartOf(kB), kEndOfTime);
  EXPECT_FALSE(ids.Give(kA, kMorning));
  EXPECT_FALSE(ids.Give(kC, kMorning));
}

TEST(TicketIdsTest, JournalHasWhatWasGivenAndForgotten) {
  TicketIds ids(10);
  ASSERT_TRUE(ids.Give(kA, kMorning));
  EXPECT_THAT(ids.TakeJournal(), IsEmpty()) << "kept from the first call on";
  ASSERT_TRUE(ids.Give(kB, kMorning + hours(1)));
  ASSERT_FALSE(ids.Give(kA, kMorning));
  EXPECT_THAT(ids.TakeJournal(), ElementsAre(kB));
  ids.ForgetBefore(kMorning + hours(2));
  EXPECT_THAT(ids.TakeJournal(), UnorderedElementsAre(kA, kB));
  EXPECT_THAT(ids.TakeJournal(), IsEmpty());
}

}  // namespace ticket_ids_test
}  // namespace signinwatch
