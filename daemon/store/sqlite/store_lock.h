// One process at a time writes to a store: an advisory lock (flock) on a file beside it, whose text
// says who holds it. The lock goes with the process, however that ends; the file stays.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_STORE_LOCK_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_STORE_LOCK_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace signinwatch::store {

class StoreLock {
 public:
  // kFailedPrecondition: somebody has it, and may be this process. Never waits.
  static absl::StatusOr<std::unique_ptr<StoreLock>> Take(const std::string& store_path);
  ~StoreLock();
  // Who has it: "process 17 on host since ..."; empty: nobody. Makes no file.
  static std::string HolderOf(const std::string& store_path);
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  explicit StoreLock(int fd) : fd_(fd) {}
  const int fd_;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_STORE_LOCK_H_
