// The store's file before SQLite sees it.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_FILE_ACCESS_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_FILE_ACCESS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace signinwatch::store {

// errno of `path`, as the codes that store.h names.
// `why`: empty: what the system says of it.
[[nodiscard]] absl::Status FileError(int error, const std::string& path, const char* doing,
                                     const std::string& why = {});

// `path` with its folder's links and its own resolved, so that a store has one name. The folder
// must exist, the file need not. A link in a folder that others can write is refused.
[[nodiscard]] absl::StatusOr<std::string> ResolveStorePath(const std::string& path);

// Creates an empty file that is its owner's alone, unless there is one.
absl::Status CreateStoreFile(const std::string& path);

// Of the file system that `path` is on, for this user; 0 and 0: not known.
struct DiskSpace {
  uint64_t free_bytes = 0;
  uint64_t bytes = 0;
};
[[nodiscard]] DiskSpace DiskSpaceOf(const std::string& path);

// 0: there is none.
[[nodiscard]] uint64_t FileBytes(const std::string& path);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_FILE_ACCESS_H_
