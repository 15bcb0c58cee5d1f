#include "daemon/store/open_store.h"

#include "daemon/store/sqlite/sqlite_store.h"

namespace signinwatch {

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreOptions& options) {
  return SqliteStore::Open(options.path, options.limits, options.read_only);
}

}  // namespace signinwatch
