#include "metrics/tenant_labels.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace signinwatch::metrics {
namespace tenant_labels_test {

TEST(TenantLabels, AreThoseOfTheFirstTenants) {
  TenantLabels labels(2);
  EXPECT_EQ(labels.LabelOf("contoso"), "contoso");
  EXPECT_EQ(labels.LabelOf("fabrikam"), "fabrikam");
  EXPECT_EQ(labels.LabelOf("contoso"), "contoso");
  EXPECT_EQ(labels.others(), 0);
  EXPECT_EQ(labels.LabelOf("tailspin"), "other");
  EXPECT_EQ(labels.LabelOf("contoso"), "contoso");
  EXPECT_EQ(labels.LabelOf("fabrikam"), "fabrikam");
}

TEST(TenantLabels, CountDistinctOthers) {
  TenantLabels labels(1);
  for (const char* tenant : {"a", "b", "c", "b", "c", "a", "d"}) (void)labels.LabelOf(tenant);
  EXPECT_EQ(labels.others(), 3);
}

TEST(TenantLabels, OfNoneAreAllOther) {
  TenantLabels labels(0);
  EXPECT_EQ(labels.LabelOf("contoso"), "other");
  EXPECT_EQ(labels.others(), 1);
}

TEST(TenantLabels, LiveOn) {
  TenantLabels labels(100);
  std::string tenant = "a tenant whose name is too long for a small string";
  const std::string_view label = labels.LabelOf(tenant);
  tenant.assign(tenant.size(), 'x');
  for (int i = 0; i < 1'000; ++i) (void)labels.LabelOf(std::to_string(i));
  EXPECT_EQ(label, "a tenant whose name is too long for a small string");
}

TEST(TenantLabels, HaveABoundWhateverComes) {
  TenantLabels labels(10);
  for (int i = 0; i < 150'000; ++i) (void)labels.LabelOf("tenant " + std::to_string(i));
  EXPECT_EQ(labels.others(), kOtherTenantsMax);
}

}  // namespace tenant_labels_test
}  // namespace signinwatch::metrics
