// What happens at the detector's bounds (SPEC 11), and what is forgotten in time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "detectors/detector.h"
#include "tests/detectors/detector_driver.h"
#include "tests/sanitizer.h"

namespace signinwatch {
namespace detector_limits_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

uint64_t Evicted(DetectorDriver& driver, Eviction eviction) {
  return driver.detector().counters().evictions[static_cast<size_t>(eviction)];
}

// A ticket's content, without what depends on when it was looked at.
Ticket Content(Ticket ticket) {
  ticket.revision = 0;
  ticket.opened_at = kStart;
  ticket.resolved_at.reset();
  return ticket;
}

// Under sanitizers the largest floods take minutes.
constexpr int kFewer = kSanitizedMemory ? 5 : 1;

TEST(DetectorLimitsTest, FloodOfUsersLeavesTheBoundAndTheBurst) {
  DetectionConfig config;
  config.limits.users = 10'000;
  DetectorDriver driver(config);
  constexpr int kUsers = 1'000'000 / kFewer;
  for (int i = 0; i < kUsers; ++i) {
    const Duration at = minutes(10) * i / kUsers;
    driver.Apply(SignIn{.at = at, .code = 0, .user = "flood" + std::to_string(i)});
    if (i % (kUsers / 10) == 0) driver.Apply(SignIn{.at = at});
  }
  EXPECT_LE(driver.detector().sizes().users, 10'000u + 100);
  EXPECT_GE(Evicted(driver, Eviction::kUsers), kUsers - 10'100u);
  EXPECT_EQ(driver.Reasons(), "opened");
  EXPECT_EQ(driver.detector().sizes().tenants, 1u);
}

TEST(DetectorLimitsTest, FloodOfFailingUsersLeavesTheBoundsAndTheBurst) {
  constexpr int kUsersMax = 50'000 / kFewer;
  constexpr int kFailingMax = 5'000 / kFewer;
  DetectionConfig config;
  config.limits.users = kUsersMax;
  config.limits.failing_users = kFailingMax;
  config.rules.resize(1);  // without the tenant's own burst
  DetectorDriver driver(config);
  constexpr int kUsers = 200'000 / kFewer;
  driver.Burst(minutes(0));
  for (int i = 0; i < kUsers; ++i) {
    driver.Apply(
        SignIn{.at = minutes(2) + minutes(3) * i / kUsers, .user = "flood" + std::to_string(i)});
  }
  driver.Burst(minutes(6), 5);
  EXPECT_LE(driver.detector().sizes().users, kUsersMax + 100u);
  EXPECT_LE(driver.detector().sizes().live_events, kFailingMax + 100u);
  EXPECT_GE(Evicted(driver, Eviction::kFailingUsers), kUsers - (kFailingMax + 100u));
  EXPECT_GE(Evicted(driver, Eviction::kUsers), kUsers - (kUsersMax + 100u));
  driver.Finish();
  ASSERT_EQ(driver.Tickets().size(), 1u);
  EXPECT_EQ(driver.Tickets()[0].event_count, 15u);
}

// One tenant is flooded with failures of ever new users while another has a slow burst: some
// failures of a few users within each tenth of the flood.
DetectionConfig FloodConfig() {
  DetectionConfig config;
  config.limits.failing_users = 2'000;
  config.limits.live_events = 10'000;
  config.limits.all_credential_events = 1'000;
  config.rules.resize(1);
  return config;
}

void Flood(DetectorDriver* driver, bool flood) {
  constexpr int kFlood = 60'000;
  driver->Apply(Audit{.at = minutes(0), .tenant = "victim"});
  for (int i = 0; i < kFlood; ++i) {
    const Duration at = minutes(9) * i / kFlood;
    if (flood) {
      // Some hammer, most fail once.
      const int user = i % 4 == 0 ? i % 400 : i;
      driver->Apply(SignIn{.at = at, .user = "flood" + std::to_string(user), .tenant = "flood"});
      driver->Apply(Audit{.at = at, .user = "changed" + std::to_string(i), .tenant = "flood"});
    }
    if (i % (kFlood / 12) == 0) driver->Apply(SignIn{.at = at, .tenant = "victim"});
  }
}

TEST(DetectorLimitsTest, FloodOfOneTenantTakesNothingFromAnother) {
  DetectorDriver alone(FloodConfig());
  Flood(&alone, false);
  alone.Finish();
  DetectorDriver flooded(FloodConfig());
  Flood(&flooded, true);
  EXPECT_GT(Evicted(flooded, Eviction::kFailingUsers), 10'000u);
  EXPECT_GT(Evicted(flooded, Eviction::kCredentialEvents), 50'000u);
  EXPECT_LE(flooded.detector().sizes().failing_users, 2'000u);
  EXPECT_LE(flooded.detector().sizes().live_events, 10'000u);
  flooded.Finish();
  ASSERT_EQ(alone.Tickets().size(), 1u);
  EXPECT_EQ(alone.Tickets()[0].cause, Cause::kPasswordResetByAdmin);
  std::vector<Ticket> of_victim;
  for (const Ticket& ticket : flooded.Tickets()) {
    if (ticket.tenant_id == "victim") of_victim.push_back(Content(ticket));
  }
  EXPECT_THAT(of_victim, testing::ElementsAre(Content(alone.Tickets()[0])));
}

TEST(DetectorLimitsTest, EventsOfTheTenantThatHasMostAreFoldedEarly) {
  DetectionConfig config;
  config.limits.live_events = 2'000;
  DetectorDriver driver(config);
  driver.Burst(minutes(0), 10, seconds(1));
  for (int i = 0; i < 20'000; ++i) {
    driver.Apply(SignIn{
        .at = Duration(i * 1000), .user = "user" + std::to_string(i % 20), .tenant = "flood"});
    ASSERT_LE(driver.detector().sizes().live_events, 2'001u);
  }
  EXPECT_GT(Evicted(driver, Eviction::kLiveEvents), 10'000u);
  // In disorder, and in front: where its events had been folded it could not become the start.
  driver.Apply(SignIn{.at = -minutes(1)});
  driver.Finish();
  const std::vector<Ticket> tickets = driver.Tickets();
  ASSERT_EQ(tickets[0].tenant_id, "tenant1");
  EXPECT_EQ(tickets[0].event_count, 11u);
  EXPECT_EQ(tickets[0].first_event_time, kStart - minutes(1));
}

TEST(DetectorLimitsTest, TenantGoesWithTheLastOfItsUsers) {
  DetectionConfig config;
  config.limits.users = 1'000;
  DetectorDriver driver(config);
  constexpr int kTenants = 100'000;
  for (int i = 0; i < kTenants; ++i) {
    const Duration at = minutes(10) * i / kTenants;
    driver.Apply(SignIn{.at = at, .code = 0, .tenant = "flood" + std::to_string(i)});
    if (i % (kTenants / 10) == 0) driver.Apply(SignIn{.at = at});
  }
  EXPECT_LE(driver.detector().sizes().tenants, driver.detector().sizes().users);
  EXPECT_EQ(driver.Reasons(), "opened");
}

TEST(DetectorLimitsTest, FloodOfFailingTenantsLeavesTheBound) {
  DetectionConfig config;
  config.limits.tenants = 2'000;
  DetectorDriver driver(config);
  constexpr int kTenants = 20'000;
  driver.Burst(minutes(0));
  for (int i = 0; i < kTenants; ++i) {
    driver.Apply(SignIn{.at = minutes(2), .user = "", .tenant = "flood" + std::to_string(i)});
  }
  EXPECT_EQ(driver.detector().sizes().tenants, 2'000u);
  EXPECT_EQ(Evicted(driver, Eviction::kTenants), kTenants + 1 - 2'000u);
  EXPECT_LE(driver.detector().sizes().live_events, 2'100u);
  driver.Finish();
  EXPECT_EQ(driver.Tickets().size(), 1u);
}

TEST(DetectorLimitsTest, RecordsThatLeaveNothingLeaveNoTenant) {
  DetectorDriver driver;
  driver.AdvanceTo(hours(10));
  for (int i = 0; i < 1000; ++i) {
    const std::string tenant = "tenant" + std::to_string(i);
    driver.Apply(SignIn{.at = hours(10), .code = 0, .user = "", .tenant = tenant});
    driver.Apply(SignIn{.at = hours(10), .code = 50126, .user = "", .tenant = tenant});
    driver.Apply(SignIn{.at = hours(10), .code = 50053, .tenant = tenant});
    driver.Apply(SignIn{.at = hours(1), .user = "", .tenant = tenant});
    driver.Apply(Audit{.at = hours(10), .user = "", .tenant = tenant});
    driver.Apply(Audit{.at = hours(10), .operation = "Update user", .tenant = tenant});
  }
  EXPECT_EQ(driver.detector().sizes().tenants, 0u);
}

// A user that hammers, and signs in from time to time.
Ticket LongBurst(const DetectionConfig& config, uint64_t* folded) {
  DetectorDriver driver(config);
  driver.Apply(SignIn{.at = -kDay, .code = 0, .address = "203.0.113.1", .country = "FR"});
  driver.Apply(Audit{.at = -minutes(30), .id = "change"});
  size_t most = 0;
  for (int i = 0; i < 3000; ++i) {
    driver.Apply(SignIn{.at = seconds(5 * i),
                        .code = i % 7 == 0 ? 50173 : 50132,
                        .id = "r" + std::to_string(i % 5 == 0 ? 100'000 - i : i),
                        .address = "192.0." + std::to_string(i % 40) + ".1",
                        .country = i % 3 == 0 ? "DE" : "US",
                        .device = "device" + std::to_string(i % 30)});
    driver.AdvanceTo(seconds(5 * i) - minutes(5));
    most = std::max(most, driver.detector().sizes().live_events);
  }
  driver.Finish();
  *folded = 6000 - most;
  EXPECT_EQ(Evicted(driver, Eviction::kLiveEvents), 0u);
  const std::vector<Ticket> tickets = driver.Tickets();
  EXPECT_EQ(tickets.size(), 1u);
  return tickets.at(0);
}

TEST(DetectorLimitsTest, FoldingLongSessionsChangesNoTicket) {
  DetectionConfig config;
  uint64_t folded = 0;
  const Ticket whole = LongBurst(config, &folded);
  EXPECT_EQ(folded, 0u);
  config.limits.session_events = 100;
  const Ticket small = LongBurst(config, &folded);
  EXPECT_GT(folded, 5000u);
  EXPECT_EQ(Content(small), Content(whole));
}

TEST(DetectorLimitsTest, AtTheBoundOfAllEventsSessionsAreFoldedEarlyAndThatIsCounted) {
  DetectionConfig config;
  config.limits.live_events = 2'000;
  config.rules.resize(1);
  DetectorDriver driver(config);
  size_t most = 0;
  for (int i = 0; i < 20'000; ++i) {
    driver.Apply(SignIn{.at = Duration(i * 1000), .user = "user" + std::to_string(i % 20)});
    most = std::max(most, driver.detector().sizes().live_events);
  }
  EXPECT_LE(most, 2'001u);
  EXPECT_GT(Evicted(driver, Eviction::kLiveEvents), 10'000u);
  driver.Finish();
  const std::vector<Ticket> tickets = driver.Tickets();
  EXPECT_EQ(tickets.size(), 20u);
  for (const Ticket& ticket : tickets) EXPECT_EQ(ticket.event_count, 1000u);
}

TEST(DetectorLimitsTest, OldestCredentialEventsOfAUserGo) {
  DetectionConfig config;
  config.limits.credential_events = 3;
  DetectorDriver driver(config);
  for (int i = 0; i < 5; ++i) {
    driver.Apply(Audit{.at = -hours(i + 1), .id = "c" + std::to_string(i)});
  }
  driver.Burst(minutes(0));
  driver.Finish();
  EXPECT_EQ(Evicted(driver, Eviction::kCredentialEvents), 2u);
  EXPECT_EQ(driver.revisions().back().changes.size(), 3u);
  EXPECT_EQ(driver.revisions().back().changes.back().record_ids, (std::vector<std::string>{"c0"}));
}

TEST(DetectorLimitsTest, FloodOfCredentialEventsLeavesTheBoundAndTheLatest) {
  DetectionConfig config;
  config.limits.all_credential_events = 100;
  DetectorDriver driver(config);
  for (int i = 0; i < 1000; ++i) {
    driver.Apply(Audit{.at = seconds(i), .user = "user" + std::to_string(i)});
  }
  EXPECT_EQ(Evicted(driver, Eviction::kCredentialEvents), 900u);
  for (const char* user : {"user999", "user0"}) {
    for (int i = 0; i < 10; ++i) driver.Apply(SignIn{.at = minutes(20), .user = user});
  }
  driver.Finish();
  ASSERT_EQ(driver.Tickets().size(), 2u);
  EXPECT_EQ(driver.Tickets()[0].cause, Cause::kPasswordResetByAdmin);
  EXPECT_EQ(driver.Tickets()[1].cause, Cause::kUnexplained);
}

TEST(DetectorLimitsTest, TextsBeyondTheBoundAreShownAsAbsent) {
  DetectionConfig config;
  config.limits.text_bytes = 1 << 20;
  config.rules.resize(1);
  DetectorDriver driver(config);
  for (int i = 0; i < 20; ++i) {
    driver.Apply(SignIn{.at = seconds(i), .device = std::string(100'000, 'x') + std::to_string(i)});
  }
  driver.Finish();
  EXPECT_EQ(driver.revisions().back().event_count, 20u);
  EXPECT_EQ(driver.revisions().back().devices.total, 10u);
  EXPECT_EQ(Evicted(driver, Eviction::kTexts), 10u);
}

TEST(DetectorLimitsTest, UnknownPasswordOperationsAreCountedByNameUpToTheBound) {
  DetectionConfig config;
  config.limits.operation_names = 2;
  DetectorDriver driver(config);
  for (const char* operation : {"Reset password v2", "Update user", " reset PASSWORD v2. ",
                                "Set password", "Old password", "Set password", "Reset password"}) {
    driver.Apply(Audit{.operation = operation});
  }
  EXPECT_EQ(driver.detector().counters().unknown_password_operations,
            (std::map<std::string, uint64_t>{{"reset password v2", 2}, {"set password", 2}}));
}

TEST(DetectorLimitsTest, TicketsResolvedLongestAgoCanNotBeRevisedAnyMore) {
  DetectionConfig config;
  config.limits.tickets = 5;
  config.rules.resize(1);
  DetectorDriver driver(config);
  for (int user = 0; user < 20; ++user) {
    for (int i = 0; i < 10; ++i) {
      driver.Apply(SignIn{.at = minutes(20) * user, .user = "user" + std::to_string(user)});
    }
    driver.AdvanceTo(minutes(20) * user + minutes(15));
  }
  EXPECT_EQ(driver.detector().sizes().tickets, 5u);
  EXPECT_EQ(Evicted(driver, Eviction::kTickets), 15u);
  const size_t before = driver.revisions().size();
  EXPECT_EQ(before, 40u);
  for (int user = 0; user < 20; ++user) {
    driver.Apply(Audit{.at = -minutes(1), .user = "user" + std::to_string(user)});
  }
  driver.SetMoment(hours(10));
  driver.AdvanceTo(hours(8));
  EXPECT_EQ(driver.revisions().size(), before + 5);
}

TEST(DetectorLimitsTest, FurtherDistinctValuesCountInTheEventCountAlone) {
  DetectionConfig config;
  config.limits.distinct_values = 4;
  config.rules.resize(1);
  DetectorDriver driver(config);
  for (int i = 0; i < 12; ++i) {
    driver.Apply(SignIn{.at = seconds(i), .device = "device" + std::to_string(i)});
  }
  driver.Finish();
  EXPECT_EQ(driver.revisions().back().devices.total, 4u);
  EXPECT_EQ(driver.revisions().back().event_count, 12u);
  EXPECT_EQ(Evicted(driver, Eviction::kDistinctValues), 8u);
}

TEST(DetectorLimitsTest, FamiliarSourcesAreBounded) {
  DetectionConfig config;
  config.limits.familiar_sources = 6;
  DetectorDriver driver(config);
  for (int i = 0; i < 10; ++i) {
    driver.Apply(SignIn{.at = hours(i), .code = 0, .device = "device" + std::to_string(i)});
  }
  EXPECT_GE(Evicted(driver, Eviction::kFamiliarSources), 6u);
}

TEST(DetectorLimitsTest, IdsAreBounded) {
  DetectionConfig config;
  config.limits.dedup_ids = 1000;
  DetectorDriver driver(config);
  for (int i = 0; i < 5000; ++i) {
    driver.Apply(SignIn{.at = seconds(i), .code = 50126, .id = "r" + std::to_string(i)});
  }
  EXPECT_LE(driver.detector().sizes().dedup_ids, 1256u);
  EXPECT_GE(Evicted(driver, Eviction::kDedupIds), 3744u);
}

TEST(DetectorLimitsTest, TicketsAreBoundedByBytes) {
  DetectionConfig config;
  config.limits.ticket_bytes = 200'000;
  config.rules.resize(1);
  DetectorDriver driver(config);
  const std::string device(10'000, 'x');
  for (int user = 0; user < 40; ++user) {
    for (int i = 0; i < 10; ++i) {
      driver.Apply(SignIn{.at = minutes(20) * user + seconds(i),
                          .user = "user" + std::to_string(user),
                          .device = device});
    }
    driver.AdvanceTo(minutes(20) * user + minutes(15));
  }
  EXPECT_LT(driver.detector().sizes().tickets, 20u);
  EXPECT_GE(driver.detector().sizes().tickets, 10u);
  EXPECT_EQ(Evicted(driver, Eviction::kTickets), 40 - driver.detector().sizes().tickets);
  EXPECT_EQ(driver.Tickets().size(), 40u);
}

TEST(DetectorLimitsTest, EveryBoundHasAName) {
  std::vector<std::string> names;
  for (int i = 0; i < kEvictionCount; ++i) {
    names.emplace_back(EvictionName(static_cast<Eviction>(i)));
  }
  EXPECT_THAT(names, testing::ElementsAre("tenants", "users", "failing_users", "dedup_ids",
                                          "live_events", "familiar_sources", "credential_events",
                                          "texts", "tickets", "distinct_values", "risk_events",
                                          "audit_events", "mfa_methods", "failure_profiles"));
}

// ------------------------------------------------------------------------------------- forgetting

void Live(DetectorDriver* driver) {
  for (int tenant = 0; tenant < 10; ++tenant) {
    const std::string name = "tenant" + std::to_string(tenant);
    for (int i = 0; i < 60; ++i) {
      driver->Apply(SignIn{.at = seconds(i),
                           .user = "user" + std::to_string(tenant < 5 ? i % 15 : i),
                           .id = "r" + std::to_string(i),
                           .tenant = name});
    }
    driver->Apply(SignIn{
        .at = minutes(1), .code = 0, .user = "returns", .tenant = name, .interactive = true});
    driver->Apply(SignIn{.at = minutes(1), .code = 50126, .user = "errs", .tenant = name});
    driver->Apply(Audit{.at = minutes(1), .id = "c", .tenant = "audited" + name});
  }
}

void ExpectNothingHeld(DetectorDriver& driver) {
  const DetectorSizes sizes = driver.detector().sizes();
  EXPECT_EQ(sizes.tenants, 0u);
  EXPECT_EQ(sizes.users, 0u);
  EXPECT_EQ(sizes.dedup_ids, 0u);
  EXPECT_EQ(sizes.live_events, 0u);
  EXPECT_EQ(sizes.open_tickets, 0u);
  EXPECT_EQ(sizes.tickets, 0u);
}

TEST(DetectorForgettingTest, NothingIsHeldLongAfterTheLastRecord) {
  DetectorDriver driver;
  Live(&driver);
  driver.AdvanceTo(minutes(0));
  EXPECT_EQ(driver.detector().sizes().tenants, 20u);
  EXPECT_GT(driver.detector().sizes().tickets, 9u);
  for (int day = 1; day < 100; ++day) driver.AdvanceTo(day * kDay);
  ExpectNothingHeld(driver);
}

TEST(DetectorForgettingTest, NothingIsHeldAfterOneFarStep) {
  DetectorDriver driver;
  Live(&driver);
  driver.AdvanceTo(minutes(0));
  driver.AdvanceTo(400 * kDay);
  driver.AdvanceTo(401 * kDay);
  ExpectNothingHeld(driver);
}

TEST(DetectorForgettingTest, MergedTicketOutlivesItsTenant) {
  DetectorDriver driver;
  driver.SetMoment(minutes(0));
  driver.Burst(minutes(90), 10, seconds(0));
  driver.Burst(minutes(0), 10, seconds(0));
  driver.Burst(minutes(45), 10, seconds(0));
  // Within the same minute of the processing clock all of it is over and forgotten.
  driver.AdvanceTo(minutes(0));
  driver.AdvanceTo(400 * kDay);
  driver.AdvanceTo(401 * kDay);
  driver.SetMoment(minutes(5));
  driver.AdvanceTo(402 * kDay);
  EXPECT_EQ(driver.revisions().back().reason, RevisionReason::kMerged);
  ExpectNothingHeld(driver);
}

TEST(DetectorForgettingTest, ForgottenTenantsComeBackAsNew) {
  DetectorDriver driver;
  for (int round = 0; round < 3; ++round) {
    const Duration day = round * 100 * kDay;
    driver.AdvanceTo(day);
    driver.Burst(day + hours(1));
    driver.AdvanceTo(day + hours(2));
    EXPECT_EQ(driver.revisions().size(), 2u * (static_cast<size_t>(round) + 1));
    EXPECT_EQ(driver.revisions().back().tenant_id, "tenant1");
    EXPECT_EQ(driver.revisions().back().reopened, 0u);
    driver.AdvanceTo(day + 99 * kDay);
    ExpectNothingHeld(driver);
  }
}

}  // namespace detector_limits_test
}  // namespace signinwatch
