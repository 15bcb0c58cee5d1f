// Exceptions in the configuration: what is read, and each mistake with its place.
#include "daemon/config/options_exceptions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "daemon/config/config.h"
#include "tests/daemon/config_texts.h"

namespace signinwatch {
namespace options_exceptions_test {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kRest = "until: 2027-03-01, why: backups, who: ana";

TEST(ExceptionsTest, AreRead) {
  const config::ConfigResult result = config::ParseConfig(R"(
exceptions:
  - name: backup
    users: [svc-*@contoso.com]
    apps: [Veeam]
    addresses: [203.0.113.0/24, "2001:db8::1"]
    devices: [d]
    tenants: [t]
    causes: [password_reset_by_admin, sessions_revoked]
    until: 2027-03-01
    why: it resets its passwords each night
    who: ana@contoso.com
  - {name: other, users: [u], until: "2027-03-01T08:00:00+01:00", why: w, who: w}
)",
                                                          "f");
  ASSERT_THAT(result.errors, IsEmpty());
  ASSERT_THAT(result.config->serve.exceptions, SizeIs(2));
  const config::ExceptionConfig& first = result.config->serve.exceptions[0];
  EXPECT_EQ(first.name, "backup");
  EXPECT_THAT(first.users, ElementsAre("svc-*@contoso.com"));
  EXPECT_THAT(first.apps, ElementsAre("Veeam"));
  EXPECT_THAT(first.addresses, ElementsAre("203.0.113.0/24", "2001:db8::1"));
  EXPECT_THAT(first.devices, ElementsAre("d"));
  EXPECT_THAT(first.tenants, ElementsAre("t"));
  EXPECT_THAT(first.causes, ElementsAre("password_reset_by_admin", "sessions_revoked"));
  EXPECT_EQ(FormatEventTime(first.until), "2027-03-01T00:00:00.000000Z");
  EXPECT_EQ(first.why, "it resets its passwords each night");
  EXPECT_EQ(first.who, "ana@contoso.com");
  EXPECT_EQ(FormatEventTime(result.config->serve.exceptions[1].until),
            "2027-03-01T07:00:00.000000Z");
}

TEST(ExceptionsTest, NoneIsFine) {
  EXPECT_THAT(ErrorsOf("exceptions: []"), IsEmpty());
  EXPECT_THAT(ErrorsOf("exceptions:"), IsEmpty());
}

// One that restricts nothing would silence everything.
TEST(ExceptionsTest, SayWhatTheyAreFor) {
  EXPECT_THAT(ErrorsOf(std::string("exceptions: [{name: a, ") + kRest + "}]"),
              ElementsAre(HasSubstr("f:1:14: exceptions[0] says nothing of its tickets")));
  EXPECT_THAT(ErrorsOf(std::string("exceptions: [{name: a, users: [], ") + kRest + "}]"),
              ElementsAre(HasSubstr("exceptions[0].users is an empty list")));
}

TEST(ExceptionsTest, SayWhoWhyAndUntilWhen) {
  EXPECT_THAT(
      ErrorsOf("exceptions: [{users: [u]}]"),
      ElementsAre(HasSubstr("exceptions[0] has no name"), HasSubstr("exceptions[0] has no until"),
                  HasSubstr("exceptions[0] has no why"), HasSubstr("exceptions[0] has no who")));
  EXPECT_THAT(ErrorsOf("exceptions: [{name: a, users: [u], until: soon, why: w, who: w}]"),
              ElementsAre(HasSubstr("exceptions[0].until is 'soon', allowed: a day")));
}

TEST(ExceptionsTest, HaveNamesOfTheirOwn) {
  EXPECT_THAT(ErrorsOf(std::string("exceptions: [{name: a, users: [u], ") + kRest +
                       "}, {name: a, users: [v], " + kRest + "}]"),
              ElementsAre(HasSubstr("exceptions[1].name is 'a', the name of exceptions[0] too")));
}

TEST(ExceptionsTest, AddressesAreAddresses) {
  EXPECT_THAT(
      ErrorsOf(std::string("exceptions: [{name: a, addresses: [10.0.0.0/8, office], ") + kRest +
               "}]"),
      ElementsAre(HasSubstr("exceptions[0].addresses[1] is 'office', allowed: an IP address")));
}

TEST(ExceptionsTest, CausesAreThoseThatThereAre) {
  EXPECT_THAT(ErrorsOf(std::string("exceptions: [{name: a, causes: [boredom], ") + kRest + "}]"),
              ElementsAre(HasSubstr("exceptions[0].causes[0] is 'boredom'")));
}

TEST(ExceptionsTest, AreNoMapping) {
  EXPECT_THAT(ErrorsOf("exceptions: {name: a}"),
              ElementsAre(HasSubstr("exceptions is a mapping, allowed: a list of up to 200")));
}

}  // namespace options_exceptions_test
}  // namespace signinwatch
