#include "daemon/store/sqlite/write_ahead_log.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace signinwatch::store {
namespace {

int NotePages(void* pages, sqlite3* /*db*/, const char* /*schema*/, int now) {
  static_cast<std::atomic<int>*>(pages)->store(now);
  return SQLITE_OK;
}

absl::Status Checkpoint(Connection& connection, int mode) {
  const int code = sqlite3_wal_checkpoint_v2(connection.handle(), "main", mode, nullptr, nullptr);
  // Busy: somebody reads or copies; the next one gets further.
  return (code & 0xff) == SQLITE_BUSY ? absl::OkStatus() : connection.Error(code);
}

}  // namespace

absl::StatusOr<std::unique_ptr<WriteAheadLog>> WriteAheadLog::Watch(Connection& writer,
                                                                    const LogLimits& limits) {
  constexpr size_t kCopierCacheBytes = 64 << 10;  // it copies pages and looks at none
  std::unique_ptr<WriteAheadLog> log(new WriteAheadLog(writer, limits));
  auto copier = Connection::Open(writer.path(), Connection::Access::kReadWrite, kCopierCacheBytes);
  if (!copier.ok()) return copier.status();
  log->copier_ = *std::move(copier);
  sqlite3_wal_hook(writer.handle(), NotePages, &log->pages_);
  const std::string limit = absl::StrCat("PRAGMA journal_size_limit = ", limits.kept_bytes);
  if (absl::Status s = writer.Execute(limit); !s.ok()) return s;
  if (absl::Status s = log->copier_->Execute(limit); !s.ok()) return s;
  return log;
}

absl::Status WriteAheadLog::Empty() {
  // A reader in another process must not hold up each commit.
  writer_.WaitForOthers(false);
  absl::Status s = Checkpoint(writer_, SQLITE_CHECKPOINT_TRUNCATE);
  writer_.WaitForOthers(true);
  if (s.ok()) pages_ = 0;
  return s;
}

absl::Status WriteAheadLog::Copy() {
  if (pages_ < limits_.copied_pages) return absl::OkStatus();
  return Checkpoint(*copier_, SQLITE_CHECKPOINT_PASSIVE);
}

}  // namespace signinwatch::store
