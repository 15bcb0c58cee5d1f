// The options of an entry of `exceptions`, a part of the table in options.h, and the rules across
// them.
#ifndef SIGNINWATCH_DAEMON_CONFIG_OPTIONS_EXCEPTIONS_H_
#define SIGNINWATCH_DAEMON_CONFIG_OPTIONS_EXCEPTIONS_H_

#include <string>
#include <utility>
#include <vector>

#include "daemon/config/given_values.h"
#include "daemon/config/options.h"

namespace signinwatch::config {

[[nodiscard]] Section ExceptionsSection();

// What is wrong beyond single values, each with the place of what is to be changed.
[[nodiscard]] std::vector<std::pair<Place, std::string>> BrokenExceptions(
    const std::vector<ExceptionConfig>& exceptions, const GivenValues& given);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_OPTIONS_EXCEPTIONS_H_
