#include "daemon/cli/version.h"

// The values come from the build (daemon/cli/CMakeLists.txt): the libraries' own headers are not
// for this part to include.
namespace signinwatch {

std::string VersionText() {
  return "signinwatch " SIGNINWATCH_VERSION " (" SIGNINWATCH_COMMIT
         ")\n"
         "build: " SIGNINWATCH_BUILD
         "\n"
         "libraries: " SIGNINWATCH_LIBRARIES "\n";
}

}  // namespace signinwatch
