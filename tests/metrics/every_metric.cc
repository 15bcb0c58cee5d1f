#include "tests/metrics/every_metric.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string_view>

namespace signinwatch::metrics {
namespace {

void SetOne(Metrics& metrics, const MetricSpec& spec,
            std::initializer_list<std::string_view> labels) {
  switch (spec.type) {
    case MetricType::kCounter:
      metrics.counter(spec.metric, labels).Add(3);
      break;
    case MetricType::kGauge:
      metrics.gauge(spec.metric, labels).Set(0.25);
      break;
    case MetricType::kHistogram:
      for (const double value : {0.0, 12.5, 1e9}) {
        metrics.histogram(spec.metric, labels).Observe(value);
      }
      break;
  }
}

}  // namespace

void SetEveryMetric(Metrics& metrics) {
  for (const MetricSpec& spec : MetricCatalogue()) {
    for (const std::string_view value : {"plain", "a \"b\"\\c\nd J\xc3\xbcrgen"}) {
      switch (spec.labels.size()) {
        case 0:
          SetOne(metrics, spec, {});
          break;
        case 1:
          SetOne(metrics, spec, {value});
          break;
        case 2:
          SetOne(metrics, spec, {value, "b"});
          break;
        case 4:
          SetOne(metrics, spec, {value, "b", "c", "d"});
          break;
        case 5:
          SetOne(metrics, spec, {value, "b", "c", "d", "e"});
          break;
        default:
          ADD_FAILURE() << spec.name << " has a number of labels that has no case here";
      }
    }
  }
}

}  // namespace signinwatch::metrics
