// Opens the store that the configuration names. The only place that knows which kinds there are.
#ifndef SIGNINWATCH_DAEMON_STORE_OPEN_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_OPEN_STORE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/config/serve_config.h"
#include "daemon/store/store.h"

namespace signinwatch::store {

struct StoreOptions {
  std::string path = {};  // of SQLite's file; its write-ahead log and its lock stand beside it
  std::string url = {};   // of PostgreSQL, which is then meant
  config::SecretRef password = {};
  StoreLimits limits = {};
  bool read_only = false;               // for `signinwatch tickets`: beside a running daemon
  const clock::Clock* clock = nullptr;  // for PostgreSQL's deadlines; outlives the store
};
// By the configuration; limits are given later.
[[nodiscard]] StoreOptions StoreOptionsOf(const config::StoreConfig& config,
                                          const clock::Clock& clock);

[[nodiscard]] absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreOptions& options);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_OPEN_STORE_H_
