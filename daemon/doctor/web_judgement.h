// Of the HTTP server: who could read from it, and whether its web configuration would be taken.
#ifndef SIGNINWATCH_DAEMON_DOCTOR_WEB_JUDGEMENT_H_
#define SIGNINWATCH_DAEMON_DOCTOR_WEB_JUDGEMENT_H_

#include <vector>

#include "daemon/config/serve_config.h"
#include "daemon/doctor/finding.h"

namespace signinwatch::doctor {

// Reads the web configuration file and all that it names, as `serve` does.
[[nodiscard]] std::vector<Finding> JudgeWeb(const config::HttpConfig& http);

}  // namespace signinwatch::doctor

#endif  // SIGNINWATCH_DAEMON_DOCTOR_WEB_JUDGEMENT_H_
