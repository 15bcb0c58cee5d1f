#include "detectors/mfa_methods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace signinwatch {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr EventTime kMorning{hours(24 * 365 * 56 + 9)};

TEST(MfaMethodsTest, KeepsTheTextOfEachKey) {
  MfaMethods methods(10);
  const SourceKey key = methods.Note("FIDO2 key", kMorning);
  EXPECT_TRUE(IsMfaSource(key));
  EXPECT_EQ(methods.Note("FIDO2 key", kMorning + hours(1)), key);
  EXPECT_NE(methods.Note("fido2 key", kMorning), key) << "values are told as written";
  EXPECT_EQ(methods.Text(key), "FIDO2 key");
  EXPECT_EQ(methods.Note("", kMorning), 0u);
  EXPECT_EQ(methods.Text(0), "");
  EXPECT_EQ(methods.bytes(), 2 * MfaMethods::kMethodBytes);
}

TEST(MfaMethodsTest, AtItsBoundFurtherOnesAreNotSeen) {
  MfaMethods methods(1);
  EXPECT_NE(methods.Note("one", kMorning), 0u);
  EXPECT_EQ(methods.Note("two", kMorning), 0u);
  EXPECT_EQ(methods.evicted(), 1u);
}

TEST(MfaMethodsTest, ForgetsWhatNobodyUsesAndSaysWhatChanged) {
  MfaMethods methods(10);
  EXPECT_THAT(methods.TakeJournal(), IsEmpty());
  const SourceKey key = methods.Note("one", kMorning);
  EXPECT_THAT(methods.TakeJournal(), ElementsAre(key));
  (void)methods.Note("one", kMorning + hours(1));
  EXPECT_THAT(methods.TakeJournal(), IsEmpty()) << "the same day";
  (void)methods.Note("one", kMorning + hours(24));
  EXPECT_THAT(methods.TakeJournal(), ElementsAre(key));
  methods.ForgetBefore(DayOf(kMorning) + 1);
  EXPECT_EQ(methods.Text(key), "one");
  methods.ForgetBefore(DayOf(kMorning) + 2);
  EXPECT_EQ(methods.Find(key), nullptr);
  EXPECT_THAT(methods.TakeJournal(), ElementsAre(key));
}

}  // namespace
}  // namespace signinwatch
