#include "detectors/failure_profiles.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch {
namespace failure_profiles_test {

class FailureProfilesTest : public testing::Test {
 protected:
  FailureProfile Of(std::string_view client, SignInRisk risk = SignInRisk::kNone) {
    FailureProfile profile;
    profile.client = pool_.Intern(client);
    profile.risk = risk;
    return profile;
  }
  TextPool pool_;
  FailureProfiles profiles_{4};
};

TEST_F(FailureProfilesTest, KeepsEachOnce) {
  EXPECT_EQ(profiles_.Intern({}), 0u) << "of which nothing is known";
  const ProfileId browser = profiles_.Intern(Of("Browser"));
  EXPECT_NE(browser, 0u);
  EXPECT_EQ(profiles_.Intern(Of("Browser")), browser);
  EXPECT_EQ(profiles_.Intern(Of("Browser"), browser), browser);
  FailureProfile failing = Of("Browser");
  failing.failing_policies = {pool_.Intern("Require MFA")};
  const ProfileId other = profiles_.Intern(failing, browser);
  EXPECT_NE(other, browser);
  EXPECT_EQ(profiles_.Get(other).failing_policies, failing.failing_policies);
  EXPECT_NE(profiles_.Intern(Of("Browser", SignInRisk::kHigh)), browser);
}

TEST_F(FailureProfilesTest, AtItsBoundNothingIsKnownOfNewOnes) {
  for (int i = 0; i < 3; ++i) EXPECT_NE(profiles_.Intern(Of("client" + std::to_string(i))), 0u);
  EXPECT_EQ(profiles_.Intern(Of("one too many")), 0u);
  EXPECT_EQ(profiles_.evicted(), 1u);
  EXPECT_NE(profiles_.Intern(Of("client1")), 0u) << "what is there stays";
}

TEST_F(FailureProfilesTest, SweepingForgetsWhatNobodyMarks) {
  const ProfileId kept = profiles_.Intern(Of("kept"));
  const ProfileId gone = profiles_.Intern(Of("gone"));
  pool_.BeginSweep();
  profiles_.BeginSweep();
  profiles_.Mark(kept);
  profiles_.EndSweep(&pool_);
  pool_.EndSweep();
  EXPECT_EQ(profiles_.size(), 2u) << "with the one of which nothing is known";
  EXPECT_EQ(pool_.Get(profiles_.Get(kept).client), "kept");
  EXPECT_EQ(profiles_.Intern(Of("kept")), kept);
  EXPECT_EQ(profiles_.Intern(Of("new")), gone) << "its number is free";
}

TEST_F(FailureProfilesTest, BytesAreAsTheHeaderSays) {
  FailureProfiles profiles(100'000);
  const size_t empty = profiles.bytes();
  constexpr size_t kProfiles = 1 << 14;
  for (size_t i = 0; i < kProfiles; ++i) {
    FailureProfile profile = Of("Browser");
    profile.token_type = static_cast<TextId>(i + 1);
    profile.failing_policies = {1, 2};
    (void)profiles.Intern(profile);
  }
  const double bytes = static_cast<double>(profiles.bytes() - empty) / kProfiles;
  constexpr double kSaid = 48 + 2 * (14 + 2 * 4) + 40;
  EXPECT_GT(bytes, kSaid - 1);
  EXPECT_LT(bytes, kSaid + 49) << "the entries may have room for twice as many";
}

}  // namespace failure_profiles_test
}  // namespace signinwatch
