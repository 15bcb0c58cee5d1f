// Keeps SQLite's write-ahead log small. It is copied into the database by upkeep, beside the
// commits; if commits come so fast that it never gets done, by a commit itself, while nobody reads.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_WRITE_AHEAD_LOG_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_WRITE_AHEAD_LOG_H_

#include <atomic>
#include <memory>

#include "absl/status/status.h"
#include "daemon/store/sqlite/sqlite_connection.h"

namespace signinwatch::store {

struct LogLimits {
  int copied_pages = 8'192;       // 16 MiB: upkeep copies
  int max_pages = 32'768;         // 64 MiB: a commit does
  int64_t kept_bytes = 16 << 20;  // of the file, when all of it has been copied
};

class WriteAheadLog {
 public:
  // Takes the place of SQLite's own automatic of `writer`, which outlives it.
  static absl::StatusOr<std::unique_ptr<WriteAheadLog>> Watch(Connection& writer,
                                                              const LogLimits& limits = {});

  // The writer's thread, after a commit.
  [[nodiscard]] bool TooLong() const { return pages_ > limits_.max_pages; }
  // Copies all and empties the file. The caller has the writer and keeps readers out.
  absl::Status Empty();
  // Copies what no reader and no writer is busy with, if it is worth it. One thread at a time.
  absl::Status Copy();

 private:
  WriteAheadLog(Connection& writer, const LogLimits& limits) : writer_(writer), limits_(limits) {}

  Connection& writer_;
  const LogLimits limits_;
  std::unique_ptr<Connection> copier_;
  std::atomic<int> pages_ = 0;  // as of the last commit
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_WRITE_AHEAD_LOG_H_
