// What the records answer of the guide's questions, seen through the detector (SPEC 6.5).
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "detectors/detector.h"
#include "detectors/explainer.h"
#include "tests/detectors/detector_driver.h"
#include "tests/detectors/moments.h"

namespace signinwatch {
namespace detector_context_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A burst of user1 that nothing explains.
void Fail(DetectorDriver& driver, SignIn sign_in = {}, int count = 10) {
  for (int i = 0; i < count; ++i) {
    driver.Apply(sign_in);
    sign_in.at += seconds(10);
  }
}

TEST(DetectorContextTest, ASessionInTwoPlacesRaisesTheSeverity) {
  DetectorDriver driver;
  Fail(driver, {.session = "session1"});
  driver.Apply(
      SignIn{.at = minutes(2), .address = "198.51.100.7", .country = "US", .session = "session1"});
  driver.Finish();
  const Ticket ticket = driver.Tickets().front();
  EXPECT_TRUE(ticket.findings.session_elsewhere);
  EXPECT_EQ(ticket.severity, Severity::kCritical) << "unexplained, one up";
  ASSERT_EQ(ticket.context.sessions_elsewhere.shown.size(), 1u);
  const SessionElsewhere& session = ticket.context.sessions_elsewhere.shown[0];
  ASSERT_EQ(session.places.total, 2u);
  EXPECT_EQ(session.places.shown[0].network, "192.0.2.0/24");
  EXPECT_EQ(session.places.shown[0].count, 10u);
  EXPECT_EQ(session.places.shown[1].country, "US");
}

TEST(DetectorContextTest, OnePlaceMoreMustDifferInBothAndNotBeForgeable) {
  const SignIn others[] = {
      {.at = minutes(2), .address = "198.51.100.7", .session = "session1"},  // the same country
      {.at = minutes(2), .country = "US", .session = "session1"},            // the same network
      {.at = minutes(2), .address = "198.51.100.7", .country = "US", .session = "session2"},
      {.at = minutes(2),
       .address = "198.51.100.7",
       .country = "US",
       .category = Category::kAdfsSignIn,
       .session = "session1"},
  };
  for (const SignIn& other : others) {
    DetectorDriver driver;
    Fail(driver, {.session = "session1"});
    driver.Apply(other);
    driver.Finish();
    EXPECT_FALSE(driver.Tickets().front().findings.session_elsewhere);
  }
}

TEST(DetectorContextTest, ARiskEventThatComesDaysLaterRevises) {
  DetectorDriver driver;
  Fail(driver);
  driver.AdvanceTo(hours(2));
  ASSERT_EQ(driver.revisions().back().state, TicketState::kResolved);
  EXPECT_EQ(driver.revisions().back().severity, Severity::kHigh);
  driver.AdvanceTo(hours(48));
  EXPECT_FALSE(driver.Apply(Risk{.at = -hours(24)}).late);
  driver.AdvanceTo(hours(49));
  const Ticket& revised = driver.revisions().back();
  EXPECT_EQ(revised.reason, RevisionReason::kFindingsChanged);
  EXPECT_EQ(revised.state, TicketState::kResolved);
  EXPECT_EQ(revised.severity, Severity::kCritical);
  EXPECT_TRUE(revised.findings.risk_detected);
  ASSERT_EQ(revised.context.risk_events.shown.size(), 1u);
  // Dismissed later: the finding goes, the event stays told.
  driver.Apply(Risk{.at = -hours(24), .state = "dismissed", .updated = hours(60)});
  driver.AdvanceTo(hours(50));
  EXPECT_FALSE(driver.revisions().back().findings.risk_detected);
  EXPECT_EQ(driver.revisions().back().severity, Severity::kHigh);
  EXPECT_EQ(driver.revisions().back().context.risk_events.shown[0].state, "dismissed");
}

TEST(DetectorContextTest, RiskEventsReviseUntilReviseRisksForIsOver) {
  const Duration end = seconds(90);
  const struct {
    Duration watermark;
    Duration risk;
    bool revises;
  } cases[] = {
      {hours(72) + end - kTick, Duration{0}, true},
      {hours(72) + end, Duration{0}, false},
      {hours(3), -hours(24), true},
      {hours(3), -hours(24) - kTick, false},
      {hours(3), end + minutes(5), true},
      {hours(3), end + minutes(5) + kTick, false},
  };
  for (const auto& c : cases) {
    DetectorDriver driver;
    Fail(driver);
    driver.AdvanceTo(hours(2));
    driver.AdvanceTo(c.watermark);
    const size_t before = driver.revisions().size();
    driver.Apply(Risk{.at = c.risk});
    driver.Finish();
    EXPECT_EQ(driver.revisions().size() > before, c.revises) << c.watermark.count();
  }
}

TEST(DetectorContextTest, FindingsRaiseByTwoAtMostButAnUnfamiliarSourceMakesItCritical) {
  EXPECT_EQ(SeverityOf(Cause::kPasswordChanged, {.risk_detected = true}, GroupBy::kUser),
            Severity::kMedium);
  EXPECT_EQ(SeverityOf(Cause::kPasswordChanged,
                       {.persistent = true, .session_elsewhere = true, .risk_detected = true},
                       GroupBy::kUser),
            Severity::kHigh);
  EXPECT_EQ(SeverityOf(Cause::kPasswordChanged, {.unfamiliar_source = true}, GroupBy::kUser),
            Severity::kCritical);
}

TEST(DetectorContextTest, SecurityInfoIsAFindingWhereTheCauseIsOpen) {
  for (const bool explained : {false, true}) {
    DetectorDriver driver;
    if (explained) driver.Apply(Audit{.at = -minutes(10), .id = "reset"});
    driver.Apply(Audit{.at = -hours(24), .operation = "User registered security info", .id = "a"});
    driver.Apply(Audit{.at = -hours(24) - kTick, .operation = "User deleted security info"});
    driver.Apply(Audit{.at = -hours(24), .operation = "User registered security info", .id = "a"});
    Fail(driver);
    driver.Finish();
    const Ticket ticket = driver.Tickets().front();
    ASSERT_EQ(ticket.context.security_info_changes.total, 1u);
    EXPECT_EQ(ticket.context.security_info_changes.shown[0].record_id, "a");
    EXPECT_EQ(ticket.findings.security_info_changed, !explained);
  }
}

TEST(DetectorContextTest, PoliciesAreToldWhereConditionalAccessFailed) {
  for (const bool failed : {false, true}) {
    DetectorDriver driver;
    driver.Apply(Audit{.at = -hours(1),
                       .operation = "Update conditional access policy",
                       .user = "",
                       .target_name = "Require MFA"});
    Fail(driver, {.conditional_access = failed ? ConditionalAccessStatus::kFailure
                                               : ConditionalAccessStatus::kSuccess,
                  .client = "Browser",
                  .token_type = "refreshToken",
                  .failing_policies = {"Require MFA", "Require MFA"}});
    driver.Finish();
    const TicketContext context = driver.Tickets().front().context;
    EXPECT_EQ(context.policy_changes.total, failed ? 1u : 0u);
    EXPECT_EQ(context.conditional_access.failure, failed ? 10u : 0u);
    ASSERT_EQ(context.conditional_access.failing_policies.total, 1u);
    EXPECT_EQ(context.conditional_access.failing_policies.shown[0].count, 10u) << "once a failure";
    EXPECT_EQ(context.clients.shown[0].value, "Browser");
    EXPECT_EQ(context.token_types.shown[0].value, "refreshToken");
  }
}

TEST(DetectorContextTest, MethodsOfMfaAreThoseOfTheDaysBefore) {
  DetectorDriver driver;
  driver.Apply(SignIn{.at = -hours(10), .code = 0, .mfa_method = "FIDO2 key"});
  driver.Apply(SignIn{.at = -hours(1), .code = 0, .mfa_method = "Text message"});
  ASSERT_TRUE(driver.SaveAndReload(false));
  Fail(driver);
  driver.Finish();
  const ShownOf<MfaMethod> mfa = driver.Tickets().front().context.mfa;
  ASSERT_EQ(mfa.total, 1u) << "not the one of the burst's day";
  EXPECT_EQ(mfa.shown[0].value, "FIDO2 key");
  EXPECT_EQ(mfa.shown[0].last_day, kStart - hours(33));
}

TEST(DetectorContextTest, WhatIsFoldedIsToldAsWhatIsNot) {
  DetectionConfig folding;
  folding.limits.session_events = 8;
  DetectorDriver raw;
  DetectorDriver folded(folding);
  for (DetectorDriver* driver : {&raw, &folded}) {
    for (int i = 0; i < 200; ++i) {
      driver->Apply(SignIn{.at = i * seconds(30),
                           .address = i % 7 == 0 ? "198.51.100.7" : "192.0.2.1",
                           .country = i % 7 == 0 ? "US" : "DE",
                           .guest = true,
                           .conditional_access = ConditionalAccessStatus(i % 4),
                           .risk = SignInRisk(i % 4),
                           .client = "client" + std::to_string(i % 3),
                           .token_type = i % 2 == 0 ? "refreshToken" : "",
                           .session = "session" + std::to_string(i % 5),
                           .failing_policies = {"policy" + std::to_string(i % 2)},
                           .home_tenant = "home"});
      driver->AdvanceTo(i * seconds(30));
      if (i % 50 == 20) {
        ASSERT_TRUE(driver->SaveAndReload(i % 100 == 20));
      }
    }
    driver->Finish();
  }
  EXPECT_LT(folded.detector().sizes().live_events, 200u);
  const Ticket of_raw = raw.Tickets().front();
  const Ticket of_folded = folded.Tickets().front();
  EXPECT_EQ(of_raw.context, of_folded.context);
  EXPECT_EQ(of_raw.timeline, of_folded.timeline);
  EXPECT_EQ(of_raw.apps, of_folded.apps);
  EXPECT_EQ(of_raw.context.home_tenant_id, "home");
  EXPECT_EQ(of_raw.context.sessions_elsewhere.total, 5u);
}

TEST(DetectorContextTest, EachTableHasABoundThatIsCounted) {
  DetectionConfig config;
  config.limits.all_risk_events = 2;
  config.limits.all_audit_events = 2;
  config.limits.mfa_methods = 2;
  config.limits.failure_profiles = 2;
  DetectorDriver driver(config);
  for (int i = 0; i < 5; ++i) {
    const std::string n = std::to_string(i);
    driver.Apply(Risk{.id = n, .user = "user" + n});
    driver.Apply(Audit{.operation = "User registered security info", .user = "user" + n, .id = n});
    driver.Apply(SignIn{.code = 0, .mfa_method = n});
    driver.Apply(SignIn{.client = n});
  }
  const uint64_t* evictions = driver.detector().counters().evictions;
  EXPECT_EQ(evictions[static_cast<size_t>(Eviction::kRiskEvents)], 3u);
  EXPECT_EQ(evictions[static_cast<size_t>(Eviction::kAuditEvents)], 3u);
  EXPECT_EQ(evictions[static_cast<size_t>(Eviction::kMfaMethods)], 3u);
  EXPECT_EQ(evictions[static_cast<size_t>(Eviction::kFailureProfiles)], 4u);
}

TEST(DetectorContextTest, NothingIsHeldForEver) {
  DetectorDriver driver;
  driver.Apply(Risk{});
  driver.Apply(Audit{.operation = "User registered security info"});
  driver.Apply(Audit{.operation = "Add conditional access policy", .user = ""});
  EXPECT_EQ(driver.detector().sizes().tenants, 1u);
  driver.AdvanceTo(hours(24 * 365));
  EXPECT_EQ(driver.detector().sizes().tenants, 0u);
}

}  // namespace detector_context_test
}  // namespace signinwatch
