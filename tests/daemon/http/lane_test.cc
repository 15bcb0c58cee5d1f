#include "daemon/http/lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tests/daemon/http/visits.h"

namespace signinwatch {
namespace {

std::unique_ptr<Visit> From(const std::string& peer, const std::string& what = "") {
  VisitPair pair(peer);
  pair.visit->received = what;
  return std::move(pair.visit);
}

// Workers that hold what they have until they are told to go on.
class Held {
 public:
  Lane::Serve serve() {
    return [this](std::unique_ptr<Visit> visit) {
      std::unique_lock lock(mutex_);
      served_.push_back(visit->received);
      changed_.notify_all();
      changed_.wait(lock, [this] { return go_on_; });
    };
  }
  void WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, count] { return served_.size() >= count; });
  }
  void GoOn() {
    const std::lock_guard lock(mutex_);
    go_on_ = true;
    changed_.notify_all();
  }
  std::vector<std::string> served() {
    const std::lock_guard lock(mutex_);
    return served_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> served_;
  bool go_on_ = false;
};

TEST(LaneTest, ServesAllThatEntersBeforeItEnds) {
  std::atomic<int> served{0};
  {
    Lane lane({.workers = 3, .waiting_max = 100}, [&served](std::unique_ptr<Visit>) { ++served; });
    for (int i = 0; i < 20; ++i) EXPECT_EQ(lane.Enter(From("a")), nullptr);
  }
  EXPECT_EQ(served, 20);
}

TEST(LaneTest, MoreThanMayWaitAreHandedBack) {
  Held held;
  Lane lane({.workers = 1, .waiting_max = 2}, held.serve());
  EXPECT_EQ(lane.Enter(From("a")), nullptr);
  held.WaitFor(1);
  EXPECT_EQ(lane.Enter(From("b")), nullptr);
  EXPECT_EQ(lane.Enter(From("c")), nullptr);
  EXPECT_NE(lane.Enter(From("d")), nullptr);
  held.GoOn();
}

TEST(LaneTest, OnePeerTakesThreeQuartersAtMost) {
  Held held;
  Lane lane({.workers = 4, .waiting_max = 8}, held.serve());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(lane.Enter(From("a", "a")), nullptr);
  held.WaitFor(3);
  // Of the places to wait too.
  for (int i = 0; i < 6; ++i) EXPECT_EQ(lane.Enter(From("a", "a")), nullptr);
  EXPECT_NE(lane.Enter(From("a", "a")), nullptr);
  // The fourth worker is for others, though they come later.
  EXPECT_EQ(lane.Enter(From("b", "b")), nullptr);
  held.WaitFor(4);
  EXPECT_EQ(held.served(), (std::vector<std::string>{"a", "a", "a", "b"}));
  held.GoOn();
}

TEST(LaneTest, WhoIsPutBeforeOthersComesFirst) {
  Held held;
  {
    Lane lane({.workers = 1, .waiting_max = 8}, held.serve());
    EXPECT_EQ(lane.Enter(From("a", "first")), nullptr);
    held.WaitFor(1);
    EXPECT_EQ(lane.Enter(From("a", "third")), nullptr);
    EXPECT_EQ(lane.Enter(From("b", "second"), Lane::Place::kBefore), nullptr);
    held.GoOn();
  }
  EXPECT_EQ(held.served(), (std::vector<std::string>{"first", "second", "third"}));
}

}  // namespace
}  // namespace signinwatch
