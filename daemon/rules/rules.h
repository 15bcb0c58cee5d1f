// The alerting rules for Prometheus, each with links to its section of the runbook and to its
// tickets in the console.
#ifndef SIGNINWATCH_DAEMON_RULES_RULES_H_
#define SIGNINWATCH_DAEMON_RULES_RULES_H_

#include <string>
#include <string_view>

namespace signinwatch::rules {

// The rule file of this version, its links behind `external_url` (http.external_url: not empty, no
// slash at its end).
[[nodiscard]] std::string AlertingRules(std::string_view external_url);

}  // namespace signinwatch::rules

#endif  // SIGNINWATCH_DAEMON_RULES_RULES_H_
