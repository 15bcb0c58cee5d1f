#include "daemon/sinks/kafka/kafka_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/daemon/sinks/deliveries.h"
#include "tests/daemon/sinks/fake_producer.h"

namespace signinwatch::sinks {
namespace kafka_sink_test {

using std::chrono::hours;
using std::chrono::milliseconds;
using testing::Pair;
using testing::UnorderedElementsAre;
using Kind = SendResult::Kind;

class KafkaSinkTest : public testing::Test {
 protected:
  std::vector<SendResult> Send(milliseconds timeout = hours(1)) {
    auto owned = std::make_unique<FakeProducer>(*producer_);
    producer_ = owned.get();
    sink_ = std::make_unique<KafkaSink>(std::move(owned), "tickets", timeout, clock::SystemClock());
    return sink_->Send(batch_);
  }

  FakeProducer prototype_;
  FakeProducer* producer_ = &prototype_;
  std::unique_ptr<KafkaSink> sink_;
  const std::vector<store::Delivery> batch_{MakeDelivery(1, "a", 7), MakeDelivery(2, "b")};
};

TEST_F(KafkaSinkTest, KeysByTicketAndSaysInHeadersWhatItIs) {
  const std::vector<SendResult> results = Send();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].kind, Kind::kDelivered);
  EXPECT_EQ(results[1].kind, Kind::kDelivered);
  ASSERT_EQ(producer_->taken().size(), 2u);
  const FakeProducer::Message& message = producer_->taken()[0];
  EXPECT_EQ(message.topic, "tickets");
  EXPECT_EQ(message.key, "a");
  EXPECT_EQ(message.value, batch_[0].json);
  EXPECT_THAT(message.headers,
              UnorderedElementsAre(Pair("ticket_id", "a"), Pair("revision", "7"),
                                   Pair("schema", "signinwatch.ticket/1"), Pair("severity", "high"),
                                   Pair("state", "open")));
}

TEST_F(KafkaSinkTest, GivesEachDeliveryItsOwnResult) {
  prototype_.decide = [](const FakeProducer::Message& message) {
    return message.key == "a" ? absl::InvalidArgumentError("too large") : absl::OkStatus();
  };
  const std::vector<SendResult> results = Send();
  EXPECT_EQ(results[0].kind, Kind::kPermanent);
  EXPECT_EQ(results[0].error, "too large");
  EXPECT_FALSE(results[0].sink_down);
  EXPECT_EQ(results[1].kind, Kind::kDelivered);
}

TEST_F(KafkaSinkTest, ABatchThatIsTooLargeCondemnsNoneOfIt) {
  auto asked = std::make_shared<int>(0);
  prototype_.decide = [asked](const FakeProducer::Message&) {
    return ++*asked <= 2 ? absl::InvalidArgumentError("too large") : absl::OkStatus();
  };
  const std::vector<SendResult> results = Send();
  EXPECT_EQ(results[0].kind, Kind::kDelivered);
  EXPECT_EQ(results[1].kind, Kind::kDelivered);
  EXPECT_EQ(*asked, 4);
}

TEST_F(KafkaSinkTest, ABrokerThatDoesNotAnswerIsDown) {
  prototype_.answers = false;
  for (const SendResult& result : Send(milliseconds(1))) {
    EXPECT_EQ(result.kind, Kind::kTemporary);
    EXPECT_TRUE(result.sink_down);
  }
  // Answers that come when nobody waits any more harm nobody.
  producer_->answers = true;
  producer_->Poll(milliseconds(0));
  EXPECT_EQ(producer_->taken().size(), 2u);
}

TEST_F(KafkaSinkTest, WaitsForRoomInTheQueue) {
  prototype_.queue_max = 1;
  EXPECT_EQ(Send()[1].kind, Kind::kDelivered);
  EXPECT_EQ(producer_->taken().size(), 2u);
}

TEST_F(KafkaSinkTest, DoesNotWaitOnceCancelled) {
  auto producer = std::make_unique<FakeProducer>();
  producer->answers = false;
  KafkaSink sink(std::move(producer), "tickets", hours(1), clock::SystemClock());
  sink.Cancel();
  EXPECT_EQ(sink.Send(batch_)[0].kind, Kind::kTemporary);
}

TEST(KafkaSendResult, OnlyTheMessageItselfIsRefusedForGood) {
  EXPECT_EQ(KafkaSendResult(absl::OkStatus()).kind, Kind::kDelivered);
  for (const absl::Status& status :
       {absl::UnavailableError(""), absl::NotFoundError("no such topic"),
        absl::PermissionDeniedError(""), absl::UnauthenticatedError(""), absl::InternalError(""),
        absl::ResourceExhaustedError("")}) {
    EXPECT_EQ(KafkaSendResult(status).kind, Kind::kTemporary) << status;
    EXPECT_TRUE(KafkaSendResult(status).sink_down) << status;
  }
}

}  // namespace kafka_sink_test
}  // namespace signinwatch::sinks
