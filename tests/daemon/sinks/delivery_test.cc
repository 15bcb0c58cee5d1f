// The delivery thread between an outbox in memory and sinks that do as the test says.
#include "daemon/sinks/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon/sinks/webhook/webhook_sink.h"
#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/sinks/memory_outbox.h"

namespace signinwatch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = SendResult::Kind;

const SendResult kFailed{Kind::kTemporary, "HTTP 500", {}, false};
const SendResult kRefused{Kind::kPermanent, "HTTP 413", {}, false};
const SendResult kDown{Kind::kTemporary, "HTTP 503", {}, true};

// Waits for what another thread will bring about; the bound is for a test that fails.
template <typename Condition>
[[nodiscard]] bool Eventually(Condition condition) {
  for (int i = 0; i < 20'000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

// Shared with the sink, which the worker owns.
struct Script {
  std::mutex mutex;
  std::vector<std::pair<std::string, uint32_t>> sent;  // ticket, revision: each attempt
  std::function<SendResult(const Delivery&)> decide = [](const Delivery&) { return SendResult{}; };
  std::promise<void> cancelled;

  size_t attempts() {
    const std::lock_guard lock(mutex);
    return sent.size();
  }
};

class ScriptedSink : public TicketSink {
 public:
  explicit ScriptedSink(Script* script) : script_(script) {}
  [[nodiscard]] std::vector<SendResult> Send(std::span<const Delivery> deliveries) override {
    std::vector<SendResult> results;
    for (const Delivery& delivery : deliveries) {
      {
        const std::lock_guard lock(script_->mutex);
        script_->sent.emplace_back(delivery.ticket_id, delivery.revision);
      }
      results.push_back(script_->decide(delivery));
    }
    return results;
  }
  [[nodiscard]] size_t batch_max() const override { return 10; }
  void Cancel() override { script_->cancelled.set_value(); }

 private:
  Script* const script_;
};

class DeliveryTest : public testing::Test {
 protected:
  DeliveryTest() {
    config_.name = "soc";
    config_.type = "kafka";
    config_.backoff_min = milliseconds(1);
    config_.backoff_max = milliseconds(5);
  }

  // `count` deliveries of tickets t0 to t9 in turn.
  void Fill(int count) {
    for (int i = 0; i < count; ++i) {
      outbox_.Add(
          MakeDelivery(i + 1, "t" + std::to_string(i % 10), static_cast<uint32_t>(i / 10 + 1)));
    }
  }
  void Make(DeliveryObserver observer = nullptr) {
    worker_ = std::make_unique<DeliveryWorker>(
        config_, outbox_, std::make_unique<ScriptedSink>(&script_), std::move(observer));
  }

  SinkConfig config_;
  MemoryOutbox outbox_;
  Script script_;
  std::unique_ptr<DeliveryWorker> worker_;
};

TEST_F(DeliveryTest, DeliversWhatWaitsInOrder) {
  Fill(250);
  Make();
  worker_->Start();
  EXPECT_TRUE(Eventually([&] { return outbox_.depth() == 0; }));
  worker_->Stop(hours(1));
  std::map<std::string, uint32_t> last;
  for (const auto& [ticket, revision] : script_.sent) EXPECT_EQ(revision, ++last[ticket]);
  EXPECT_EQ(script_.sent.size(), 250u);
  EXPECT_EQ(worker_->status().sink, "soc");
  EXPECT_EQ(worker_->status().type, "kafka");
  EXPECT_EQ(worker_->status().delivered, 250u);
  EXPECT_GT(worker_->status().last_delivered_at, kBeginningOfTime);
  // In batches, not one by one.
  EXPECT_LT(outbox_.acknowledgements(), 25u);
}

TEST_F(DeliveryTest, IsWokenForWhatIsNew) {
  Make();
  worker_->Start();
  for (int i = 1; i <= 3; ++i) {
    outbox_.Add(MakeDelivery(i, "a", static_cast<uint32_t>(i)));
    worker_->Wake();
    EXPECT_TRUE(Eventually([&] { return script_.attempts() == static_cast<size_t>(i); }));
  }
  EXPECT_TRUE(Eventually([&] { return outbox_.depth() == 0; }));
}

TEST_F(DeliveryTest, TriesAgainUntilItWorks) {
  int attempts = 0;
  script_.decide = [&](const Delivery&) { return ++attempts < 4 ? kFailed : SendResult{}; };
  std::vector<Kind> observed;
  Make([&](const std::string& sink, const Delivery& delivery, const SendResult& result) {
    EXPECT_EQ(sink, "soc");
    EXPECT_EQ(delivery.ticket_id, "a");
    observed.push_back(result.kind);
  });
  outbox_.Add(MakeDelivery(1, "a"));
  worker_->Start();
  EXPECT_TRUE(Eventually([&] { return outbox_.depth() == 0; }));
  worker_->Stop(hours(1));
  EXPECT_THAT(observed,
              ElementsAre(Kind::kTemporary, Kind::kTemporary, Kind::kTemporary, Kind::kDelivered));
  const DeliveryStatus status = worker_->status();
  EXPECT_EQ(status.temporary_failures, 3u);
  EXPECT_EQ(status.delivered, 1u);
  EXPECT_EQ(status.waiting_retry, 0u);
  EXPECT_EQ(status.last_error, "");
}

TEST_F(DeliveryTest, GivesUpWhatIsRefusedAndGoesOn) {
  script_.decide = [](const Delivery& delivery) {
    return delivery.revision == 1 ? kRefused : SendResult{};
  };
  outbox_.Add(MakeDelivery(1, "a", 1));
  outbox_.Add(MakeDelivery(2, "a", 2));
  Make();
  worker_->Start();
  EXPECT_TRUE(Eventually([&] { return outbox_.depth() == 0; }));
  worker_->Stop(hours(1));
  const std::vector<DeliveryOutcome> outcomes = outbox_.outcomes();
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].kind, DeliveryOutcome::Kind::kFailed);
  EXPECT_EQ(outcomes[0].error, "HTTP 413");
  EXPECT_EQ(outcomes[1].kind, DeliveryOutcome::Kind::kDelivered);
  EXPECT_EQ(worker_->status().permanent_failures, 1u);
}

