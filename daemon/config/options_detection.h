// The sections of the option table that say what is read and detected, in `replay` as in `serve`.
#ifndef SIGNINWATCH_DAEMON_CONFIG_OPTIONS_DETECTION_H_
#define SIGNINWATCH_DAEMON_CONFIG_OPTIONS_DETECTION_H_

#include <vector>

#include "daemon/config/options.h"

namespace signinwatch::config {

// input, limits, time, detectors, correlation, tickets.
[[nodiscard]] std::vector<Section> DetectionSections();

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_OPTIONS_DETECTION_H_
