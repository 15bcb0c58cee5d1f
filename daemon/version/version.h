// What this build is.
#ifndef SIGNINWATCH_DAEMON_VERSION_VERSION_H_
#define SIGNINWATCH_DAEMON_VERSION_VERSION_H_

#include <string>

namespace signinwatch::version {

// Three lines: version and commit, compiler and kind of build, versions of the libraries.
[[nodiscard]] std::string VersionText();

[[nodiscard]] std::string VersionNumber();  // "0.1.0"
[[nodiscard]] std::string CompilerText();   // "GNU 12.2.0"

}  // namespace signinwatch::version

#endif  // SIGNINWATCH_DAEMON_VERSION_VERSION_H_
