#include "metrics/open_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "tests/metrics/every_metric.h"

namespace signinwatch::metrics {
namespace open_metrics_test {

using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string Write(const MetricSpec& spec, std::vector<prometheus::ClientMetric> series) {
  const MetricFamily family{&spec, std::move(series)};
  return ToOpenMetrics({&family, 1});
}

TEST(OpenMetrics, WritesACounterWithoutTotalInTheNameOfItsFamily) {
  const MetricSpec spec{Metric::kBytes,
                        "received_bytes_total",
                        MetricType::kCounter,
                        "bytes",
                        {"topic"},
                        "Size of messages.",
                        {}};
  prometheus::ClientMetric metric;
  metric.label = {{"topic", "signins"}};
  metric.counter.value = 12345678;
  EXPECT_EQ(Write(spec, {metric}),
            "# TYPE received_bytes counter\n"
            "# UNIT received_bytes bytes\n"
            "# HELP received_bytes Size of messages.\n"
            "received_bytes_total{topic=\"signins\"} 12345678\n"
            "# EOF\n");
}

TEST(OpenMetrics, WritesAGauge) {
  const MetricSpec spec{Metric::kReady, "ready", MetricType::kGauge, "", {}, "Is it?", {}};
  for (const auto& [value, text] : std::initializer_list<std::pair<double, const char*>>{
           {0, "0"},
           {-0.5, "-0.5"},
           {1795671660.007, "1795671660.007"},
           {1e300, "1e+300"},
           {kInfinity, "+Inf"},
           {-kInfinity, "-Inf"},
           {std::numeric_limits<double>::quiet_NaN(), "NaN"}}) {
    prometheus::ClientMetric metric;
    metric.gauge.value = value;
    EXPECT_EQ(Write(spec, {metric}),
              std::string("# TYPE ready gauge\n# HELP ready Is it?\nready ") + text + "\n# EOF\n");
  }
}

TEST(OpenMetrics, WritesAHistogram) {
  const MetricSpec spec{Metric::kLateBy, "late_seconds", MetricType::kHistogram,
                        "seconds",       {"sink"},       "How late.",
                        {1, 2.5}};
  prometheus::ClientMetric metric;
  metric.label = {{"sink", "soc"}};
  metric.histogram.bucket = {{4, 1}, {6, 2.5}, {7, kInfinity}};
  metric.histogram.sample_count = 7;
  metric.histogram.sample_sum = 12.75;
  EXPECT_EQ(Write(spec, {metric}),
            "# TYPE late_seconds histogram\n"
            "# UNIT late_seconds seconds\n"
            "# HELP late_seconds How late.\n"
            "late_seconds_bucket{sink=\"soc\",le=\"1.0\"} 4\n"
            "late_seconds_bucket{sink=\"soc\",le=\"2.5\"} 6\n"
            "late_seconds_bucket{sink=\"soc\",le=\"+Inf\"} 7\n"
            "late_seconds_count{sink=\"soc\"} 7\n"
            "late_seconds_sum{sink=\"soc\"} 12.75\n"
            "# EOF\n");
}

// The examples of the specification, "Considerations: Canonical Numbers".
TEST(OpenMetrics, WritesBoundsAsCanonicalNumbers) {
  const MetricSpec spec{Metric::kLateBy, "h", MetricType::kHistogram, "", {}, "Help.", {1}};
  for (const auto& [bound, text] : std::initializer_list<std::pair<double, const char*>>{
           {0, "0.0"},        {0.001, "0.001"}, {0.002, "0.002"},   {0.01, "0.01"},
           {0.1, "0.1"},      {0.9, "0.9"},     {0.95, "0.95"},     {0.999, "0.999"},
           {1, "1.0"},        {1.7, "1.7"},     {10, "10.0"},       {1e-10, "1e-10"},
           {1e-9, "1e-09"},   {1e-5, "1e-05"},  {1e-4, "0.0001"},   {100000, "100000.0"},
           {1e6, "1e+06"},    {1e10, "1e+10"},  {0.0025, "0.0025"}, {604800, "604800.0"},
           {86400, "86400.0"}}) {
    prometheus::ClientMetric metric;
    metric.histogram.bucket = {{0, bound}};
    EXPECT_THAT(Write(spec, {metric}), HasSubstr(std::string("h_bucket{le=\"") + text + "\"} 0\n"));
  }
}

TEST(OpenMetrics, EscapesLabelsAndHelp) {
  const MetricSpec spec{Metric::kReady,   "ready", MetricType::kGauge, "", {"a", "b"},
                        "A \"b\"\\c\nd.", {}};
  prometheus::ClientMetric metric;
  metric.label = {{"a", "1\"2\\3\n4"}, {"b", "J\xc3\xbcrgen"}};
  EXPECT_EQ(Write(spec, {metric}),
            "# TYPE ready gauge\n"
            R"(# HELP ready A \"b\"\\c\nd.)"
            "\n"
            R"(ready{a="1\"2\\3\n4",b="J)"
            "\xc3\xbcrgen\"} 0\n"
            "# EOF\n");
}

TEST(OpenMetrics, OfNothingIsItsEnd) { EXPECT_EQ(ToOpenMetrics({}), "# EOF\n"); }

// The grammar of the specification ("ABNF"), line by line, and the order of families.
TEST(OpenMetrics, ConformsForEveryMetric) {
  Metrics metrics;
  SetEveryMetric(metrics);
  std::istringstream lines(metrics.Expose(Exposition::kOpenMetrics));
  const std::regex metadata("# (TYPE|UNIT|HELP) ([a-z_0-9]+) (.+)");
  const std::regex sample(
      R"re(([a-z_0-9]+)(\{[a-z]+="([^"\\\n]|\\["\\n])*"(,[a-z]+="([^"\\\n]|\\["\\n])*")*\})? [0-9.e+-]+)re");
  std::set<std::string> families;
  std::string family;
  std::string type;
  std::string last;
  size_t samples = 0;
  for (std::string line; std::getline(lines, line); last = line) {
    std::smatch match;
    if (line == "# EOF") continue;
    if (std::regex_match(line, match, metadata)) {
      if (match[1] == "TYPE") {
        family = match[2];
        type = match[3];
        EXPECT_TRUE(families.insert(family).second) << line;
      }
      EXPECT_EQ(match[2], family) << line;
      EXPECT_TRUE(match[1] != "UNIT" || family.ends_with("_" + match[3].str())) << line;
      continue;
    }
    ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
    ++samples;
    ASSERT_TRUE(match[1].str().starts_with(family)) << line;
    const std::string suffix = match[1].str().substr(family.size());
    const std::set<std::string> allowed = type == "counter" ? std::set<std::string>{"_total"}
                                          : type == "gauge"
                                              ? std::set<std::string>{""}
                                              : std::set<std::string>{"_bucket", "_count", "_sum"};
    EXPECT_TRUE(allowed.contains(suffix)) << line;
  }
  EXPECT_EQ(last, "# EOF");
  EXPECT_EQ(families.size(), kMetricCount);
  EXPECT_GT(samples, 2 * kMetricCount);
}

}  // namespace open_metrics_test
}  // namespace signinwatch::metrics
