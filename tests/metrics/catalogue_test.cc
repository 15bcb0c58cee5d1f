#include "metrics/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <regex>
#include <set>
#include <string>
#include <string_view>

namespace signinwatch::metrics {
namespace catalogue_test {

using testing::IsSubsetOf;

bool EndsInUnit(std::string_view name, std::string_view unit) {
  return name.ends_with("_" + std::string(unit));
}

TEST(MetricCatalogue, IsInTheOrderOfTheEnum) {
  ASSERT_EQ(MetricCatalogue().size(), kMetricCount);
  for (size_t i = 0; i < kMetricCount; ++i) {
    EXPECT_EQ(static_cast<size_t>(MetricCatalogue()[i].metric), i) << MetricCatalogue()[i].name;
  }
  EXPECT_EQ(SpecOf(Metric::kRecords).name, "signinwatch_records_total");
  EXPECT_EQ(SpecOf(Metric::kProcessThreads).name, "process_threads");
}

TEST(MetricCatalogue, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const MetricSpec& spec : MetricCatalogue()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
  }
}

// https://prometheus.io/docs/practices/naming/
TEST(MetricCatalogue, NamesFollowTheRules) {
  const std::regex name("(signinwatch|process)(_[a-z0-9]+)+");
  for (const MetricSpec& spec : MetricCatalogue()) {
    const std::string text(spec.name);
    EXPECT_TRUE(std::regex_match(text, name)) << text;
    EXPECT_EQ(spec.metric >= Metric::kProcessCpu, text.starts_with("process_")) << text;
    EXPECT_EQ(spec.type == MetricType::kCounter, text.ends_with("_total")) << text;
    for (const char* const reserved : {"_count", "_sum", "_bucket", "_created", "_gauge"}) {
      EXPECT_FALSE(text.ends_with(reserved)) << text;
    }
  }
}

TEST(MetricCatalogue, UnitsAreBaseUnitsAndEndTheName) {
  const std::set<std::string_view> units{"seconds", "bytes", "ratio",
                                         "events",  "users", "messages"};
  for (const MetricSpec& spec : MetricCatalogue()) {
    std::string_view name = spec.name;
    if (spec.type == MetricType::kCounter) name.remove_suffix(std::string_view("_total").size());
    if (!spec.unit.empty()) {
      EXPECT_TRUE(units.contains(spec.unit)) << spec.name;
      EXPECT_TRUE(EndsInUnit(name, spec.unit)) << spec.name;
    }
    for (const std::string_view unit : {"seconds", "bytes", "ratio"}) {
      EXPECT_EQ(EndsInUnit(name, unit), spec.unit == unit) << spec.name;
    }
  }
}

// No label by which a user could be told: neither a user's id or name, nor what a user has, such as
// an address or a device.
TEST(MetricCatalogue, LabelsAreKnownToHoldNoUser) {
  const std::set<std::string_view> known{
      "broker",  "category", "cause",  "code",       "compiler",  "detector", "exception",
      "finding", "kind",     "level",  "metric",     "operation", "outcome",  "partition",
      "policy",  "question", "reason", "resolution", "result",    "scope",    "severity",
      "sink",    "stage",    "state",  "tenant",     "topic",     "version"};
  for (const MetricSpec& spec : MetricCatalogue()) {
    EXPECT_THAT(spec.labels, IsSubsetOf(known)) << spec.name;
    const std::set<std::string_view> distinct(spec.labels.begin(), spec.labels.end());
    EXPECT_EQ(distinct.size(), spec.labels.size()) << spec.name;
  }
}

// prometheus-cpp writes help as it is: it must need no escapes.
TEST(MetricCatalogue, HelpIsASentence) {
  for (const MetricSpec& spec : MetricCatalogue()) {
    ASSERT_GT(spec.help.size(), 20) << spec.name;
    EXPECT_TRUE(std::isupper(static_cast<unsigned char>(spec.help.front())) != 0 ||
                std::isdigit(static_cast<unsigned char>(spec.help.front())) != 0)
        << spec.name;
    EXPECT_TRUE(spec.help.ends_with('.')) << spec.name;
    EXPECT_EQ(spec.help.find_first_of("\\\n\"|"), std::string_view::npos) << spec.name;
  }
}

TEST(MetricCatalogue, HistogramsAloneHaveBucketsAndTheyGrow) {
  for (const MetricSpec& spec : MetricCatalogue()) {
    EXPECT_EQ(spec.type == MetricType::kHistogram, !spec.buckets.empty()) << spec.name;
    EXPECT_LE(spec.buckets.size(), 20) << spec.name;
    EXPECT_TRUE(std::is_sorted(spec.buckets.begin(), spec.buckets.end(), std::less_equal<>()))
        << spec.name;
  }
}

}  // namespace catalogue_test
}  // namespace signinwatch::metrics
