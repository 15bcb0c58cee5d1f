// Delivery between an outbox in memory and sinks that do as the test says.
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
#include "tests/daemon/clock/manual_clock.h"
#include "tests/daemon/http_client/web_server.h"
#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/sinks/memory_outbox.h"
#include "tests/daemon/sinks/scripted_sink.h"
#include "tests/daemon/sinks/system_parts.h"

namespace signinwatch::sinks {
namespace delivery_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = SendResult::Kind;

const SendResult kFailed{Kind::kTemporary, "HTTP 500", {}, false};
const SendResult kRefused{Kind::kPermanent, "HTTP 413", {}, false};
const SendResult kDown{Kind::kTemporary, "HTTP 503", {}, true};

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
    Make(std::make_unique<ScriptedSink>(&script_), std::move(observer));
  }
  void Make(std::unique_ptr<TicketSink> sink, DeliveryObserver observer) {
    stage_ = std::make_unique<DeliveryStage>(DeliveryOptionsOf(config_, 1), outbox_,
                                             std::move(sink), clock_, std::move(observer));
  }
  // Steps when the stage asks for it, until `condition` holds. false: it asks for no step any more.
  template <typename Condition>
  [[nodiscard]] bool RunUntil(Condition condition) {
    for (int i = 0; i < 100'000 && !condition(); ++i) {
      const steps::StepResult next = stage_->Step(clock_.Now());
      if (next.done || next.again_at == clock::SteadyTime::max()) return condition();
      clock_.AdvanceTo(next.again_at);
    }
    return condition();
  }
  // To its end, which it is told to come to within `grace`.
  void End(Duration grace) {
    stage_->End(clock_.Steady() + grace);
    steps::StepResult next;
    for (int i = 0; i < 100'000 && !next.done; ++i) {
      next = stage_->Step(clock_.Now());
      ASSERT_TRUE(next.done || next == steps::StepResult::AtOnce()) << "it waits for something";
    }
    EXPECT_TRUE(next.done);
  }

  clock::ManualClock clock_{EventTime(Duration(1'764'158'400'000'000))};
  config::SinkConfig config_;
  MemoryOutbox outbox_;
  Script script_;
  std::unique_ptr<DeliveryStage> stage_;
};

TEST_F(DeliveryTest, DeliversWhatWaitsInOrder) {
  Fill(250);
  Make();
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  End(hours(1));
  std::map<std::string, uint32_t> last;
  for (const auto& [ticket, revision] : script_.sent) EXPECT_EQ(revision, ++last[ticket]);
  EXPECT_EQ(script_.sent.size(), 250u);
  EXPECT_EQ(stage_->status().sink, "soc");
  EXPECT_EQ(stage_->status().type, "kafka");
  EXPECT_EQ(stage_->status().delivered, 250u);
  EXPECT_GT(stage_->status().last_delivered_at, kBeginningOfTime);
  // In batches, not one by one.
  EXPECT_LT(outbox_.acknowledgements(), 25u);
}

TEST_F(DeliveryTest, IsWokenForWhatIsNew) {
  Make();
  for (int i = 1; i <= 3; ++i) {
    outbox_.Add(MakeDelivery(i, "a", static_cast<uint32_t>(i)));
    stage_->NoteCommit();
    EXPECT_TRUE(RunUntil([&] { return script_.attempts() == static_cast<size_t>(i); }));
  }
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
}

TEST_F(DeliveryTest, TriesAgainUntilItWorks) {
  int attempts = 0;
  script_.decide = [&](const store::Delivery&) { return ++attempts < 4 ? kFailed : SendResult{}; };
  std::vector<Kind> observed;
  Make([&](const std::string& sink, const store::Delivery& delivery, const SendResult& result) {
    EXPECT_EQ(sink, "soc");
    EXPECT_EQ(delivery.ticket_id, "a");
    observed.push_back(result.kind);
  });
  outbox_.Add(MakeDelivery(1, "a"));
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  End(hours(1));
  EXPECT_THAT(observed,
              ElementsAre(Kind::kTemporary, Kind::kTemporary, Kind::kTemporary, Kind::kDelivered));
  const DeliveryStatus status = stage_->status();
  EXPECT_EQ(status.temporary_failures, 3u);
  EXPECT_EQ(status.delivered, 1u);
  EXPECT_EQ(status.waiting_retry, 0u);
  EXPECT_EQ(status.last_error, "");
}

// The tickets of a shard that another took are that one's to tell.
TEST_F(DeliveryTest, WhatWasLoadedIsForgottenWhereOtherShardsAreClaimed) {
  Fill(20);
  script_.decide = [](const store::Delivery&) { return kFailed; };
  Make();
  EXPECT_TRUE(RunUntil([&] { return script_.attempts() >= 20; }));
  outbox_.Clear();
  outbox_.Add(MakeDelivery(3, "mine"));
  ++outbox_.claims;
  script_.sent.clear();
  script_.decide = [](const store::Delivery&) { return SendResult{}; };
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  EXPECT_THAT(script_.sent, ElementsAre(std::pair<std::string, uint32_t>("mine", 1)));
  EXPECT_EQ(stage_->status().waiting_retry, 0u);
}

TEST_F(DeliveryTest, NothingIsSentWhileItIsNotKnownWhoseItIs) {
  Fill(5);
  Make();
  outbox_.failing_claims = 3;
  for (int i = 0; i < 3; ++i) {
    const steps::StepResult next = stage_->Step(clock_.Now());
    EXPECT_EQ(script_.attempts(), 0u);
    clock_.AdvanceTo(next.again_at);
  }
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
}

TEST_F(DeliveryTest, GivesUpWhatIsRefusedAndGoesOn) {
  script_.decide = [](const store::Delivery& delivery) {
    return delivery.revision == 1 ? kRefused : SendResult{};
  };
  outbox_.Add(MakeDelivery(1, "a", 1));
  outbox_.Add(MakeDelivery(2, "a", 2));
  Make();
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  End(hours(1));
  const std::vector<store::DeliveryOutcome> outcomes = outbox_.outcomes();
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].kind, store::DeliveryOutcome::Kind::kFailed);
  EXPECT_EQ(outcomes[0].error, "HTTP 413");
  EXPECT_EQ(outcomes[1].kind, store::DeliveryOutcome::Kind::kDelivered);
  EXPECT_EQ(stage_->status().permanent_failures, 1u);
}

