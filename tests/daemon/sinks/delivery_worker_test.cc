// The thread of a delivery: starts, is woken, and stops, whatever its sink does.
#include "daemon/sinks/delivery_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/sinks/memory_outbox.h"
#include "tests/daemon/sinks/scripted_sink.h"

namespace signinwatch::sinks {
namespace delivery_worker_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::IsEmpty;
using Kind = SendResult::Kind;

// Waits for what the thread will bring about; the bound is for a test that fails.
template <typename Condition>
[[nodiscard]] bool Eventually(Condition condition) {
  for (int i = 0; i < 20'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

class DeliveryWorkerTest : public testing::Test {
 protected:
  void Fill(int count) {
    for (int i = 1; i <= count; ++i) outbox_.Add(MakeDelivery(i, "t" + std::to_string(i % 10)));
  }
  void Make() {
    worker_ = std::make_unique<DeliveryWorker>(DeliveryOptions{.sink = "soc", .type = "kafka"},
                                               outbox_, std::make_unique<ScriptedSink>(&script_),
                                               clock::SystemClock(), nullptr);
  }

  MemoryOutbox outbox_;
  Script script_;
  std::unique_ptr<DeliveryWorker> worker_;
};

TEST_F(DeliveryWorkerTest, IsWokenForWhatIsNew) {
  Make();
  worker_->Start();
  for (int i = 1; i <= 3; ++i) {
    outbox_.Add(MakeDelivery(i, "a", static_cast<uint32_t>(i)));
    worker_->Wake();
    EXPECT_TRUE(Eventually([&] { return script_.attempts() == static_cast<size_t>(i); }));
  }
  EXPECT_TRUE(Eventually([&] { return outbox_.depth() == 0; }));
}

TEST_F(DeliveryWorkerTest, StopSendsWhatIsReady) {
  Fill(777);
  Make();
  worker_->Start();
  worker_->Stop(hours(1));
  EXPECT_EQ(outbox_.depth(), 0u);
}

TEST_F(DeliveryWorkerTest, StopEndsAnAttemptThatHangs) {
  std::promise<void> begun;
  script_.decide = [&](const store::Delivery&) {
    begun.set_value();
    script_.cancelled.get_future().wait();
    return SendResult{.kind = Kind::kTemporary, .error = "HTTP 500"};
  };
  Fill(1);
  Make();
  worker_->Start();
  begun.get_future().wait();
  worker_->Stop(milliseconds(1));
  EXPECT_EQ(script_.sent.size(), 1u);
  EXPECT_EQ(outbox_.depth(), 1u);
}

TEST_F(DeliveryWorkerTest, EndsWithoutBeingStoppedOrStarted) {
  Fill(3);
  Make();
  worker_.reset();
  EXPECT_THAT(script_.sent, IsEmpty());
  Make();
  worker_->Start();
  worker_.reset();
  EXPECT_EQ(outbox_.depth() + outbox_.outcomes().size(), 3u);
}

}  // namespace delivery_worker_test
}  // namespace signinwatch::sinks
