// Sinks of type `stdout`: a row of sink_types.cc.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SINKS_STDOUT_H_
#define SIGNINWATCH_DAEMON_CONFIG_SINKS_STDOUT_H_

#include "daemon/config/sink_types.h"

namespace signinwatch::config {

[[nodiscard]] inline SinkType StdoutSinkType() {
  return {.name = "stdout",
          .what = "JSON lines on standard output",
          .doctor_says = "is standard output"};
}

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SINKS_STDOUT_H_
