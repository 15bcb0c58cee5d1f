// Rules across the options of `serve`: what each option alone can not tell.
#ifndef SIGNINWATCH_DAEMON_CONFIG_SERVE_RULES_H_
#define SIGNINWATCH_DAEMON_CONFIG_SERVE_RULES_H_

#include <string>
#include <utility>
#include <vector>

#include "daemon/config/config.h"
#include "daemon/config/given_values.h"

namespace signinwatch::config {

// What breaks a rule, with the place of the value to change. An option whose own value is a mistake
// breaks none: it is reported already. No text repeats a value that may be a secret.
[[nodiscard]] std::vector<std::pair<Place, std::string>> BrokenRules(const Config& config,
                                                                     const GivenValues& given);

// Sets what follows from other options: `tls` where the log-in implies it, the `scope` of Event
// Hubs.
void DeriveOptions(Config* config);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_SERVE_RULES_H_
