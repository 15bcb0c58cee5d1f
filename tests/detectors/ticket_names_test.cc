#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iterator>
#include <string>
#include <vector>

#include "detectors/ticket.h"

namespace signinwatch {
namespace ticket_names_test {

using ::testing::ElementsAre;

template <typename Enum>
std::vector<std::string> Names(const char* (*name)(Enum), int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.emplace_back(name(static_cast<Enum>(i)));
  return names;
}

TEST(TicketNamesTest, AreThoseOfTheContract) {
  EXPECT_THAT(Names(TicketStateName, 3), ElementsAre("open", "resolved", "merged"));
  EXPECT_THAT(Names(SeverityName, 5), ElementsAre("info", "low", "medium", "high", "critical"));
  EXPECT_THAT(Names(CauseName, kCauseCount),
              ElementsAre("password_changed", "password_reset", "password_reset_by_admin",
                          "password_synced", "sync_delay", "sessions_revoked", "password_expired",
                          "incorrect_password", "home_tenant", "unexplained", "pending", "mixed"));
  EXPECT_THAT(
      Names(RevisionReasonName, 9),
      ElementsAre("opened", "reopened", "cause_changed", "findings_changed", "severity_changed",
                  "parent_changed", "count_doubled", "resolved", "merged"));
  EXPECT_EQ(ResolutionName(Resolution::kNone), nullptr);
  EXPECT_STREQ(ResolutionName(Resolution::kQuiet), "quiet");
  EXPECT_STREQ(ResolutionName(Resolution::kReauthenticated), "reauthenticated");
}

TEST(CauseSeverityTest, IsTheTableOfTheContract) {
  const struct {
    Cause cause;
    Severity severity;
  } kCases[] = {
      {Cause::kPasswordChanged, Severity::kLow},
      {Cause::kPasswordReset, Severity::kLow},
      {Cause::kPasswordResetByAdmin, Severity::kLow},
      {Cause::kPasswordSynced, Severity::kLow},
      {Cause::kSyncDelay, Severity::kMedium},
      {Cause::kSessionsRevoked, Severity::kMedium},
      {Cause::kPasswordExpired, Severity::kMedium},
      {Cause::kIncorrectPassword, Severity::kMedium},
      {Cause::kHomeTenant, Severity::kMedium},
      {Cause::kUnexplained, Severity::kHigh},
      {Cause::kPending, Severity::kInfo},
      {Cause::kMixed, Severity::kHigh},
  };
  EXPECT_EQ(std::size(kCases), static_cast<size_t>(kCauseCount));
  for (const auto& c : kCases) EXPECT_EQ(CauseSeverity(c.cause), c.severity) << CauseName(c.cause);
}

}  // namespace ticket_names_test
}  // namespace signinwatch
