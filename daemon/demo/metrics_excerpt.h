// A few lines of /metrics: enough to see what it is like.
#ifndef SIGNINWATCH_DAEMON_DEMO_METRICS_EXCERPT_H_
#define SIGNINWATCH_DAEMON_DEMO_METRICS_EXCERPT_H_

#include <string>
#include <string_view>

namespace signinwatch::demo {

// Of some metrics that tell how a daemon is, up to two series each, in the order of the exposition
// and as they are written there.
[[nodiscard]] std::string MetricsExcerpt(std::string_view exposition);

}  // namespace signinwatch::demo

#endif  // SIGNINWATCH_DAEMON_DEMO_METRICS_EXCERPT_H_
