// Order, back-off, budget and bounds by table; then all of it against a sink that fails at random.
#include "daemon/sinks/delivery_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/daemon/sinks/deliveries.h"

namespace signinwatch::sinks {
namespace delivery_schedule_test {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using Kind = SendResult::Kind;
using Time = DeliverySchedule::Time;

const SendResult kDelivered{};
const SendResult kFailed{Kind::kTemporary, "HTTP 500", {}, false};
const SendResult kRefused{Kind::kPermanent, "HTTP 413", {}, false};
const SendResult kDown{Kind::kTemporary, "HTTP 503", {}, true};

Time At(double s) {
  return Time(std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(1e6 + s)));
}

std::vector<int64_t> Sequences(const std::vector<store::Delivery>& deliveries) {
  std::vector<int64_t> sequences;
  for (const store::Delivery& delivery : deliveries) sequences.push_back(delivery.sequence);
  return sequences;
}

// A schedule with deliveries 1, 2, ... of the tickets named, in that order.
class Schedule : public DeliverySchedule {
 public:
  Schedule(const Options& options, const std::vector<std::string>& tickets)
      : DeliverySchedule(options) {
    std::map<std::string, uint32_t> revisions;
    for (size_t i = 0; i < tickets.size(); ++i) {
      Add(MakeDelivery(static_cast<int64_t>(i) + 1, tickets[i], ++revisions[tickets[i]]), At(0));
    }
  }

  // Takes at most `max` and gives each the same result: the sequences that were taken.
  std::vector<int64_t> Try(double s, const SendResult& result, size_t max = 100) {
    std::vector<store::Delivery> taken = Take(At(s), max);
    std::vector<int64_t> sequences = Sequences(taken);
    const std::vector<SendResult> results(taken.size(), result);
    over_ = Finish(std::move(taken), results, At(s));
    return sequences;
  }
  [[nodiscard]] const std::vector<store::DeliveryOutcome>& over() const { return over_; }
  // Seconds from `s` until something may be tried.
  [[nodiscard]] double Wait(double s) const {
    return std::chrono::duration<double>(NextTime(At(s)).value() - At(s)).count();
  }

 private:
  std::vector<store::DeliveryOutcome> over_;
};

DeliverySchedule::Options ExactBackoff() {
  DeliverySchedule::Options options;
  options.backoff_min = options.backoff_max = seconds(10);
  return options;
}

TEST(DeliverySchedule, TakesOneOfEachTicketInOrder) {
  Schedule schedule({}, {"a", "a", "b", "c", "b"});
  EXPECT_THAT(Sequences(schedule.Take(At(0), 2)), ElementsAre(1, 3));
  // Those are under way: their later revisions wait.
  EXPECT_THAT(schedule.Try(0, kDelivered), ElementsAre(4));
  EXPECT_THAT(schedule.Try(0, kDelivered), IsEmpty());
  EXPECT_FALSE(schedule.NextTime(At(0)).has_value());
}

// A delivery of `ticket` that names another as its parent, successor or survivor.
store::Delivery Naming(int64_t sequence, const std::string& ticket,
                       std::string store::Delivery::*field, const std::string& named,
                       uint32_t revision = 1) {
  store::Delivery delivery = MakeDelivery(sequence, ticket, revision);
  // What its text says names nobody.
  delivery.json.back() = ',';
  delivery.json += R"("title":"\"parent_ticket_id\":\"z\""})";
  delivery.*field = named;
  return delivery;
}

TEST(DeliverySchedule, TicketWaitsUntilThoseThatItNamesAreTold) {
  for (const auto field : {&store::Delivery::parent_ticket_id, &store::Delivery::continues,
                           &store::Delivery::merged_into}) {
    Schedule schedule(ExactBackoff(), {"p", "p", "z"});
    schedule.Add(Naming(4, "c", field, "p"), At(0));
    EXPECT_THAT(schedule.Try(0, kFailed), ElementsAre(1, 3)) << "not the child";
    EXPECT_THAT(schedule.Try(9, kDelivered), IsEmpty()) << "z has failed too, c waits for p";
    EXPECT_THAT(schedule.Try(10, kDelivered), ElementsAre(1, 3));
    EXPECT_THAT(schedule.Try(10, kDelivered), ElementsAre(2, 4)) << "revision 2 is no reason";
    EXPECT_EQ(schedule.size(), 0u);
  }
}

