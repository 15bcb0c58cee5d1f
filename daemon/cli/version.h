// What this build is.
#ifndef SIGNINWATCH_DAEMON_CLI_VERSION_H_
#define SIGNINWATCH_DAEMON_CLI_VERSION_H_

#include <string>

namespace signinwatch {

// Three lines: version and commit, compiler and kind of build, versions of the libraries.
[[nodiscard]] std::string VersionText();

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_CLI_VERSION_H_
