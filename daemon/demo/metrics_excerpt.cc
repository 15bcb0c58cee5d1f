#include "daemon/demo/metrics_excerpt.h"

#include <algorithm>
#include <array>
#include <map>

#include "metrics/catalogue.h"

namespace signinwatch {
namespace {

constexpr std::array kShown = {Metric::kRecords,      Metric::kSignIns,    Metric::kWatchedFailures,
                               Metric::kBurstsOpened, Metric::kTickets,    Metric::kWatermark,
                               Metric::kPartitionLag, Metric::kDeliveries, Metric::kStateBytes};
constexpr int kSeriesOfEach = 2;

bool IsShown(std::string_view name) {
  return std::any_of(kShown.begin(), kShown.end(),
                     [name](Metric metric) { return SpecOf(metric).name == name; });
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

}  // namespace signinwatch