TEST(DeliverySchedule, TicketWaitsForNoneThatWasToldOrRefusedOrFailsAllTheTime) {
  Schedule told(ExactBackoff(), {});
  told.Add(MakeDelivery(1, "p", 2), At(0));
  told.Add(Naming(2, "c", &store::Delivery::parent_ticket_id, "p"), At(0));
  told.Add(Naming(3, "d", &store::Delivery::parent_ticket_id, "delivered long ago"), At(0));
  EXPECT_THAT(told.Try(0, kDelivered), ElementsAre(1, 2, 3));

  Schedule refused(ExactBackoff(), {"p"});
  refused.Add(Naming(2, "c", &store::Delivery::parent_ticket_id, "p"), At(0));
  EXPECT_THAT(refused.Try(0, kRefused), ElementsAre(1));
  EXPECT_THAT(refused.Try(0, kDelivered), ElementsAre(2));

  Schedule fails(ExactBackoff(), {"p"});
  fails.Add(Naming(2, "c", &store::Delivery::parent_ticket_id, "p"), At(0));
  for (int i = 0; i < DeliverySchedule::kHeldFailures; ++i) {
    EXPECT_THAT(fails.Try(10 * i, kFailed), ElementsAre(1)) << i;
  }
  EXPECT_THAT(fails.Try(41, kDelivered), ElementsAre(2));
}

TEST(DeliverySchedule, LaterRevisionsOfOneThatWaitsKeepTheirOrder) {
  Schedule schedule(ExactBackoff(), {"p"});
  schedule.Add(Naming(2, "c", &store::Delivery::parent_ticket_id, "p"), At(0));
  schedule.Add(Naming(3, "c", &store::Delivery::parent_ticket_id, "p", 2), At(0));
  schedule.Add(Naming(4, "d", &store::Delivery::continues, "c"), At(0));
  EXPECT_THAT(schedule.Try(0, kDown), ElementsAre(1));
  EXPECT_THAT(schedule.Try(20, kDelivered), ElementsAre(1));
  EXPECT_THAT(schedule.Try(20, kDelivered), ElementsAre(2));
  EXPECT_THAT(schedule.Try(20, kDelivered), ElementsAre(3, 4));
  EXPECT_EQ(schedule.size(), 0u);
  EXPECT_FALSE(schedule.NextTime(At(20)).has_value());
}

TEST(DeliverySchedule, SendsEachRevision) {
  Schedule schedule({}, {"a", "a", "a"});
  EXPECT_THAT(schedule.Try(0, kDelivered), ElementsAre(1));
  EXPECT_THAT(schedule.Try(0, kRefused), ElementsAre(2));
  ASSERT_EQ(schedule.over().size(), 1u);
  EXPECT_EQ(schedule.over()[0].sequence, 2);
  EXPECT_EQ(schedule.over()[0].kind, store::DeliveryOutcome::Kind::kFailed);
  EXPECT_EQ(schedule.over()[0].error, "HTTP 413");
  EXPECT_THAT(schedule.Try(0, kDelivered), ElementsAre(3));
  ASSERT_EQ(schedule.over().size(), 1u);
  EXPECT_EQ(schedule.over()[0].kind, store::DeliveryOutcome::Kind::kDelivered);
  EXPECT_FALSE(schedule.NextTime(At(0)).has_value());
}

