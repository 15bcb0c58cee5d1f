// The OpenMetrics 1.0 text format, which prometheus-cpp does not write.
// https://prometheus.io/docs/specs/om/open_metrics_spec/
#ifndef SIGNINWATCH_METRICS_OPEN_METRICS_H_
#define SIGNINWATCH_METRICS_OPEN_METRICS_H_

#include <prometheus/client_metric.h>

#include <span>
#include <string>
#include <vector>

#include "metrics/catalogue.h"

namespace signinwatch::metrics {

// A metric and its series at one moment.
struct MetricFamily {
  const MetricSpec* spec = nullptr;
  std::vector<prometheus::ClientMetric> series;
};

[[nodiscard]] std::string ToOpenMetrics(std::span<const MetricFamily> families);

}  // namespace signinwatch::metrics

#endif  // SIGNINWATCH_METRICS_OPEN_METRICS_H_
