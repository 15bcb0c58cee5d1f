#include "daemon/version/version.h"

// The values come from the build (daemon/version/CMakeLists.txt): the libraries' own headers are
// not for this part to include.
namespace signinwatch::version {

std::string VersionText() {
  return "signinwatch " SIGNINWATCH_VERSION " (" SIGNINWATCH_COMMIT
         ")\n"
         "build: " SIGNINWATCH_BUILD
         "\n"
         "libraries: " SIGNINWATCH_LIBRARIES "\n";
}

std::string VersionNumber() { return SIGNINWATCH_VERSION; }

std::string CompilerText() { return SIGNINWATCH_COMPILER; }

}  // namespace signinwatch::version
