#include "daemon/feed/kafka_feed.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace signinwatch::feed {
namespace kafka_feed_test {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::IsEmpty;

constexpr EventTime kBegan = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);
constexpr EventTime kStart = kBegan - std::chrono::hours(24);

// Keeps messages until a Poll delivers them; its clock moves while somebody polls.
class FakeProducer : public kafka::KafkaProducer {
 public:
  struct Sent {
    std::string topic, value;
    int32_t partition;
    EventTime at;
  };

  absl::Status Produce(const kafka::ProducedMessage& message, Done done) override {
    if (!refuse_with.ok()) return refuse_with;
    if (waiting_.size() >= queue_max) return absl::ResourceExhaustedError("queue full");
    sent.push_back(
        {std::string(message.topic), std::string(message.value), message.partition, now});
    waiting_.push_back(std::move(done));
    return absl::OkStatus();
  }
  void Poll(milliseconds timeout) override {
    ++polls;
    now += timeout;
    if (on_poll) on_poll();
    for (; !waiting_.empty(); waiting_.pop_front()) waiting_.front()(deliver_with);
  }
  absl::Status Flush(milliseconds timeout) override {
    if (!flush_with.ok()) return flush_with;
    Poll(std::min(timeout, milliseconds(1)));
    return absl::OkStatus();
  }

  size_t queue_max = 1'000;
  absl::Status refuse_with, deliver_with, flush_with;
  std::function<void()> on_poll;
  EventTime now = kBegan;
  uint64_t polls = 0;
  std::vector<Sent> sent;

 private:
  std::deque<Done> waiting_;
};

KafkaFeedOptions OptionsFor(FakeProducer& producer, Pace pace = {}) {
  KafkaFeedOptions options;
  options.topic = "signins";
  options.pace = pace;
  options.start = kStart;
  options.now = [&producer] { return producer.now; };
  return options;
}

TEST(KafkaFeedTest, SendsToTheTopicAndLeavesThePartitionToTheClient) {
  FakeProducer producer;
  KafkaFeed feed(OptionsFor(producer), &producer);
  EXPECT_TRUE(feed.Send("one", 0, kStart));
  EXPECT_TRUE(feed.Send("three", 0, kStart));
  feed.Close();
  EXPECT_THAT(feed.error(), IsEmpty());
  EXPECT_EQ(feed.bytes(), 8U);
  ASSERT_EQ(producer.sent.size(), 2U);
  EXPECT_EQ(producer.sent[1].topic, "signins");
  EXPECT_EQ(producer.sent[1].value, "three");
  EXPECT_EQ(producer.sent[1].partition, -1);
}

TEST(KafkaFeedTest, KeepsTheGeneratorsPartitionWhenAsked) {
  FakeProducer producer;
  KafkaFeedOptions options = OptionsFor(producer);
  options.keep_partitions = true;
  KafkaFeed feed(std::move(options), &producer);
  EXPECT_TRUE(feed.Send("a", 3, kStart));
  EXPECT_TRUE(feed.Send("b", 0, kStart));
  EXPECT_EQ(producer.sent[0].partition, 3);
  EXPECT_EQ(producer.sent[1].partition, 0);
}

TEST(KafkaFeedTest, WaitsUntilAMessageIsDueAndPollsMeanwhile) {
  FakeProducer producer;
  KafkaFeed feed(OptionsFor(producer, {.speed = 60}), &producer);
  EXPECT_TRUE(feed.Send("a", 0, kStart));
  EXPECT_TRUE(feed.Send("b", 0, kStart + minutes(2)));
  EXPECT_EQ(producer.sent[0].at, kBegan);
  EXPECT_EQ(producer.sent[1].at, kBegan + seconds(2));
  EXPECT_GE(producer.polls, 20U);  // never longer than a tenth of a second at a time
}

TEST(KafkaFeedTest, WaitsForRoomInTheQueue) {
  FakeProducer producer;
  producer.queue_max = 0;
  producer.on_poll = [&producer] {
    if (producer.now >= kBegan + seconds(1)) producer.queue_max = 1;
  };
  KafkaFeed feed(OptionsFor(producer), &producer);
  EXPECT_TRUE(feed.Send("a", 0, kStart));
  EXPECT_EQ(producer.sent[0].at, kBegan + seconds(1));
}

TEST(KafkaFeedTest, AMessageThatDoesNotArriveEndsIt) {
  FakeProducer producer;
  producer.deliver_with = absl::NotFoundError("no such topic");
  KafkaFeed feed(OptionsFor(producer), &producer);
  EXPECT_FALSE(feed.Send("a", 0, kStart));
  EXPECT_EQ(feed.error(), "signins: no such topic");
  producer.deliver_with = absl::UnavailableError("later");
  EXPECT_FALSE(feed.Send("b", 0, kStart));
  feed.Close();
  EXPECT_EQ(feed.error(), "signins: no such topic");
  EXPECT_EQ(producer.sent.size(), 1U);
}

TEST(KafkaFeedTest, AMessageThatIsRefusedEndsIt) {
  FakeProducer producer;
  producer.refuse_with = absl::InvalidArgumentError("too large");
  KafkaFeed feed(OptionsFor(producer), &producer);
  EXPECT_FALSE(feed.Send("a", 0, kStart));
  EXPECT_EQ(feed.error(), "signins: too large");
  EXPECT_EQ(feed.bytes(), 0U);
}

TEST(KafkaFeedTest, WhatDoesNotArriveAtTheEndIsAnError) {
  FakeProducer producer;
  producer.flush_with = absl::DeadlineExceededError("3 messages are left");
  KafkaFeed feed(OptionsFor(producer), &producer);
  EXPECT_TRUE(feed.Send("a", 0, kStart));
  feed.Close();
  EXPECT_EQ(feed.error(), "signins: 3 messages are left");
}

TEST(KafkaFeedTest, StoppingEndsAnyWaitWithoutAnError) {
  std::atomic<bool> stop = false;
  FakeProducer producer;
  producer.on_poll = [&] { stop = producer.now >= kBegan + seconds(3); };
  KafkaFeedOptions options = OptionsFor(producer, {.speed = 1});
  options.stop = &stop;
  KafkaFeed feed(std::move(options), &producer);
  EXPECT_FALSE(feed.Send("due in an hour", 0, kBegan + std::chrono::hours(1)));
  EXPECT_EQ(producer.now, kBegan + seconds(3));
  feed.Close();
  EXPECT_THAT(feed.error(), IsEmpty());
  EXPECT_THAT(producer.sent, IsEmpty());

  stop = false;
  producer.queue_max = 0;
  EXPECT_FALSE(feed.Send("no room", 0, kStart));
  EXPECT_THAT(feed.error(), IsEmpty());
}

}  // namespace kafka_feed_test
}  // namespace signinwatch::feed
