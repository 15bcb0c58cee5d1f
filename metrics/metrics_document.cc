#include <charconv>
#include <string>
#include <string_view>

#include "metrics/catalogue.h"

namespace signinwatch::metrics {
namespace {

constexpr std::string_view kIntroduction = R"(# Metrics

`signinwatch serve` shows them at `/metrics`: as Prometheus text, or as OpenMetrics 1.0 to whoever
asks for it, as Prometheus does. OpenMetrics writes a bucket's whole bound as `le="1.0"`, text as
`le="1"`: rules should not name one.

- No user is in any label, ever. Tenants are, up to `metrics.max_tenants`; the rest is `other`.
- A metric has at most 2,000 series. What comes beyond counts in the one whose labels are all
  `other`, and in `signinwatch_metric_series_capped_total`.
- Records add up at every scrape: the sum of `signinwatch_records_total` over `outcome` is all that
  was read; what was `rejected` is the sum of `signinwatch_records_rejected_total`, what was
  `irrelevant` that of `signinwatch_records_irrelevant_total`.
- Counters start at 0 with the process. A gauge that is not there is not known yet.
- A delay below 0 counts as 0: clocks differ.

This page is written by `signinwatch metrics-reference` from the table that the program uses.
)";

// Each goes on to the next.
constexpr struct {
  Metric first;
  std::string_view title;
} kSections[] = {
    {Metric::kRecords, "Input"},
    {Metric::kLateBy, "Delays"},
    {Metric::kFailingUsers, "Detection"},
    {Metric::kWatermark, "Time and partitions"},
    {Metric::kTopicPartitions, "Several instances"},
    {Metric::kStageBusy, "Stages"},
    {Metric::kBrokerUp, "Kafka"},
    {Metric::kCommits, "Store"},
    {Metric::kTrackedKeys, "State"},
    {Metric::kDeliveries, "Delivery"},
    {Metric::kBuildInfo, "The program"},
    {Metric::kProcessCpu, "The process"},
};

std::string LabelList(const MetricSpec& spec) {
  std::string list;
  for (const std::string_view label : spec.labels) {
    if (!list.empty()) list += ", ";
    list.append("`").append(label) += '`';
  }
  return list;
}

std::string BucketList(const MetricSpec& spec) {
  std::string list;
  for (const double bound : spec.buckets) {
    list += list.empty() ? " Buckets: " : ", ";
    char digits[32];
    list.append(
        digits,
        std::to_chars(digits, digits + sizeof(digits), bound, std::chars_format::fixed).ptr);
  }
  return list.empty() ? list : list + ".";
}

}  // namespace

std::string MetricsDocument() {
  std::string document(kIntroduction);
  const auto* section = std::begin(kSections);
  for (const MetricSpec& spec : MetricCatalogue()) {
    if (section != std::end(kSections) && spec.metric == section->first) {
      document.append("\n## ").append(section->title);
      document += "\n\n| metric | type | labels | what it says |\n|---|---|---|---|\n";
      ++section;
    }
    document.append("| `").append(spec.name).append("` | ").append(MetricTypeName(spec.type));
    document.append(" | ").append(LabelList(spec)).append(" | ").append(spec.help);
    document.append(BucketList(spec)).append(" |\n");
  }
  return document;
}

}  // namespace signinwatch::metrics