TEST(DeliverySchedule, OthersGoOnWhenOneTicketFails) {
  Schedule schedule(ExactBackoff(), {"a", "b", "a", "b"});
  EXPECT_THAT(schedule.Try(0, kFailed, 1), ElementsAre(1));
  EXPECT_THAT(schedule.over(), IsEmpty());
  EXPECT_EQ(schedule.waiting_retry(), 1u);
  EXPECT_THAT(schedule.waiting(), testing::ElementsAre(testing::Pair("other", 1u)));
  EXPECT_THAT(schedule.Try(0, kDelivered), ElementsAre(2));
  EXPECT_THAT(schedule.Try(0, kDelivered), ElementsAre(4));
  EXPECT_THAT(schedule.Try(9.9, kDelivered), IsEmpty());
  EXPECT_DOUBLE_EQ(schedule.Wait(0), 10);
  EXPECT_THAT(schedule.Try(10, kDelivered), ElementsAre(1));
  EXPECT_EQ(schedule.waiting_retry(), 0u);
  EXPECT_THAT(schedule.Try(10, kDelivered), ElementsAre(3));
}

store::Delivery Severe(int64_t sequence, const std::string& ticket, const std::string& severity,
                       uint32_t revision = 1) {
  store::Delivery delivery = MakeDelivery(sequence, ticket, revision);
  delivery.severity = severity;
  return delivery;
}

TEST(DeliverySchedule, TheMostSevereGoFirstAndOfEqualsTheOldest) {
  Schedule schedule(ExactBackoff(), {});
  schedule.Add(Severe(1, "a", "low"), At(0));
  schedule.Add(Severe(2, "b", "medium"), At(0));
  schedule.Add(Severe(3, "c", "critical"), At(0));
  schedule.Add(Severe(4, "d", "medium"), At(0));
  // What waits behind is as urgent as what it waits for.
  schedule.Add(Severe(5, "a", "high", 2), At(0));
  EXPECT_THAT(schedule.Try(0, kDelivered, 1), ElementsAre(3));
  EXPECT_THAT(schedule.Try(0, kDelivered, 1), ElementsAre(1));
  EXPECT_THAT(schedule.Try(0, kDelivered, 2), ElementsAre(5, 2));
  EXPECT_THAT(schedule.Try(0, kDelivered), ElementsAre(4));
}

TEST(DeliverySchedule, OneThatBringsTheSinkDownAgainAndAgainGoesBehindAllOthers) {
  Schedule schedule(ExactBackoff(), {});
  schedule.Add(Severe(1, "poison", "critical"), At(0));
  for (int i = 2; i <= 9; ++i) schedule.Add(Severe(i, "t" + std::to_string(i), "low"), At(0));
  EXPECT_THAT(schedule.Try(0, kDown, 1), ElementsAre(1));
  EXPECT_THAT(schedule.Try(9, kDelivered), IsEmpty()) << "open";
  EXPECT_THAT(schedule.Try(10, kDelivered), ElementsAre(2))
      << "half open: who is there the longest";
  EXPECT_THAT(schedule.Try(10, kDown, 1), ElementsAre(1)) << "closed: the most severe";
  EXPECT_THAT(schedule.Try(20, kDelivered), ElementsAre(3));
  for (int i = 4; i <= 9; ++i) EXPECT_THAT(schedule.Try(20, kDelivered, 1), ElementsAre(i));
  EXPECT_THAT(schedule.Try(20, kDelivered, 1), ElementsAre(1));
}

TEST(DeliverySchedule, TheBreakerOpensIsTriedWithOneAndCloses) {
  using State = CircuitBreaker::State;
  Schedule schedule(ExactBackoff(), {"a", "b", "c"});
  EXPECT_EQ(schedule.breaker().StateAt(At(0)), State::kClosed);
  EXPECT_THAT(schedule.Try(0, kDown, 1), ElementsAre(1));
  EXPECT_EQ(schedule.breaker().StateAt(At(9)), State::kOpen);
  EXPECT_EQ(schedule.breaker().StateAt(At(10)), State::kHalfOpen);
  EXPECT_THAT(schedule.Try(10, kDown), ElementsAre(2)) << "one, whatever the sink takes at once";
  EXPECT_EQ(schedule.breaker().StateAt(At(19)), State::kOpen);
  EXPECT_THAT(schedule.Try(20, kFailed), ElementsAre(3)) << "an answer about the ticket is one";
  EXPECT_EQ(schedule.breaker().StateAt(At(20)), State::kClosed);
}