TEST_F(DeliveryTest, ShowsASinkThatIsDown) {
  std::atomic<bool> up{false};
  script_.decide = [&](const store::Delivery&) { return up ? SendResult{} : kDown; };
  Fill(3);
  Make();
  EXPECT_TRUE(RunUntil([&] { return stage_->status().down; }));
  EXPECT_EQ(stage_->status().last_error, "HTTP 503");
  EXPECT_GT(stage_->status().waiting_retry, 0u);
  EXPECT_EQ(outbox_.depth(), 3u);
  up = true;
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  EXPECT_TRUE(RunUntil([&] { return !stage_->status().down; }));
}

TEST_F(DeliveryTest, GoesOnAfterErrorsOfTheStore) {
  outbox_.failing_reads = 1;
  outbox_.failing_acknowledgements = 1;
  Fill(5);
  Make();
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  End(hours(1));
  // What could not be acknowledged was not sent again.
  EXPECT_EQ(script_.sent.size(), 5u);
}

TEST_F(DeliveryTest, SendsNoMoreThanItCouldSendTwice) {
  outbox_.failing_acknowledgements = 1'000'000;
  Fill(5'000);
  Make();
  EXPECT_TRUE(RunUntil([&] { return script_.attempts() >= 1'000; }));
  // It has tried to acknowledge once more, and had time to send all the rest.
  const int left = outbox_.failing_acknowledgements;
  EXPECT_TRUE(RunUntil([&] { return outbox_.failing_acknowledgements < left; }));
  End(Duration(0));
  EXPECT_LT(script_.sent.size(), 1'000u + 10);
  EXPECT_EQ(outbox_.depth(), 5'000u);
}

TEST_F(DeliveryTest, HoldsAWindowOfTheOutboxOnly) {
  script_.decide = [](const store::Delivery&) { return kFailed; };
  for (int i = 1; i <= 12'000; ++i) outbox_.Add(MakeDelivery(i, "t" + std::to_string(i)));
  Make();
  EXPECT_TRUE(RunUntil([&] { return script_.attempts() >= 7'000; }));
  End(Duration(0));
  EXPECT_EQ(outbox_.read(), 5'000u);
}

TEST_F(DeliveryTest, StopSendsWhatIsReady) {
  Fill(777);
  Make();
  End(hours(1));
  EXPECT_EQ(outbox_.depth(), 0u);
}

TEST_F(DeliveryTest, StopDoesNotWaitForRetries) {
  config_.backoff_min = config_.backoff_max = hours(10);
  script_.decide = [](const store::Delivery& delivery) {
    return delivery.ticket_id == "t0" ? kFailed : SendResult{};
  };
  Fill(20);
  Make();
  End(hours(1));
  EXPECT_EQ(outbox_.depth(), 2u);
}

TEST_F(DeliveryTest, WhatWaitsHasNotFailed) {
  int asked = 0;
  script_.decide = [&](const store::Delivery&) {
    return ++asked < 3 ? SendResult{.kind = Kind::kWaits, .retry_after = seconds(7)} : SendResult{};
  };
  std::vector<Kind> observed;
  Make([&](const std::string&, const store::Delivery&, const SendResult& result) {
    observed.push_back(result.kind);
  });
  outbox_.Add(MakeDelivery(1, "a"));
  const clock::SteadyTime start = clock_.Steady();
  EXPECT_TRUE(RunUntil([&] { return asked == 2; }));
  EXPECT_EQ(stage_->status().waiting_retry, 0u);
  EXPECT_FALSE(stage_->status().down);
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  EXPECT_GE(clock_.Steady() - start, seconds(14));
  EXPECT_LT(clock_.Steady() - start, seconds(15));
  EXPECT_THAT(observed, ElementsAre(Kind::kDelivered));
  EXPECT_EQ(stage_->status().temporary_failures, 0u);
}

TEST_F(DeliveryTest, ASinkThatWaitsAsAWholeIsAskedForNothingElse) {
  script_.decide = [](const store::Delivery&) {
    return SendResult{.kind = Kind::kWaits, .retry_after = seconds(7), .sink_down = true};
  };
  Fill(20);
  Make();
  (void)stage_->Step(clock_.Now());
  const size_t first = script_.attempts();
  const steps::StepResult next = stage_->Step(clock_.Now());
  EXPECT_EQ(next.again_at, clock_.Steady() + seconds(7));
  EXPECT_EQ(script_.attempts(), first);
  EXPECT_FALSE(stage_->status().down);
}

TEST_F(DeliveryTest, WhatIsKnownElsewhereIsCommittedBeforeTheNextIsSent) {
  script_.keeps_remote_tickets = true;
  script_.decide = [&](const store::Delivery& delivery) {
    EXPECT_EQ(outbox_.outcomes().size(), script_.attempts() - 1)
        << "the one before is acknowledged";
    return SendResult{.remote =
                          store::RemoteTicket{.sink = "soc", .ticket_id = delivery.ticket_id}};
  };
  Fill(1);
  Make();
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  outbox_.failing_acknowledgements = 1;
  for (int i = 2; i < 4; ++i) {
    outbox_.Add(MakeDelivery(i, "a", static_cast<uint32_t>(i)));
    stage_->NoteCommit();
    EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  }
  const std::vector<store::DeliveryOutcome> outcomes = outbox_.outcomes();
  ASSERT_EQ(outcomes.size(), 3u);
  ASSERT_TRUE(outcomes[2].remote.has_value());
  EXPECT_EQ(outcomes[2].remote->ticket_id, "a");
}

TEST_F(DeliveryTest, TheSinkIsTendedWhenItWantsToBe) {
  std::vector<clock::SteadyTime> tended;
  script_.tend = [&](clock::Instant now) {
    tended.push_back(now.steady);
    return tended.size() < 3 ? now.steady + hours(1) : clock::SteadyTime::max();
  };
  Make();
  const clock::SteadyTime start = clock_.Steady();
  EXPECT_FALSE(RunUntil([] { return false; }));
  EXPECT_THAT(tended, ElementsAre(start, start + hours(1), start + hours(2)));
  // What was sent may want it too.
  Fill(1);
  stage_->NoteCommit();
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  EXPECT_EQ(tended.size(), 4u);
}

TEST_F(DeliveryTest, EveryRevisionReachesAReceiverThatFailsInManyWays) {
  // Takes what has come under a new key; then sometimes loses the answer, or says that it failed.
  std::set<std::string> keys;
  std::map<std::string, std::vector<int>> taken;
  int requests = 0;
  auto server = std::make_unique<http_client::RawServer>([&](int fd) {
    const std::string request = http_client::RawServer::ReadRequest(fd);
    const auto header = [&request](const std::string& name) {
      const size_t at = request.find("\r\n" + name + ": ") + name.size() + 4;
      return request.substr(at, request.find("\r\n", at) - at);
    };
    ++requests;
    const auto answer = [fd](const std::string& status) {
      http_client::RawServer::Write(fd, "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n");
    };
    if (requests % 5 == 1) return answer("500 Oops");
    if (requests % 7 == 2) return http_client::RawServer::Reset(fd);
    if (keys.insert(header("Idempotency-Key")).second) {
      taken[header("X-Signinwatch-Ticket-Id")].push_back(
          std::stoi(header("X-Signinwatch-Revision")));
    }
    if (requests % 3 == 0) return http_client::RawServer::Reset(fd);
    if (requests % 11 == 4) return answer("503 Busy");
    answer("200 OK");
  });
  config_.type = "webhook";
  config_.settings["url"] = server->Url("/");
  config_.settings["rate_per_second"] = 1e6;
  Fill(60);
  Make(std::make_unique<WebhookSink>(config_, SystemParts()), nullptr);
  EXPECT_TRUE(RunUntil([&] { return outbox_.depth() == 0; }));
  End(seconds(10));
  server.reset();
  EXPECT_GT(stage_->status().temporary_failures, 10u);
  EXPECT_EQ(stage_->status().delivered, 60u);
  EXPECT_EQ(taken.size(), 10u);
  for (const auto& [ticket, revisions] : taken) {
    EXPECT_THAT(revisions, ElementsAre(1, 2, 3, 4, 5, 6)) << ticket;
  }
}

}  // namespace delivery_test
}  // namespace signinwatch::sinks
