#include "detectors/track_bursts.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace signinwatch {
namespace track_bursts_test {

constexpr EventTime MinuteOf(int hour) { return EventTime(std::chrono::hours(hour)); }

std::unique_ptr<Session> BurstAt(EventTime time, TicketNumber ticket, uint32_t threshold = 1) {
  BurstRule rule;
  rule.threshold = threshold;
  Failure failure;
  failure.time = time;
  auto session = std::make_unique<Session>(failure);
  WindowUsers scratch;
  (void)session->Settle(rule, &scratch);
  session->ticket = ticket;
  return session;
}

TEST(TrackBurstsTest, OpenAndPastAreInOneListByStart) {
  Track track;
  PastBurst past;
  past.start = MinuteOf(2);
  past.end = MinuteOf(3);
  past.count = 7;
  past.ticket = 20;
  track.past.push_back(past);
  track.sessions.push_back(BurstAt(MinuteOf(1), 10));
  track.sessions.push_back(BurstAt(MinuteOf(5), 0, 2));  // no burst
  track.sessions.push_back(BurstAt(MinuteOf(6), 20));
  const BurstRefs bursts = BurstsOf(&track);
  ASSERT_EQ(bursts.size(), 3u);
  EXPECT_EQ(bursts[0].session, track.sessions[0].get());
  EXPECT_EQ(bursts[1].past, &track.past[0]);
  EXPECT_EQ(bursts[1].session, nullptr);
  EXPECT_EQ(bursts[1].count, 7u);
  EXPECT_EQ(LatestOf(bursts, 20), &bursts[2]);
  EXPECT_EQ(LatestOf(bursts, 30), nullptr);
  *bursts[1].ticket = 30;
  EXPECT_EQ(track.past[0].ticket, 30u);
}

}  // namespace track_bursts_test
}  // namespace signinwatch
