#include "daemon/http/instance_details.h"

#include <gtest/gtest.h>

namespace signinwatch::http {
namespace instance_details_test {

std::optional<uint64_t> LagOf(const std::string& details) {
  store::InstanceFacts facts;
  facts.details = details;
  return LagRecordsOf(facts);
}

TEST(InstanceDetailsTest, AreReadAsTheyWereWritten) {
  EXPECT_EQ(LagOf(InstanceDetails(0)), 0u);
  EXPECT_EQ(LagOf(InstanceDetails(12'345)), 12'345u);
}

TEST(InstanceDetailsTest, OfAnotherVersionSayNothing) {
  for (const char* details : {"", "{}", "[]", "{\"lag_records\":\"9\"}", "no JSON"}) {
    EXPECT_EQ(LagOf(details), std::nullopt) << details;
  }
}

}  // namespace instance_details_test
}  // namespace signinwatch::http
