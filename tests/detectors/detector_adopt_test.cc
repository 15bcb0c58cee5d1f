// What a changed configuration does to what is open (detector_adopt.cc).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/detectors/detector_driver.h"

namespace signinwatch {
namespace detector_adopt_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

BurstRule User(const std::string& name, uint32_t threshold = 10) {
  return {.name = name, .threshold = threshold};
}
BurstRule Tenant(const std::string& name, uint32_t threshold, uint32_t min_users) {
  return {.name = name,
          .group_by = GroupBy::kTenant,
          .window = minutes(30),
          .threshold = threshold,
          .min_users = min_users,
          .quiet = minutes(30)};
}
DetectionConfig With(std::vector<BurstRule> rules) {
  DetectionConfig config;
  config.rules = std::move(rules);
  return config;
}

TEST(DetectorAdoptTest, AnOpenBurstGoesOnWithAHigherThreshold) {
  DetectorDriver driver(With({User("a")}));
  driver.Burst(minutes(0));
  ASSERT_EQ(driver.Reasons(), "opened");
  ASSERT_TRUE(driver.ReloadWith({User("a", 100)}));
  driver.Burst(minutes(3), 3);
  driver.Finish();
  ASSERT_THAT(driver.Tickets(), SizeIs(1));
  EXPECT_EQ(driver.Tickets()[0].state, TicketState::kResolved);
  EXPECT_EQ(driver.Tickets()[0].event_count, 13u);
  driver.Burst(hours(5), 20);
  EXPECT_THAT(driver.Tickets(), SizeIs(1)) << "the next one needs a hundred";
}

TEST(DetectorAdoptTest, ALowerThresholdMakesABurstOfWhatIsOpen) {
  DetectorDriver driver(With({User("a", 100)}));
  driver.Burst(minutes(0), 12);
  ASSERT_EQ(driver.Reasons(), "");
  ASSERT_TRUE(driver.ReloadWith({User("a", 10)}));
  driver.SetMoment(minutes(30));
  driver.AdvanceTo(minutes(1));
  ASSERT_EQ(driver.Reasons(), "opened");
  driver.Finish();
  EXPECT_EQ(driver.Tickets()[0].event_count, 12u);
  EXPECT_EQ(driver.Tickets()[0].first_event_time, kStart);
}

TEST(DetectorAdoptTest, FewerUsersMakeABurstOfWhatIsOpen) {
  DetectorDriver driver(With({Tenant("t", 10, 5)}));
  for (int i = 0; i < 20; ++i) {
    driver.Apply(SignIn{.at = seconds(i), .user = "user" + std::to_string(i % 3)});
  }
  ASSERT_EQ(driver.Reasons(), "");
  ASSERT_TRUE(driver.ReloadWith({Tenant("t", 10, 3)}));
  driver.Finish();
  ASSERT_THAT(driver.Tickets(), SizeIs(1));
  EXPECT_EQ(driver.Tickets()[0].distinct_users, 3u);
  EXPECT_EQ(driver.Tickets()[0].event_count, 20u);
}

TEST(DetectorAdoptTest, TheNewQuietDecidesWhenAnOpenBurstIsOver) {
  BurstRule rule = User("a");
  DetectorDriver driver(With({rule}));
  driver.Burst(minutes(0));
  rule.quiet = hours(2);
  ASSERT_TRUE(driver.ReloadWith({rule}));
  driver.AdvanceTo(hours(1));
  EXPECT_EQ(driver.Tickets()[0].state, TicketState::kOpen);
  driver.AdvanceTo(hours(3));
  EXPECT_EQ(driver.Tickets()[0].state, TicketState::kResolved);
}

TEST(DetectorAdoptTest, SessionsThatAreTooLongNowAreCut) {
  BurstRule rule = User("a");
  DetectorDriver driver(With({rule}));
  driver.Burst(minutes(0), 60, minutes(1));
  ASSERT_THAT(driver.Tickets(), SizeIs(1));
  rule.max_duration = minutes(20);
  ASSERT_TRUE(driver.ReloadWith({rule}));
  driver.Burst(minutes(60), 10);
  driver.Finish();
  uint64_t events = 0;
  for (const Ticket& ticket : driver.Tickets()) {
    EXPECT_LT(ticket.last_event_time - ticket.first_event_time, minutes(20));
    EXPECT_EQ(ticket.state, TicketState::kResolved);
    events += ticket.event_count;
  }
  EXPECT_EQ(events, 70u);
}

TEST(DetectorAdoptTest, ADetectorThatIsGoneResolvesItsTicketsAsTheWatermarkPasses) {
  DetectorDriver driver(With({User("a"), User("b", 5)}));
  driver.Burst(minutes(0));
  ASSERT_THAT(driver.Tickets(), SizeIs(2));
  ASSERT_TRUE(driver.ReloadWith({User("b", 5)}));
  driver.Burst(minutes(3));
  driver.Apply(Audit{.at = -minutes(10)});
  driver.Finish();
  const std::vector<Ticket> tickets = driver.Tickets();
  ASSERT_THAT(tickets, SizeIs(2));
  for (const Ticket& ticket : tickets) {
    EXPECT_EQ(ticket.state, TicketState::kResolved) << ticket.detector;
    EXPECT_EQ(ticket.cause, Cause::kPasswordResetByAdmin) << ticket.detector;
    EXPECT_EQ(ticket.event_count, ticket.detector == "a" ? 10u : 20u);
  }
}

TEST(DetectorAdoptTest, ADetectorThatIsGoneAndCameBackGoesOn) {
  DetectorDriver driver(With({User("a"), User("b")}));
  driver.Burst(minutes(0));
  ASSERT_TRUE(driver.ReloadWith({User("b")}));
  ASSERT_TRUE(driver.ReloadWith({User("c"), User("b"), User("a")}));
  driver.Burst(minutes(3));
  driver.Finish();
  ASSERT_THAT(driver.Tickets(), SizeIs(3));
  for (const Ticket& ticket : driver.Tickets()) {
    EXPECT_EQ(ticket.event_count, ticket.detector == "c" ? 10u : 20u) << ticket.detector;
  }
}

TEST(DetectorAdoptTest, ANameWithAnotherScopeIsAnotherDetector) {
  DetectorDriver driver(With({User("a")}));
  driver.Burst(minutes(0));
  ASSERT_TRUE(driver.ReloadWith({Tenant("a", 10, 1)}));
  driver.Burst(minutes(3));
  driver.Finish();
  ASSERT_THAT(driver.Tickets(), SizeIs(2));
  EXPECT_EQ(driver.Tickets()[0].scope, GroupBy::kUser);
  EXPECT_EQ(driver.Tickets()[1].scope, GroupBy::kTenant);
  EXPECT_EQ(driver.Tickets()[0].event_count, 10u);
  EXPECT_EQ(driver.Tickets()[1].event_count, 10u);
}

TEST(DetectorAdoptTest, CodesOfBeforeStayInTheTicket) {
  BurstRule rule = User("a");
  DetectionConfig config = With({rule});
  config.limits.session_events = 5;  // so that some are folded
  DetectorDriver driver(config);
  driver.Burst(minutes(0), 12);
  driver.AdvanceTo(minutes(2));
  rule.codes = {16000, 50173};
  ASSERT_TRUE(driver.ReloadWith({rule}));
  driver.Apply(SignIn{.at = minutes(3), .code = 50132});
  driver.Apply(SignIn{.at = minutes(3), .code = 50173});
  driver.Apply(SignIn{.at = minutes(3), .code = 16000});
  ASSERT_TRUE(driver.SaveAndReload(false));
  driver.Finish();
  ASSERT_THAT(driver.Tickets(), SizeIs(1));
  EXPECT_THAT(driver.Tickets()[0].codes,
              ElementsAre(Pair(16000, 1), Pair(50132, 12), Pair(50173, 1)));
}

TEST(DetectorAdoptTest, WhatIsRetiredIsForgottenInTheEnd) {
  DetectorDriver driver(With({User("a"), User("b")}));
  driver.Burst(minutes(0));
  ASSERT_TRUE(driver.ReloadWith({User("b")}));
  for (int day = 1; day < 60; ++day) driver.AdvanceTo(day * kDay);
  ASSERT_TRUE(driver.SaveAndReload(false));
  const size_t with_both = driver.Rows()[0].value.size();
  DetectorDriver fresh(With({User("b")}));
  fresh.AdvanceTo(59 * kDay);
  EXPECT_LT(with_both, fresh.Rows()[0].value.size() + 8) << "its rule is not saved any more";
}

TEST(DetectorAdoptTest, ATenantsDetectorIsAddedToTenantsThatAreKnown) {
  DetectorDriver driver(With({User("a")}));
  driver.Burst(minutes(0), 3);
  ASSERT_TRUE(driver.ReloadWith({Tenant("t", 5, 1)}));
  driver.Burst(minutes(1), 5);
  driver.Finish();
  ASSERT_THAT(driver.Tickets(), SizeIs(1));
  EXPECT_EQ(driver.Tickets()[0].event_count, 5u) << "it sees what comes from then on";
}

TEST(DetectorAdoptTest, TooManyThatAreGoneAreRefused) {
  std::vector<BurstRule> rules;
  for (size_t i = 0; i < 64; ++i) rules.push_back(User("0-" + std::to_string(i)));
  DetectorDriver driver(With(rules));
  bool loaded = true;
  size_t reloads = 0;
  while (loaded && reloads < 10) {
    driver.Burst(minutes(static_cast<int64_t>(reloads)));
    ++reloads;
    for (size_t i = 0; i < 64; ++i) rules[i].name = std::to_string(reloads) + std::to_string(i);
    loaded = driver.ReloadWith(rules);
  }
  EXPECT_EQ(reloads, kRetiredRulesMax / 64 + 1);
}

}  // namespace detector_adopt_test
}  // namespace signinwatch
