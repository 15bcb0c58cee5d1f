#include "daemon/routing/routing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

namespace signinwatch::routing {
namespace routing_test {

constexpr EventTime kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}};

// A burst of ten failures of one user, of one app on one device at one address.
Ticket MakeTicket() {
  Ticket ticket;
  ticket.scope = GroupBy::kUser;
  ticket.tenant_id = "aaaaaaaa-1111-4222-8333-cccccccccccc";
  ticket.user_id = "11111111-2222-4333-8444-555555555555";
  ticket.user_principal_name = "Svc-Backup-7@Contoso.com";
  ticket.cause = Cause::kPasswordResetByAdmin;
  ticket.severity = Severity::kLow;
  ticket.event_count = 10;
  ticket.apps = {.shown = {{"app-1", "Veeam Backup", 10}}, .total = 1};
  ticket.ip_addresses = {.shown = {{"203.0.113.9", "", 10}}, .total = 1};
  ticket.devices = {.shown = {{"DEVICE-1", "", 10}}, .total = 1};
  return ticket;
}

config::ExceptionConfig MakeException(const std::function<void(config::ExceptionConfig&)>& change) {
  config::ExceptionConfig exception;
  exception.name = "backup";
  exception.until = kNow + kDay;
  change(exception);
  return exception;
}

bool ComesUnder(const Ticket& ticket, const std::function<void(config::ExceptionConfig&)>& change) {
  const config::ExceptionConfig exceptions[] = {MakeException(change)};
  return ExceptionFor(ticket, exceptions, kNow) == "backup";
}

TEST(ExceptionForTest, UsersAreIdsOrPatternsOfNames) {
  const struct {
    const char* user;
    bool matches;
  } cases[] = {
      {"11111111-2222-4333-8444-555555555555", true},
      {"svc-backup-7@contoso.com", true},  // without case
      {"svc-backup-*@contoso.com", true},
      {"*", true},
      {"*@contoso.com", true},
      {"svc-*-*@*", true},
      {"svc-backup-7@contoso.com*", true},
      {"svc-backup-", false},
      {"svc-backup-*@fabrikam.com", false},
      {"backup-7@contoso.com", false},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ComesUnder(MakeTicket(), [&c](auto& e) { e.users = {c.user}; }), c.matches) << c.user;
  }
}

// What a pattern can cost does not grow with its stars.
TEST(ExceptionForTest, PatternsWithManyStarsAreLinear) {
  Ticket ticket = MakeTicket();
  ticket.user_principal_name = std::string(1'000, 'a');
  std::string pattern;
  for (int i = 0; i < 60; ++i) pattern += "*a";
  EXPECT_FALSE(ComesUnder(ticket, [&](auto& e) { e.users = {pattern + "*b"}; }));
  EXPECT_TRUE(ComesUnder(ticket, [&](auto& e) { e.users = {pattern}; }));
}

TEST(ExceptionForTest, UsersAreNotMetByATenantsTicket) {
  Ticket ticket = MakeTicket();
  ticket.scope = GroupBy::kTenant;
  EXPECT_FALSE(ComesUnder(ticket, [](auto& e) { e.users = {"*"}; }));
  EXPECT_TRUE(ComesUnder(ticket, [](auto& e) { e.apps = {"app-1"}; }));
}

TEST(ExceptionForTest, AppsAddressesAndDevicesAreThoseOfAllFailures) {
  const auto apps = [](auto& e) { e.apps = {"veeam backup"}; };
  const auto addresses = [](auto& e) { e.addresses = {"203.0.113.0/24"}; };
  const auto devices = [](auto& e) { e.devices = {"device-1"}; };
  EXPECT_TRUE(ComesUnder(MakeTicket(), apps));
  EXPECT_TRUE(ComesUnder(MakeTicket(), addresses));
  EXPECT_TRUE(ComesUnder(MakeTicket(), devices));

  Ticket other = MakeTicket();
  other.apps = {.shown = {{"app-1", "Veeam Backup", 9}, {"app-2", "Outlook", 1}}, .total = 2};
  other.ip_addresses = {.shown = {{"203.0.113.9", "", 9}, {"198.51.100.1", "", 1}}, .total = 2};
  other.devices = {.shown = {{"DEVICE-1", "", 9}}, .total = 1};  // one failure without a device
  EXPECT_FALSE(ComesUnder(other, apps));
  EXPECT_FALSE(ComesUnder(other, addresses));
  EXPECT_FALSE(ComesUnder(other, devices));

  // Not all that there are can be looked at.
  Ticket many = MakeTicket();
  many.ip_addresses.total = 21;
  EXPECT_FALSE(ComesUnder(many, addresses));
}

TEST(ExceptionForTest, AllThatItSaysIsMet) {
  EXPECT_TRUE(ComesUnder(MakeTicket(), [](auto& e) {
    e.tenants = {"AAAAAAAA-1111-4222-8333-CCCCCCCCCCCC"};
    e.causes = {"password_changed", "password_reset_by_admin"};
  }));
  EXPECT_FALSE(ComesUnder(MakeTicket(), [](auto& e) {
    e.users = {"*"};
    e.causes = {"password_changed"};
  }));
  EXPECT_FALSE(ComesUnder(MakeTicket(), [](auto& e) { e.tenants = {"other"}; }));
}

TEST(ExceptionForTest, ItEnds) {
  EXPECT_TRUE(ComesUnder(MakeTicket(), [](auto& e) {
    e.users = {"*"};
    e.until = kNow + Duration(1);
  }));
  EXPECT_FALSE(ComesUnder(MakeTicket(), [](auto& e) {
    e.users = {"*"};
    e.until = kNow;
  }));
}

// Whoever holds the session of an account that is excepted must not be silent by it.
TEST(ExceptionForTest, CriticalTicketsComeUnderNone) {
  Ticket ticket = MakeTicket();
  ticket.severity = Severity::kCritical;
  EXPECT_FALSE(ComesUnder(ticket, [](auto& e) { e.users = {"*"}; }));
}

TEST(ExceptionForTest, TheFirstOfSeveralCounts) {
  const config::ExceptionConfig exceptions[] = {MakeException([](auto& e) {
                                                  e.name = "a";
                                                  e.users = {"nobody"};
                                                }),
                                                MakeException([](auto& e) {
                                                  e.name = "b";
                                                  e.users = {"*"};
                                                }),
                                                MakeException([](auto& e) {
                                                  e.name = "c";
                                                  e.users = {"*"};
                                                })};
  EXPECT_EQ(ExceptionFor(MakeTicket(), exceptions, kNow), "b");
  EXPECT_EQ(ExceptionFor(MakeTicket(), {}, kNow), "");
}

TEST(AudienceOfTest, SeverityTenantRollUpAndException) {
  config::SinkConfig sink;
  Ticket ticket = MakeTicket();
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kTold);
  sink.min_severity = Severity::kMedium;
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kNot);
  ticket.severity = Severity::kMedium;
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kTold);
  sink.tenants = {"AAAAAAAA-1111-4222-8333-CCCCCCCCCCCC"};
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kTold);
  sink.tenants = {"other"};
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kNot);
  sink.tenants = {};
  ticket.parent_ticket_id = "p";
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kTold);
  sink.roll_up = true;
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kRolledUp);
  sink.min_severity = Severity::kHigh;
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kNot) << "would not be told anyway";
  ticket.severity = Severity::kCritical;
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kTold);
  ticket.exception = "backup";
  EXPECT_EQ(AudienceOf(sink, ticket), Audience::kNot);
}

}  // namespace routing_test
}  // namespace signinwatch::routing
