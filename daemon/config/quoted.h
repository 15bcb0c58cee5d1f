// A value of the file as an error text shows it.
#ifndef SIGNINWATCH_DAEMON_CONFIG_QUOTED_H_
#define SIGNINWATCH_DAEMON_CONFIG_QUOTED_H_

#include <string>
#include <string_view>

namespace signinwatch::config {

// In single quotes, control characters as blanks, cut between characters after 60 bytes.
[[nodiscard]] std::string Quoted(std::string_view text);

// Not empty, at most `bytes_max` long and without control characters.
[[nodiscard]] bool IsShownText(std::string_view text, size_t bytes_max);

}  // namespace signinwatch::config

#endif  // SIGNINWATCH_DAEMON_CONFIG_QUOTED_H_
