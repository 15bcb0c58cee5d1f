#include "daemon/demo/metrics_excerpt.h"

#include <string>

#include "gtest/gtest.h"

namespace signinwatch::demo {
namespace metrics_excerpt_test {

TEST(MetricsExcerptTest, ShowsAFewSeriesOfAFewMetrics) {
  EXPECT_EQ(MetricsExcerpt("# HELP signinwatch_records_total Records.\n"
                           "# TYPE signinwatch_records_total counter\n"
                           "signinwatch_records_total{topic=\"t\",outcome=\"accepted\"} 7\n"
                           "signinwatch_records_total{topic=\"t\",outcome=\"irrelevant\"} 2\n"
                           "signinwatch_records_total{topic=\"t\",outcome=\"rejected\"} 1\n"
                           "process_cpu_seconds_total 1.5\n"
                           "signinwatch_tickets{state=\"open\"} 3\n"
                           "signinwatch_tickets_resolved_total{detector=\"d\"} 9\n"
                           "signinwatch_watermark_timestamp_seconds 1.7e9"),
            "signinwatch_records_total{topic=\"t\",outcome=\"accepted\"} 7\n"
            "signinwatch_records_total{topic=\"t\",outcome=\"irrelevant\"} 2\n"
            "signinwatch_tickets{state=\"open\"} 3\n"
            "signinwatch_watermark_timestamp_seconds 1.7e9");
  EXPECT_EQ(MetricsExcerpt(""), "");
  EXPECT_EQ(MetricsExcerpt("\n\n"), "");
}

}  // namespace metrics_excerpt_test
}  // namespace signinwatch::demo