TEST(DeliverySchedule, WhatWasBegunGoesOnBeforeWhatIsWorse) {
  Schedule schedule(ExactBackoff(), {});
  schedule.Add(Severe(1, "a", "low"), At(0));
  const SendResult budget{
      .kind = Kind::kWaits, .retry_after = seconds(30), .sink_down = true, .begun = true};
  EXPECT_THAT(schedule.Try(0, budget), ElementsAre(1));
  schedule.Add(Severe(2, "b", "critical"), At(1));
  EXPECT_THAT(schedule.Try(29, kDelivered), IsEmpty());
  EXPECT_THAT(schedule.Try(30, budget, 1), ElementsAre(1));
  SendResult not_begun = budget;
  not_begun.begun = false;
  EXPECT_THAT(schedule.Try(60, not_begun, 1), ElementsAre(1));
  EXPECT_THAT(schedule.Try(90, kDelivered, 1), ElementsAre(2));
}

// A schedule that damps after two reopenings, and revisions of one ticket, one a minute.
class FlappingTicket : public testing::Test {
 protected:
  std::vector<int64_t> Add(const std::string& reason, int minute) {
    ++sequence_;
    store::Delivery delivery = MakeDelivery(sequence_, "t", static_cast<uint32_t>(sequence_));
    delivery.reason = reason;
    delivery.state = reason == "resolved" ? "resolved" : "open";
    if (reason == "reopened") ++reopened_;
    delivery.reopened = reopened_;
    delivery.committed_at = EventTime(std::chrono::minutes(minute));
    schedule_.Add(delivery, At(60 * minute));
    return schedule_.Try(60 * minute, kDelivered);
  }
  Schedule schedule_{{.leaves_out = true, .flap_after = 2}, {}};
  int64_t sequence_ = 0;
  uint32_t reopened_ = 0;
};

TEST_F(FlappingTicket, StaysOpenThereUntilItWasQuietForAnHour) {
  EXPECT_THAT(Add("opened", 0), ElementsAre(1));
  EXPECT_THAT(Add("resolved", 1), ElementsAre(2));
  EXPECT_THAT(Add("reopened", 2), ElementsAre(3));
  EXPECT_THAT(Add("resolved", 3), ElementsAre(4)) << "once is no flapping";
  EXPECT_THAT(Add("reopened", 4), ElementsAre(5));
  EXPECT_THAT(Add("resolved", 5), IsEmpty());
  EXPECT_THAT(schedule_.flapping(), ElementsAre("t"));
  EXPECT_THAT(Add("reopened", 6), ElementsAre(7)) << "in place of the resolution before";
  ASSERT_EQ(schedule_.over().size(), 2u);
  EXPECT_EQ(schedule_.over()[0].sequence, 6) << "which is over with it";
  EXPECT_EQ(schedule_.damped(), 1u);
  EXPECT_THAT(schedule_.flapping(), IsEmpty());
  EXPECT_THAT(Add("resolved", 7), IsEmpty());
  EXPECT_THAT(schedule_.Try(60 * 66, kDelivered), IsEmpty());
  EXPECT_EQ(schedule_.Wait(60 * 66), 60);
  EXPECT_THAT(schedule_.Try(60 * 67, kDelivered), ElementsAre(8));
  EXPECT_EQ(schedule_.size(), 0u);
}

TEST_F(FlappingTicket, IsOneNoMoreOnceItsReopeningsAreOld) {
  EXPECT_THAT(Add("opened", 0), ElementsAre(1));
  EXPECT_THAT(Add("reopened", 1), ElementsAre(2));
  EXPECT_THAT(Add("reopened", 50), ElementsAre(3));
  EXPECT_THAT(Add("resolved", 62), ElementsAre(4));
}

TEST_F(FlappingTicket, SaysHowOftenItWasHeldBack) {
  for (const char* reason : {"opened", "reopened", "reopened"})
    EXPECT_FALSE(Add(reason, 1).empty());
  EXPECT_THAT(Add("resolved", 2), IsEmpty());
  store::Delivery again = MakeDelivery(++sequence_, "t", 5);
  again.reason = "reopened";
  again.reopened = 3;
  schedule_.Add(again, At(180));
  const std::vector<store::Delivery> taken = schedule_.Take(At(180), 1);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_EQ(taken[0].held_back, 1u);
}

