#include "daemon/demo/metrics_excerpt.h"

#include <algorithm>
#include <array>
#include <map>

#include "metrics/catalogue.h"

namespace signinwatch::demo {
namespace {

constexpr std::array kShown = {
    metrics::Metric::kRecords,      metrics::Metric::kSignIns,    metrics::Metric::kWatchedFailures,
    metrics::Metric::kBurstsOpened, metrics::Metric::kTickets,    metrics::Metric::kWatermark,
    metrics::Metric::kPartitionLag, metrics::Metric::kDeliveries, metrics::Metric::kStateBytes};
constexpr int kSeriesOfEach = 2;

bool IsShown(std::string_view name) {
  return std::any_of(kShown.begin(), kShown.end(), [name](metrics::Metric metric) {
    return metrics::SpecOf(metric).name == name;
  });
}

}  // namespace

std::string MetricsExcerpt(std::string_view exposition) {
  std::string excerpt;
  std::map<std::string_view, int> series;  // shown so far, by metric
  while (!exposition.empty()) {
    const size_t end = std::min(exposition.find('\n'), exposition.size() - 1) + 1;
    const std::string_view line = exposition.substr(0, end);
    exposition.remove_prefix(end);
    const std::string_view name = line.substr(0, line.find_first_of("{ \n"));
    if (IsShown(name) && series[name]++ < kSeriesOfEach) excerpt += line;
  }
  return excerpt;
}

}  // namespace signinwatch::demo
