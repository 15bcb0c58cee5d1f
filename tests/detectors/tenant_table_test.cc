#include "detectors/tenant_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace signinwatch {
namespace tenant_table_test {

using testing::ElementsAre;

TenantId Id(int n) { return MakeId<TenantId>("tenant" + std::to_string(n)); }

TEST(TenantTableTest, KnowsTenantsByNumber) {
  TenantTable table(2);
  EXPECT_EQ(table.Find(Id(1)), std::nullopt);
  const TenantIndex one = table.Add(Id(1));
  EXPECT_FALSE(table.full());
  const TenantIndex two = table.Add(Id(2));
  EXPECT_TRUE(table.full());
  EXPECT_NE(one, two);
  EXPECT_EQ(table.Find(Id(1)), one);
  EXPECT_EQ(table.Find(Id(2)), two);
  EXPECT_EQ(table.id(two), Id(2));
  table.text(two) = "contoso";
  EXPECT_EQ(table.text(two), "contoso");
}

TEST(TenantTableTest, ANumberIsGivenAgainAndMeansTheNewTenantAlone) {
  TenantTable table(10);
  const TenantIndex one = table.Add(Id(1));
  table.text(one) = "one";
  EXPECT_EQ(table.Find(Id(1)), one);
  table.Release(one);
  EXPECT_FALSE(table.Holds(one));
  EXPECT_EQ(table.Find(Id(1)), std::nullopt) << "though it was asked for last";
  EXPECT_EQ(table.Add(Id(2)), one);
  EXPECT_EQ(table.text(one), "");
  EXPECT_EQ(table.NextInOrder(), one) << "once: the one of before has no place in the order";
  EXPECT_EQ(table.NextInOrder(), std::nullopt);
}

TEST(TenantTableTest, TheOrderIsThatOfComing) {
  TenantTable table(10);
  const TenantIndex one = table.Add(Id(1));
  const TenantIndex two = table.Add(Id(2));
  EXPECT_EQ(table.NextInOrder(), one);
  table.PutBack(one);
  EXPECT_EQ(table.NextInOrder(), two);
  EXPECT_EQ(table.NextInOrder(), one);
}

TEST(TenantTableTest, TheOrderIsNoLongerThanThereAreTenants) {
  TenantTable table(10);
  for (int i = 0; i < 10'000; ++i) table.Release(table.Add(Id(i)));
  const TenantIndex last = table.Add(Id(-1));
  EXPECT_EQ(table.NextInOrder(), last);
  EXPECT_EQ(table.NextInOrder(), std::nullopt);
  EXPECT_EQ(table.size(), 1u);
}

TEST(TenantTableTest, ReleasesThoseOfWhichNothingIsLeft) {
  TenantTable table(10);
  const TenantIndex idle = table.Add(Id(1));
  const TenantIndex in_use = table.Add(Id(2));
  const TenantIndex unsaid = table.Add(Id(3));
  for (const TenantIndex index : {idle, in_use, idle}) table.MayBeIdle(index);
  std::vector<TenantIndex> released;
  const auto release = [&] {
    table.ReleaseIdle([&](TenantIndex index) { return index != in_use; },
                      [&](TenantIndex index) { released.push_back(index); });
  };
  release();
  EXPECT_THAT(released, ElementsAre(idle));
  release();
  EXPECT_THAT(released, ElementsAre(idle)) << "what was said is said once";
  std::vector<TenantIndex> held;
  table.ForEach([&](TenantIndex index) { held.push_back(index); });
  EXPECT_THAT(held, ElementsAre(in_use, unsaid));
}

}  // namespace tenant_table_test
}  // namespace signinwatch