TEST(DeliverySchedule, WaitsGrowToTheirBoundAndBeginAnewAfterASuccess) {
  DeliverySchedule::Options options;
  options.backoff_min = seconds(1);
  options.backoff_max = seconds(60);
  // The least and the greatest wait over many seeds, by the number of failures in a row.
  std::vector<double> least(12, 1e9);
  std::vector<double> most(12, 0);
  for (options.seed = 0; options.seed < 300; ++options.seed) {
    Schedule schedule(options, {"a", "a"});
    double now = 0;
    for (size_t n = 0; n < least.size(); ++n) {
      EXPECT_THAT(schedule.Try(now, kFailed), ElementsAre(1));
      const double wait = schedule.Wait(now);
      least[n] = std::min(least[n], wait);
      most[n] = std::max(most[n], wait);
      now += wait;
    }
    EXPECT_THAT(schedule.Try(now, kDelivered), ElementsAre(1));
    EXPECT_THAT(schedule.Try(now, kFailed), ElementsAre(2));
    EXPECT_LE(schedule.Wait(now), 2);
  }
  for (size_t n = 0; n < least.size(); ++n) {
    const double bound = std::min(60.0, static_cast<double>(2 << n));
    EXPECT_GE(least[n], 1) << n;
    EXPECT_LT(least[n], 1 + 0.05 * bound) << n;
    EXPECT_LE(most[n], bound) << n;
    EXPECT_GT(most[n], 0.95 * bound) << n;
  }
}

TEST(DeliverySchedule, TheSameSeedGivesTheSameWaits) {
  DeliverySchedule::Options options;
  options.seed = 7;
  Schedule one(options, {"a"});
  Schedule other(options, {"a"});
  one.Try(0, kFailed);
  other.Try(0, kFailed);
  EXPECT_EQ(one.NextTime(At(0)), other.NextTime(At(0)));
}

TEST(DeliverySchedule, WaitsAsLongAsTheOtherSideAsks) {
  SendResult later = kFailed;
  later.retry_after = seconds(90);
  Schedule schedule(ExactBackoff(), {"a", "b"});
  schedule.Try(0, later, 1);
  EXPECT_THAT(schedule.Try(0, kDelivered), ElementsAre(2));
  EXPECT_DOUBLE_EQ(schedule.Wait(0), 90);
  // Less than the back-off is no reason to hurry.
  later.retry_after = seconds(3);
  EXPECT_THAT(schedule.Try(90, later), ElementsAre(1));
  EXPECT_DOUBLE_EQ(schedule.Wait(90), 10);
}

TEST(DeliverySchedule, LeavesASinkAloneThatIsDownAndThenProbes) {
  SendResult down = kDown;
  down.retry_after = seconds(30);
  Schedule schedule(ExactBackoff(), {"a", "b", "c"});
  EXPECT_THAT(schedule.Try(0, down, 1), ElementsAre(1));
  EXPECT_GT(schedule.breaker().outages(), 0);
  EXPECT_THAT(schedule.Try(29.9, kDelivered), IsEmpty());
  EXPECT_DOUBLE_EQ(schedule.Wait(0), 30);
  // One at a time, another than the last; an answer about the ticket alone says that it is up.
  EXPECT_THAT(schedule.Try(30, kDown), ElementsAre(2));
  EXPECT_THAT(schedule.Try(40, kFailed), ElementsAre(3));
  EXPECT_EQ(schedule.breaker().outages(), 0);
  EXPECT_THAT(schedule.Try(40, kDelivered), ElementsAre(1, 2));
  EXPECT_THAT(schedule.Try(50, kDelivered), ElementsAre(3));
}

