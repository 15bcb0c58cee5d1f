#include "detectors/tenant_shares.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace signinwatch {
namespace tenant_shares_test {

// What the header says, by looking at all.
TenantIndex HeaviestOf(const std::map<TenantIndex, uint64_t>& amounts) {
  TenantIndex heaviest = 0;
  uint64_t most = 0;
  for (const auto& [tenant, amount] : amounts) {
    if (amount > most) {
      heaviest = tenant;
      most = amount;
    }
  }
  return heaviest;
}

TEST(TenantSharesTest, IsWhatLookingAtAllSays) {
  std::mt19937 random(7);
  for (const uint32_t tenants : {1u, 2u, 5u, 100u}) {
    TenantShares shares;
    std::map<TenantIndex, uint64_t> plain;
    uint64_t total = 0;
    for (int step = 0; step < 20'000; ++step) {
      const TenantIndex tenant = random() % tenants;
      const uint64_t amount = random() % 4;
      if (random() % 2 == 0) {
        shares.Add(tenant, amount);
        plain[tenant] += amount;
        total += amount;
      } else if (plain[tenant] >= amount) {
        shares.Remove(tenant, amount);
        plain[tenant] -= amount;
        total -= amount;
      }
      ASSERT_EQ(shares.total(), total);
      ASSERT_EQ(shares.of(tenant), plain[tenant]);
      if (total > 0) {
        ASSERT_EQ(shares.heaviest(), HeaviestOf(plain)) << "after step " << step;
      }
    }
  }
}

TEST(TenantSharesTest, ATenantThatHoldsNothingCostsNothingToAskFor) {
  const TenantShares shares;
  EXPECT_EQ(shares.of(1'000'000), 0u);
  EXPECT_EQ(shares.total(), 0u);
}

}  // namespace tenant_shares_test
}  // namespace signinwatch
