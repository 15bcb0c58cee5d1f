#include "daemon/sinks/rate_budget.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace signinwatch::sinks {
namespace rate_budget_test {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr clock::SteadyTime kStart{std::chrono::hours(1)};

TEST(RateBudget, AllowsSoManyInAnyMinute) {
  std::mt19937 random(1);
  RateBudget budget(10);
  std::vector<clock::SteadyTime> sent;
  clock::SteadyTime now = kStart;
  while (sent.size() < 500) {
    const milliseconds wait = budget.WaitFor(1, now);
    now += wait + milliseconds(random() % 8'000);
    if (budget.WaitFor(1, now).count() > 0) continue;
    budget.Take(now);
    sent.push_back(now);
    if (sent.size() > 10) {
      EXPECT_GT(now - sent[sent.size() - 11], seconds(60));
    }
  }
  // It is used: the whole of it within each minute or so.
  EXPECT_LT(now - kStart, seconds(500 / 10 * 75));
}

TEST(RateBudget, WaitsForSeveralAtOnce) {
  RateBudget budget(4);
  for (int i = 0; i < 3; ++i) budget.Take(kStart + seconds(i));
  const clock::SteadyTime now = kStart + seconds(10);
  EXPECT_EQ(budget.WaitFor(1, now), seconds(0));
  EXPECT_EQ(budget.WaitFor(2, now), seconds(51));
  EXPECT_EQ(budget.WaitFor(4, now), seconds(53));
  EXPECT_EQ(budget.WaitFor(40, now), seconds(53)) << "more than a minute's";
}

TEST(RateBudget, NoneIsNoLimit) {
  RateBudget budget(0);
  for (int i = 0; i < 100; ++i) budget.Take(kStart);
  EXPECT_EQ(budget.WaitFor(100, kStart), seconds(0));
}

}  // namespace rate_budget_test
}  // namespace signinwatch::sinks
