// Opens the store that the configuration names. The only place that knows which kinds there are.
#ifndef SIGNINWATCH_DAEMON_STORE_OPEN_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_OPEN_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/store/store.h"

namespace signinwatch {

struct StoreOptions {
  std::string path;  // of SQLite's file; its write-ahead log and its lock stand beside it
  StoreLimits limits = {};
  bool read_only = false;  // for `signinwatch tickets`: beside a running daemon, without its lock
};

[[nodiscard]] absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreOptions& options);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_STORE_OPEN_STORE_H_
