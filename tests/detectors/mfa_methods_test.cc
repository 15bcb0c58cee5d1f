#include "detectors/mfa_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace signinwatch {
namespace mfa_methods_test {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr EventTime kWorkBegins{hours(24 * 365 * 56 + 9)};

TEST(MfaMethodsTest, KeepsTheTextOfEachKey) {
  MfaMethods methods(10);
  const SourceKey key = methods.Note("FIDO2 key", kWorkBegins);
  EXPECT_TRUE(IsMfaSource(key));
  EXPECT_EQ(methods.Note("FIDO2 key", kWorkBegins + hours(1)), key);
  EXPECT_NE(methods.Note("fido2 key", kWorkBegins), key) << "values are told as written";
  EXPECT_EQ(methods.Text(key), "FIDO2 key");
  EXPECT_EQ(methods.Note("", kWorkBegins), 0u);
  EXPECT_EQ(methods.Text(0), "");
  EXPECT_EQ(methods.bytes(), 2 * MfaMethods::kMethodBytes);
}

TEST(MfaMethodsTest, AtItsBoundFurtherOnesAreNotSeen) {
  MfaMethods methods(1);
  EXPECT_NE(methods.Note("one", kWorkBegins), 0u);
  EXPECT_EQ(methods.Note("two", kWorkBegins), 0u);
  EXPECT_EQ(methods.evicted(), 1u);
}

TEST(MfaMethodsTest, ForgetsWhatNobodyUsesAndSaysWhatChanged) {
  MfaMethods methods(10);
  EXPECT_THAT(methods.TakeJournal(), IsEmpty());
  const SourceKey key = methods.Note("one", kWorkBegins);
  EXPECT_THAT(methods.TakeJournal(), ElementsAre(key));
  (void)methods.Note("one", kWorkBegins + hours(1));
  EXPECT_THAT(methods.TakeJournal(), IsEmpty()) << "the same day";
  (void)methods.Note("one", kWorkBegins + hours(24));
  EXPECT_THAT(methods.TakeJournal(), ElementsAre(key));
  methods.ForgetBefore(DayOf(kWorkBegins) + 1);
  EXPECT_EQ(methods.Text(key), "one");
  methods.ForgetBefore(DayOf(kWorkBegins) + 2);
  EXPECT_EQ(methods.Find(key), nullptr);
  EXPECT_THAT(methods.TakeJournal(), ElementsAre(key));
}

}  // namespace mfa_methods_test
}  // namespace signinwatch
