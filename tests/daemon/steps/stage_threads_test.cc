#include "daemon/steps/stage_threads.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <semaphore>

namespace signinwatch::steps {
namespace stage_threads_test {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Says how many steps were made, and returns what the test wants.
class CountedSteps {
 public:
  StepResult Step(clock::Instant now) {
    last_ = now.steady;
    made_.release();
    return done_ ? StepResult::Done() : StepResult{.again_at = again_at_.load()};
  }
  [[nodiscard]] bool WaitForAStep() { return made_.try_acquire_for(seconds(30)); }
  [[nodiscard]] bool NoStep() { return !made_.try_acquire(); }

  std::atomic<clock::SteadyTime> again_at_ = clock::SteadyTime::max();
  std::atomic<clock::SteadyTime> last_ = clock::SteadyTime();
  std::atomic<bool> done_ = false;

 private:
  std::counting_semaphore<> made_{0};
};

class StageThreadsTest : public testing::Test {
 protected:
  CountedSteps steps_;
  StageThreads threads_{clock::SystemClock(),
                        [this](clock::Instant now) { return steps_.Step(now); }};
};

TEST_F(StageThreadsTest, StepsWhenWokenUntilItIsDone) {
  threads_.Start();
  EXPECT_TRUE(steps_.WaitForAStep()) << "it starts with one";
  threads_.Wake();
  EXPECT_TRUE(steps_.WaitForAStep());
  EXPECT_FALSE(threads_.WaitUntilDone(milliseconds(0)));
  steps_.done_ = true;
  threads_.Wake();
  EXPECT_TRUE(threads_.WaitUntilDone(seconds(30)));
  threads_.Join();
  EXPECT_TRUE(steps_.WaitForAStep());
  threads_.Wake();
  EXPECT_TRUE(steps_.NoStep()) << "it has ended";
}

TEST_F(StageThreadsTest, StepsAgainAtOnce) {
  steps_.again_at_ = StepResult::AtOnce().again_at;
  threads_.Start();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(steps_.WaitForAStep());
}

TEST_F(StageThreadsTest, StepsAgainAtTheTime) {
  const clock::SteadyTime at = clock::SystemClock().Steady() + milliseconds(5);
  steps_.again_at_ = at;
  threads_.Start();
  EXPECT_TRUE(steps_.WaitForAStep());
  EXPECT_TRUE(steps_.WaitForAStep());
  EXPECT_GE(steps_.last_.load(), at);
}

TEST_F(StageThreadsTest, IsWokenBeforeTheTime) {
  steps_.again_at_ = clock::SystemClock().Steady() + minutes(60);
  threads_.Start();
  EXPECT_TRUE(steps_.WaitForAStep());
  threads_.Wake();
  EXPECT_TRUE(steps_.WaitForAStep());
}

TEST_F(StageThreadsTest, EndsWithItsOwnerThoughTheStageIsNotDone) {
  threads_.Start(3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(steps_.WaitForAStep());
}

TEST_F(StageThreadsTest, NeedsNoStart) {
  threads_.Wake();
  EXPECT_TRUE(threads_.WaitUntilDone(milliseconds(0)));
  threads_.Join();
  EXPECT_TRUE(steps_.NoStep());
}

// A wake-up that comes during a step is not lost.
TEST(StageThreadsWakeTest, DuringAStepThereIsAnother) {
  std::binary_semaphore begun{0}, go_on{0};
  std::atomic<int> made = 0;
  StageThreads threads(clock::SystemClock(), [&](clock::Instant) {
    begun.release();
    go_on.acquire();
    return ++made == 2 ? StepResult::Done() : StepResult::WhenWoken();
  });
  threads.Start();
  begun.acquire();
  threads.Wake();
  go_on.release();
  begun.acquire();
  go_on.release();
  threads.Join();
  EXPECT_EQ(made, 2);
}

TEST(StageThreadsWakeTest, EachCallWakesAnotherThread) {
  // Nobody leaves a step before all have come.
  std::latch all(3);
  std::atomic<bool> working = false;
  std::atomic<int> idle = 0;
  StageThreads threads(clock::SystemClock(), [&](clock::Instant) {
    if (!working) {
      ++idle;
      return StepResult::WhenWoken();
    }
    all.arrive_and_wait();
    return StepResult::Done();
  });
  threads.Start(3);
  while (idle < 3) std::this_thread::yield();
  working = true;
  for (int i = 0; i < 3; ++i) threads.Wake();
  threads.Join();
}

TEST(StageThreadsWakeTest, AllEndWhereOneIsDone) {
  std::atomic<bool> done = false;
  StageThreads threads(clock::SystemClock(), [&](clock::Instant) {
    return done ? StepResult::Done() : StepResult::WhenWoken();
  });
  threads.Start(4);
  done = true;
  threads.Wake();
  threads.Join();
}

TEST(StageThreadsSignalsTest, AreTheMainThreads) {
  bool blocked = false;
  StageThreads threads(clock::SystemClock(), [&blocked](clock::Instant) {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    blocked = sigismember(&mask, SIGPIPE) == 1;
    return StepResult::Done();
  });
  threads.Start();
  threads.Join();
  EXPECT_TRUE(blocked);
  sigset_t mask;
  pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  EXPECT_EQ(sigismember(&mask, SIGPIPE), 0) << "those of others stay";
}

}  // namespace stage_threads_test
}  // namespace signinwatch::steps