TEST(DeliverySchedule, ATicketThatBringsTheSinkDownKeepsNobodyOut) {
  Schedule schedule(ExactBackoff(), {"bad", "a", "b", "c", "d"});
  std::vector<int64_t> delivered;
  double now = 0;
  for (int i = 0; i < 20; ++i) {
    std::vector<store::Delivery> taken = schedule.Take(At(now), 1);
    if (taken.empty()) {
      now += schedule.Wait(now);
      continue;
    }
    const bool bad = taken[0].ticket_id == "bad";
    if (!bad) delivered.push_back(taken[0].sequence);
    const std::vector<SendResult> results{bad ? kDown : kDelivered};
    (void)schedule.Finish(std::move(taken), results, At(now));
  }
  EXPECT_THAT(delivered, ElementsAre(2, 3, 4, 5));
}

TEST(DeliverySchedule, NewOnesDoNotKeepARetryFromItsTurn) {
  Schedule schedule(ExactBackoff(), {"a"});
  schedule.Try(0, kFailed);
  for (int i = 0; i < 20; ++i) schedule.Add(MakeDelivery(100 + i, "n" + std::to_string(i)), At(i));
  // At second 12, one at a time: those that were there before the retry was due, then it.
  std::vector<int64_t> order;
  for (int i = 0; i < 13; ++i) {
    for (int64_t sequence : schedule.Try(12, kDelivered, 1)) order.push_back(sequence);
  }
  EXPECT_EQ(std::find(order.begin(), order.end(), 1) - order.begin(), 10);
}

TEST(DeliverySchedule, KeepsToItsRate) {
  DeliverySchedule::Options options;
  options.rate_per_second = 4;
  std::vector<std::string> tickets;
  for (int i = 0; i < 100; ++i) tickets.push_back("t" + std::to_string(i));
  Schedule schedule(options, tickets);
  EXPECT_EQ(schedule.Try(0, kDelivered).size(), 4u);
  EXPECT_DOUBLE_EQ(schedule.Wait(0), 0.25);
  EXPECT_EQ(schedule.Try(0.2, kDelivered).size(), 0u);
  EXPECT_EQ(schedule.Try(0.25, kDelivered).size(), 1u);
  EXPECT_EQ(schedule.Try(0.75, kDelivered).size(), 2u);
  // What was not used is saved up for one second, no longer.
  EXPECT_EQ(schedule.Try(60, kDelivered).size(), 4u);
  EXPECT_EQ(schedule.Try(60, kDelivered).size(), 0u);
}

TEST(DeliverySchedule, ARateBelowOneASecondStillSends) {
  DeliverySchedule::Options options;
  options.rate_per_second = 0.1;
  Schedule schedule(options, {"a", "b"});
  EXPECT_THAT(schedule.Try(0, kDelivered), ElementsAre(1));
  EXPECT_NEAR(schedule.Wait(0), 10, 1e-5);
  const double then = schedule.Wait(0);
  EXPECT_THAT(schedule.Try(then, kDelivered), ElementsAre(2));
}

TEST(DeliverySchedule, IsBoundedByNumberAndBytes) {
  DeliverySchedule::Options options;
  options.window_max = 3;
  Schedule schedule(options, {"a", "b"});
  EXPECT_TRUE(schedule.HasRoomFor(1));
  schedule.Add(MakeDelivery(3, "a", 2), At(0));
  EXPECT_FALSE(schedule.HasRoomFor(1));
  schedule.Try(0, kFailed);
  EXPECT_FALSE(schedule.HasRoomFor(1));
  schedule.Try(1000, kDelivered, 1);
  EXPECT_TRUE(schedule.HasRoomFor(1));

  options.window_max = 1'000;
  options.window_bytes_max = 100;
  Schedule by_bytes(options, {});
  store::Delivery large = MakeDelivery(1);
  large.json = std::string(100, 'x');
  by_bytes.Add(large, At(0));
  EXPECT_FALSE(by_bytes.HasRoomFor(1));
  by_bytes.Try(0, kDelivered);
  EXPECT_TRUE(by_bytes.HasRoomFor(1));
}

// A sink that fails in every way, over simulated hours: what must hold whatever happens.
class FlakySink {
 public:
  explicit FlakySink(uint64_t seed) : random_(seed) {}

