// A daemon's status in which every field says something.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_SAMPLE_STATUS_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_SAMPLE_STATUS_H_

#include "daemon/pipeline/status.h"

namespace signinwatch {

// Ready and well: two partitions, four stages, two sinks, a day of failures of three codes.
[[nodiscard]] ServeStatus SampleStatus();
// The same with everything wrong that the page knows of.
[[nodiscard]] ServeStatus TroubledStatus();

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_SAMPLE_STATUS_H_