TEST_F(DeliveryTest, ShowsASinkThatIsDown) {
  std::atomic<bool> up{false};
  script_.decide = [&](const Delivery&) { return up ? SendResult{} : kDown; };
  Fill(3);
  Make();
  worker_->Start();
  EXPECT_TRUE(Eventually([&] { return worker_->status().down; }));
  EXPECT_EQ(worker_->status().last_error, "HTTP 503");
  EXPECT_GT(worker_->status().waiting_retry, 0u);
  EXPECT_EQ(outbox_.depth(), 3u);
  up = true;
  EXPECT_TRUE(Eventually([&] { return outbox_.depth() == 0; }));
  EXPECT_TRUE(Eventually([&] { return !worker_->status().down; }));
}

TEST_F(DeliveryTest, GoesOnAfterErrorsOfTheStore) {
  outbox_.failing_reads = 1;
  outbox_.failing_acknowledgements = 1;
  Fill(5);
  Make();
  worker_->Start();
  EXPECT_TRUE(Eventually([&] { return outbox_.depth() == 0; }));
  worker_->Stop(hours(1));
  // What could not be acknowledged was not sent again.
  EXPECT_EQ(script_.sent.size(), 5u);
}

TEST_F(DeliveryTest, SendsNoMoreThanItCouldSendTwice) {
  outbox_.failing_acknowledgements = 1'000'000;
  Fill(5'000);
  Make();
  worker_->Start();
  EXPECT_TRUE(Eventually([&] { return script_.attempts() >= 1'000; }));
  // It has tried to acknowledge once more, and had time to send all the rest.
  const int left = outbox_.failing_acknowledgements;
  EXPECT_TRUE(Eventually([&] { return outbox_.failing_acknowledgements < left; }));
  worker_->Stop(milliseconds(0));
  EXPECT_LT(script_.sent.size(), 1'000u + 10);
  EXPECT_EQ(outbox_.depth(), 5'000u);
}

TEST_F(DeliveryTest, HoldsAWindowOfTheOutboxOnly) {
  script_.decide = [](const Delivery&) { return kFailed; };
  for (int i = 1; i <= 5'000; ++i) outbox_.Add(MakeDelivery(i, "t" + std::to_string(i)));
  Make();
  worker_->Start();
  EXPECT_TRUE(Eventually([&] { return script_.attempts() >= 3'000; }));
  worker_->Stop(milliseconds(0));
  EXPECT_EQ(outbox_.read(), 1'000u);
}

TEST_F(DeliveryTest, StopSendsWhatIsReady) {
  Fill(777);
  Make();
  worker_->Start();
  worker_->Stop(hours(1));
  EXPECT_EQ(outbox_.depth(), 0u);
}

TEST_F(DeliveryTest, StopDoesNotWaitForRetries) {
  config_.backoff_min = config_.backoff_max = hours(10);
  script_.decide = [](const Delivery& delivery) {
    return delivery.ticket_id == "t0" ? kFailed : SendResult{};
  };
  Fill(20);
  Make();
  worker_->Start();
  worker_->Stop(hours(1));
  EXPECT_EQ(outbox_.depth(), 2u);
}

TEST_F(DeliveryTest, StopEndsAnAttemptThatHangs) {
  std::promise<void> begun;
  script_.decide = [&](const Delivery&) {
    begun.set_value();
    script_.cancelled.get_future().wait();
    return kFailed;
  };
  Fill(1);
  Make();
  worker_->Start();
  begun.get_future().wait();
  worker_->Stop(milliseconds(1));
  EXPECT_EQ(script_.sent.size(), 1u);
  EXPECT_EQ(outbox_.depth(), 1u);
}

TEST_F(DeliveryTest, EndsWithoutBeingStoppedOrStarted) {
  Fill(3);
  Make();
  worker_.reset();
  EXPECT_THAT(script_.sent, IsEmpty());
  Make();
  worker_->Start();
  worker_.reset();
  EXPECT_EQ(outbox_.depth() + outbox_.outcomes().size(), 3u);
}

TEST_F(DeliveryTest, EveryRevisionReachesAReceiverThatFailsInManyWays) {
  // Takes what has come under a new key; then sometimes loses the answer, or says that it failed.
  std::set<std::string> keys;
  std::map<std::string, std::vector<int>> taken;
  int requests = 0;
  auto server = std::make_unique<RawServer>([&](int fd) {
    const std::string request = RawServer::ReadRequest(fd);
    const auto header = [&request](const std::string& name) {
      const size_t at = request.find("\r\n" + name + ": ") + name.size() + 4;
      return request.substr(at, request.find("\r\n", at) - at);
    };
    ++requests;
    const auto answer = [fd](const std::string& status) {
      RawServer::Write(fd, "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
    };
    if (requests % 5 == 1) return answer("500 Oops");
    if (requests % 7 == 2) return RawServer::Reset(fd);
    if (keys.insert(header("Idempotency-Key")).second) {
      taken[header("X-Signinwatch-Ticket-Id")].push_back(
          std::stoi(header("X-Signinwatch-Revision")));
    }
    if (requests % 3 == 0) return RawServer::Reset(fd);
    if (requests % 11 == 4) return answer("503 Busy");
    answer("200 OK");
  });
  config_.type = "webhook";
  config_.settings["url"] = server->Url("/");
  config_.settings["rate_per_second"] = 1e6;
  Fill(60);
  DeliveryWorker worker(config_, outbox_, std::make_unique<WebhookSink>(config_, SinkParts{}),
                        nullptr);
  worker.Start();
  EXPECT_TRUE(Eventually([&] { return outbox_.depth() == 0; }));
  worker.Stop(seconds(10));
  server.reset();
  EXPECT_GT(worker.status().temporary_failures, 10u);
  EXPECT_EQ(worker.status().delivered, 60u);
  EXPECT_EQ(taken.size(), 10u);
  for (const auto& [ticket, revisions] : taken) {
    EXPECT_THAT(revisions, ElementsAre(1, 2, 3, 4, 5, 6)) << ticket;
  }
}

}  // namespace
}  // namespace signinwatch
