#include "detectors/timer_queue.h"

#include <gtest/gtest.h>

namespace signinwatch {
namespace timer_queue_test {

constexpr EventTime At(int hour) { return EventTime(std::chrono::hours(hour)); }

TEST(TimerQueueTest, TheEarliestIsFirstAndOfSeveralTheLeast) {
  TimerQueue<int> queue;
  EXPECT_EQ(queue.next_due(), kEndOfTime);
  queue.Set(At(2), 1);
  queue.Set(At(1), 9);
  queue.Set(At(1), 3);
  EXPECT_EQ(queue.next_due(), At(1));
  EXPECT_EQ(queue.Take().subject, 3);
  EXPECT_EQ(queue.Take().subject, 9);
  EXPECT_EQ(queue.Take().due, At(2));
  EXPECT_EQ(queue.next_due(), kEndOfTime);
}

}  // namespace timer_queue_test
}  // namespace signinwatch
