// The sections of the option table that only `serve` uses.
#ifndef SIGNINWATCH_DAEMON_CONFIG_OPTIONS_SERVE_H_
#define SIGNINWATCH_DAEMON_CONFIG_OPTIONS_SERVE_H_

#include <vector>

#include "daemon/config/options.h"

namespace signinwatch::config {

// kafka, pipeline, store, sinks, dead_letters, http, metrics, log.
[[nodiscard]] std::vector<Section> ServeSections();

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_OPTIONS_SERVE_H_
