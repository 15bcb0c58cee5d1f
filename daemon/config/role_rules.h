// Rules between `role` and the other options (SPEC 14): what a role has no use for is not taken in
// silence.
#ifndef SIGNINWATCH_DAEMON_CONFIG_ROLE_RULES_H_
#define SIGNINWATCH_DAEMON_CONFIG_ROLE_RULES_H_

#include <string>
#include <utility>
#include <vector>

#include "daemon/config/given_values.h"
#include "daemon/config/serve_config.h"

namespace signinwatch::config {

[[nodiscard]] std::vector<std::pair<Place, std::string>> BrokenRoles(const ServeConfig& serve,
                                                                     const GivenValues& given);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_ROLE_RULES_H_
