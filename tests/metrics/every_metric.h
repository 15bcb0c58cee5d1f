// Every metric of the catalogue with series of its own: what an exposition may ever hold.
#ifndef SIGNINWATCH_TESTS_METRICS_EVERY_METRIC_H_
#define SIGNINWATCH_TESTS_METRICS_EVERY_METRIC_H_

#include "metrics/metrics.h"

namespace signinwatch::metrics {

// Two series of each metric that has labels, with values that need escapes.
void SetEveryMetric(Metrics& metrics);

}  // namespace signinwatch::metrics

#endif  // SIGNINWATCH_TESTS_METRICS_EVERY_METRIC_H_
