#include "daemon/http/accept.h"

#include <gtest/gtest.h>

#include <string>

namespace signinwatch::http {
namespace accept_test {

TEST(Accept, OpenMetricsIfNamedAndNotLessThanText) {
  const struct {
    const char* accept;
    bool openmetrics;
  } cases[] = {
      {"", false},
      {"*/*", false},
      {"text/plain", false},
      {"application/openmetrics-text", true},
      {"application/openmetrics-text;version=1.0.0", true},
      {"APPLICATION/OpenMetrics-Text; Version=1.0.0", true},
      {"application/openmetrics-text;version=0.0.1", false},
      {"application/openmetrics-text;q=0", false},
      {"application/openmetrics-text;q=0.5,text/plain", false},
      {"application/openmetrics-text;q=0.5, text/plain;q=0.5", true},
      {"application/openmetrics-text;q=0.5, text/*;q=0.9, */*;q=0.1", false},
      {"application/openmetrics-text;q=0.5, text/plain;q=0.2, text/*;q=0.9", true},
      {"application/openmetrics-text;q=rubbish", false},
      {"application/openmetrics-text;q=9", true},
      {"application/openmetrics-textual", false},
      // Prometheus 2.42.
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
       "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       true},
      // Prometheus 3, told to prefer plain text.
      {"text/plain;version=0.0.4;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1",
       false},
      {",;,;=,q=", false},
  };
  for (const auto& c : cases) EXPECT_EQ(PrefersOpenMetrics(c.accept), c.openmetrics) << c.accept;
}

TEST(Accept, JsonIfNamedAndNotLessThanText) {
  EXPECT_TRUE(PrefersJson("application/json"));
  EXPECT_TRUE(PrefersJson("application/json, */*"));
  EXPECT_FALSE(PrefersJson("application/json;q=0.5, text/plain"));
  EXPECT_FALSE(PrefersJson("application/json;q=0"));
  EXPECT_FALSE(PrefersJson("text/html,application/xhtml+xml,*/*;q=0.8"));
  EXPECT_FALSE(PrefersJson(""));
}

TEST(Accept, Gzip) {
  EXPECT_TRUE(AcceptsGzip("gzip, deflate, br"));
  EXPECT_TRUE(AcceptsGzip("br;q=1.0, GZIP;q=0.001"));
  EXPECT_TRUE(AcceptsGzip("*"));
  EXPECT_FALSE(AcceptsGzip("gzip;q=0, *"));
  EXPECT_FALSE(AcceptsGzip("br"));
  EXPECT_FALSE(AcceptsGzip(""));
}

TEST(Accept, LongListsAreCut) {
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "a/b,";
  EXPECT_FALSE(PrefersJson(many + "application/json"));
}

}  // namespace accept_test
}  // namespace signinwatch::http