  SendResult Send(const store::Delivery& delivery, Time now) {
    const std::string& ticket = delivery.ticket_id;
    // In order: a revision comes after all before it are over.
    EXPECT_EQ(delivery.revision, over_[ticket] + 1) << ticket;
    EXPECT_GE(now, not_before_[ticket]) << ticket;
    EXPECT_GE(now, sink_not_before_);
    attempts_.push_back(now);
    SendResult result = Draw();
    if (result.kind == Kind::kTemporary) {
      not_before_[ticket] = now + std::max<milliseconds>(result.retry_after, seconds(1));
      if (result.sink_down) sink_not_before_ = not_before_[ticket];
    } else {
      over_[ticket] = delivery.revision;
      ++(result.kind == Kind::kDelivered ? taken_ : refused_);
    }
    return result;
  }

  [[nodiscard]] const std::map<std::string, uint32_t>& over() const { return over_; }
  [[nodiscard]] const std::vector<Time>& attempts() const { return attempts_; }
  [[nodiscard]] uint64_t taken() const { return taken_; }
  [[nodiscard]] uint64_t refused() const { return refused_; }

 private:
  SendResult Draw() {
    const auto dice = random_() % 100;
    if (dice < 55) return kDelivered;
    if (dice < 60) return kRefused;
    SendResult result = dice < 85 ? kFailed : kDown;
    if (dice % 3 == 0) result.retry_after = milliseconds(random_() % 20'000);
    return result;
  }

  std::mt19937_64 random_;
  std::map<std::string, uint32_t> over_;
  std::map<std::string, Time> not_before_;
  Time sink_not_before_{};
  std::vector<Time> attempts_;
  uint64_t taken_ = 0;
  uint64_t refused_ = 0;
};

void Simulate(uint64_t seed) {
  constexpr int kDeliveries = 600;
  std::mt19937_64 random(seed);
  DeliverySchedule::Options options;
  options.backoff_max = seconds(20);
  options.window_max = 50;
  options.rate_per_second = random() % 2 == 0 ? 0 : 5;
  options.seed = seed;
  DeliverySchedule schedule(options);
  FlakySink sink(seed);
  std::map<std::string, uint32_t> revisions;
  std::map<int64_t, store::DeliveryOutcome::Kind> acknowledged;
  int64_t next = 1;
  Time now = At(0);
  const auto add_some = [&](int most) {
    for (int i = 0; i < most && next <= kDeliveries && schedule.HasRoomFor(1); ++i) {
      const std::string ticket = "t" + std::to_string(random() % 40);
      schedule.Add(MakeDelivery(next++, ticket, ++revisions[ticket]), now);
    }
  };
  for (int step = 0; step < 100'000; ++step) {
    add_some(static_cast<int>(random() % 5));
    std::vector<store::Delivery> taken = schedule.Take(now, 1 + random() % 4);
    if (taken.empty()) {
      const std::optional<Time> then = schedule.NextTime(now);
      if (!then && next > kDeliveries) break;
      // Also later or sooner than asked: a thread is woken when it is woken.
      now = then ? std::max(now, *then - milliseconds(random() % 3)) : now;
      now += milliseconds(random() % 5);
      continue;
    }
    std::vector<SendResult> results;
    for (const store::Delivery& delivery : taken) {
      // As sinks do: after a result with sink_down the rest is not attempted.
      const bool down = !results.empty() && results.back().sink_down;
      results.push_back(down ? results.back() : sink.Send(delivery, now));
    }
    const std::vector<int64_t> sequences = Sequences(taken);
    now += milliseconds(random() % 30);
    for (const store::DeliveryOutcome& outcome : schedule.Finish(std::move(taken), results, now)) {
      const auto at = std::find(sequences.begin(), sequences.end(), outcome.sequence);
      ASSERT_NE(at, sequences.end()) << "acknowledged what was not sent";
      const Kind kind = results[static_cast<size_t>(at - sequences.begin())].kind;
      EXPECT_NE(kind, Kind::kTemporary);
      EXPECT_EQ(outcome.kind == store::DeliveryOutcome::Kind::kDelivered, kind == Kind::kDelivered);
      EXPECT_TRUE(acknowledged.emplace(outcome.sequence, outcome.kind).second);
    }
  }
  EXPECT_EQ(acknowledged.size(), static_cast<size_t>(kDeliveries)) << "lost";
  EXPECT_EQ(sink.over(), revisions);
  EXPECT_EQ(sink.taken() + sink.refused(), static_cast<uint64_t>(kDeliveries));
  EXPECT_TRUE(schedule.HasRoomFor(1));
  EXPECT_EQ(schedule.waiting_retry(), 0u);
  if (options.rate_per_second > 0) {
    // Of any eleven in a row the last is a second after the first, or more: five saved up, and the
    // five of a second.
    for (size_t i = 10; i < sink.attempts().size(); ++i) {
      EXPECT_GE(sink.attempts()[i] - sink.attempts()[i - 10], seconds(1) - milliseconds(1));
    }
  }
}

TEST(DeliverySchedule, LosesNothingAndKeepsOrderWhateverTheSinkDoes) {
  for (uint64_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Simulate(seed);
  }
}

TEST(DeliverySchedule, LeavesOutWhatANewerOneSupersedes) {
  using Outcome = store::DeliveryOutcome::Kind;
  DeliverySchedule::Options options;
  options.leaves_out = true;
  Schedule schedule(options, {"a", "a", "a", "a"});
  EXPECT_THAT(schedule.Try(0, {}), ElementsAre(1)) << "the first is told";
  EXPECT_THAT(schedule.Try(0, {}), ElementsAre(4));
  ASSERT_EQ(schedule.over().size(), 3u);
  for (const store::DeliveryOutcome& outcome : schedule.over()) {
    EXPECT_EQ(outcome.kind, Outcome::kDelivered);
  }
  EXPECT_EQ(schedule.over()[0].sequence, 2);
  EXPECT_EQ(schedule.over()[2].sequence, 4);
  EXPECT_EQ(schedule.size(), 0u);

  // What changes the state is told, and each that does; what was told before is not known any more.
  uint32_t revision = 4;
  int64_t sequence = 4;
  const auto add = [&](const std::string& state, uint32_t reopened) {
    store::Delivery delivery = MakeDelivery(++sequence, "a", ++revision);
    delivery.state = state;
    delivery.reopened = reopened;
    schedule.Add(delivery, At(1));
  };
  add("open", 0);
  add("open", 0);
  add("resolved", 0);
  add("resolved", 0);
  add("open", 1);
  add("open", 2);
  add("open", 2);
  std::vector<int64_t> told;
  for (int i = 0; i < 5; ++i) {
    for (const int64_t one : schedule.Try(1, {})) told.push_back(one);
  }
  EXPECT_THAT(told, ElementsAre(5, 7, 9, 10, 11));
  EXPECT_EQ(schedule.size(), 0u);
}

TEST(DeliverySchedule, WhatFailsIsLeftOutForANewerOneToo) {
  DeliverySchedule::Options options;
  options.leaves_out = true;
  Schedule schedule(options, {"a", "a"});
  EXPECT_THAT(schedule.Try(0, {}), ElementsAre(1));
  EXPECT_THAT(schedule.Try(0, {SendResult::Kind::kTemporary, "HTTP 500"}), ElementsAre(2));
  EXPECT_EQ(schedule.waiting_retry(), 1u);
  schedule.Add(MakeDelivery(3, "a", 3), At(1));
  EXPECT_THAT(schedule.Try(1'000, {SendResult::Kind::kTemporary, "HTTP 500"}), ElementsAre(3));
  EXPECT_THAT(schedule.over(), testing::IsEmpty()) << "it is not over before the newer one is";
  EXPECT_EQ(schedule.waiting_retry(), 1u);
  EXPECT_THAT(schedule.Try(2'000, {SendResult::Kind::kPermanent, "HTTP 400"}), ElementsAre(3));
  ASSERT_EQ(schedule.over().size(), 2u);
  EXPECT_EQ(schedule.over()[1].error, "HTTP 400");
  EXPECT_EQ(schedule.waiting_retry(), 0u);
  EXPECT_EQ(schedule.size(), 0u);
}

}  // namespace delivery_schedule_test
}  // namespace signinwatch::sinks
