// What `role` has to do with the other options (SPEC 14). All instances may have one file that
// differs in `role` alone: what an instance of that role does not do is dropped from its
// configuration.
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
// Of a configuration in which nothing is broken.
void KeepForRole(ServeConfig* serve);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_ROLE_RULES_H_
