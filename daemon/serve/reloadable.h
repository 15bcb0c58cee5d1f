// What a reload can change, and reading the file for it.
#ifndef SIGNINWATCH_DAEMON_SERVE_RELOADABLE_H_
#define SIGNINWATCH_DAEMON_SERVE_RELOADABLE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/config/config.h"

namespace signinwatch::serve {

// The configuration of a daemon. kInvalidArgument: all mistakes, one a line.
[[nodiscard]] absl::StatusOr<config::Config> LoadServeConfig(const std::string& path);

// All that the configuration says, with what stands in the files and variables that it names: two
// are equal just if a reload from one to the other has nothing to do. It may hold secrets. (Without
// federated tokens, which are another every hour and are read whenever one is needed.)
[[nodiscard]] std::string ConfigFingerprint(const config::Config& config);

// kFailedPrecondition: names the keys that differ and that only a restart can change: where the
// store is and where HTTP is served, which go on through a reload.
[[nodiscard]] absl::Status CheckReloadable(const config::Config& now, const config::Config& next);

}  // namespace signinwatch::serve

#endif  // SIGNINWATCH_DAEMON_SERVE_RELOADABLE_H_
