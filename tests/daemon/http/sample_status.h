// A daemon's status in which every field says something.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_SAMPLE_STATUS_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_SAMPLE_STATUS_H_

#include "daemon/pipeline/status.h"

namespace signinwatch::http {

// Ready and well: two partitions, four stages, two sinks, a day of failures of three codes.
[[nodiscard]] pipeline::ServeStatus SampleStatus();
// The same with everything wrong that the page knows of.
[[nodiscard]] pipeline::ServeStatus TroubledStatus();

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_SAMPLE_STATUS_H_
