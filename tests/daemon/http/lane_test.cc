#include "daemon/http/lane.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace signinwatch::http {
namespace lane_test {

// Workers that hold what they have until they are told to go on.
class LaneTest : public testing::Test {
 protected:
  bool Enter(Lane& lane, const std::string& peer, const std::string& what,
             Lane::Order order = Lane::Order::kBehind) {
    const auto work = [this, what] {
      std::unique_lock lock(mutex_);
      served_.push_back(what);
      changed_.notify_all();
      changed_.wait(lock, [this] { return go_on_; });
    };
    return lane.Enter(
        peer, work, [this](const Lane::Place&) { ++done_; }, order);
  }
  bool Enter(Lane& lane, const std::string& peer) { return Enter(lane, peer, peer); }
  void WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, count] { return served_.size() >= count; });
  }
  // Until all that entered is done.
  void GoOn() {
    {
      const std::lock_guard lock(mutex_);
      go_on_ = true;
      changed_.notify_all();
    }
    io_.restart();
    io_.run();
  }
  std::vector<std::string> served() {
    const std::lock_guard lock(mutex_);
    return served_;
  }

  boost::asio::io_context io_;
  int done_ = 0;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> served_;
  bool go_on_ = false;
};

TEST_F(LaneTest, ServesAllThatEnters) {
  Lane lane(io_, {.workers = 3, .waiting_max = 100});
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Enter(lane, "a"));
  GoOn();
  EXPECT_EQ(served().size(), 20U);
  EXPECT_EQ(done_, 20);
}

TEST_F(LaneTest, WhatIsTooMuchIsSentBack) {
  Lane lane(io_, {.workers = 1, .waiting_max = 2});
  EXPECT_TRUE(Enter(lane, "a"));
  WaitFor(1);
  EXPECT_TRUE(Enter(lane, "b"));
  EXPECT_TRUE(Enter(lane, "c"));
  EXPECT_FALSE(Enter(lane, "d"));
  GoOn();
}

TEST_F(LaneTest, OnePeerTakesThreeQuartersAtMost) {
  Lane lane(io_, {.workers = 4, .waiting_max = 8});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Enter(lane, "a"));
  WaitFor(3);
  // Of the places to wait too.
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(Enter(lane, "a"));
  EXPECT_FALSE(Enter(lane, "a"));
  // The fourth worker is for others, though they come later.
  EXPECT_TRUE(Enter(lane, "b"));
  WaitFor(4);
  EXPECT_EQ(served(), (std::vector<std::string>{"a", "a", "a", "b"}));
  GoOn();
}

TEST_F(LaneTest, WhoIsPutBeforeOthersComesFirst) {
  Lane lane(io_, {.workers = 1, .waiting_max = 8});
  EXPECT_TRUE(Enter(lane, "a", "first"));
  WaitFor(1);
  EXPECT_TRUE(Enter(lane, "a", "third"));
  EXPECT_TRUE(Enter(lane, "b", "second", Lane::Order::kBefore));
  GoOn();
  EXPECT_EQ(served(), (std::vector<std::string>{"first", "second", "third"}));
}

// So that no more answers are in memory than there are workers.
TEST_F(LaneTest, APlaceIsTakenUntilItsOwnerLetsItGo) {
  Lane lane(io_, {.workers = 1, .waiting_max = 8});
  Lane::Place kept;
  int served = 0;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(lane.Enter(
        "a", [] {},
        [&](Lane::Place place) {
          ++served;
          kept.swap(place);
        }));
  }
  io_.run();
  EXPECT_EQ(served, 1);
  kept.reset();
  io_.restart();
  io_.run();
  EXPECT_EQ(served, 2);
  kept.reset();
}

}  // namespace lane_test
}  // namespace signinwatch::http
