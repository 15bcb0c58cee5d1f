#include "daemon/store/sqlite/sqlite_connection.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"

namespace signinwatch::store {
namespace {

// Within this process writers take turns before they come to SQLite; who else may hold the file for
// a moment is `signinwatch tickets` or somebody's shell.
constexpr int kBusyTimeoutMs = 1'000;

absl::StatusCode CodeOfErrno(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

absl::StatusCode CodeOf(int code, int error) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
    case SQLITE_INTERRUPT:
    case SQLITE_NOMEM:
      return absl::StatusCode::kUnavailable;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return CodeOfErrno(error);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // our statements are right: the tables are not ours
      return absl::StatusCode::kDataLoss;
    default:
      return absl::StatusCode::kInternal;
  }
}

void CountCall(sqlite3_context* context, int /*arguments*/, sqlite3_value** /*values*/) {
  ++*static_cast<int64_t*>(sqlite3_user_data(context));
  sqlite3_result_int(context, 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path, Access access,
                                                             size_t cache_bytes) {
  std::unique_ptr<Connection> connection(new Connection(path));
  const int flags = (access == Access::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (const int code = sqlite3_open_v2(path.c_str(), &connection->db_, flags, nullptr);
      code != SQLITE_OK) {
    return connection->Error(code);
  }
  // SQLite opens for reading what it cannot open for writing.
  if (access == Access::kReadWrite && sqlite3_db_readonly(connection->db_, "main") == 1) {
    return absl::PermissionDeniedError(absl::StrCat(path, ": the file is read-only"));
  }
  connection->WaitForOthers(true);
  // No mmap: an I/O error in mapped memory is a signal and no status.
  absl::Status settings = connection->Execute(
      absl::StrCat("PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -",
                   cache_bytes / 1024, "; PRAGMA synchronous = FULL"));
  if (!settings.ok()) return settings;
  return connection;
}

Connection::~Connection() { sqlite3_close_v2(db_); }

absl::Status Connection::Error(int code) const {
  // Not sqlite3_system_errno: it is not set by a COMMIT that fails.
  const int error = errno;
  if ((code & 0xff) == SQLITE_OK) return absl::OkStatus();
  const absl::StatusCode status = CodeOf(code, error);
  std::string what = db_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db_);
  if ((code & 0xff) == SQLITE_NOTADB) return NoStore("it is not an SQLite database");
  if (status == absl::StatusCode::kDataLoss) return Damaged(what);
  const bool io = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  if (io && error != 0) absl::StrAppend(&what, " (", std::strerror(error), ")");
  return {status, absl::StrCat(path_, ": ", what)};
}

absl::Status Connection::Damaged(const std::string& what) const {
  return absl::DataLossError(
      absl::StrCat(path_, ": ", what,
                   ": the store is damaged: restore it from a backup, or move it away and start "
                   "over (only what the topics still retain is then read again)"));
}

absl::Status Connection::NoStore(const std::string& why) const {
  return absl::DataLossError(absl::StrCat(path_, ": is not a signinwatch store (", why,
                                          "): give another store.path, or move that file away"));
}

absl::Status Connection::Execute(const std::string& sql) {
  return Error(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr));
}

absl::StatusOr<int64_t> Connection::QueryInteger(const std::string& sql) {
  Statement statement(*this, sql);
  statement.Bind();
  const int64_t value = statement.Next() ? statement.Integer(0) : 0;
  if (absl::Status s = statement.Finish(); !s.ok()) return s;
  return value;
}

absl::StatusOr<std::string> Connection::QueryText(const std::string& sql) {
  Statement statement(*this, sql);
  statement.Bind();
  std::string value = statement.Next() ? statement.Bytes(0) : "";
  if (absl::Status s = statement.Finish(); !s.ok()) return s;
  return value;
}

void Connection::WaitForOthers(bool wait) { sqlite3_busy_timeout(db_, wait ? kBusyTimeoutMs : 0); }

absl::Status Connection::CountCalls(const char* name, int64_t* calls) {
  return Error(sqlite3_create_function_v2(db_, name, 0, SQLITE_UTF8, calls, CountCall, nullptr,
                                          nullptr, nullptr));
}

// ------------------------------------------------------------------------------------- statements

void Statement::Note(int code) {
  if (status_.ok()) status_ = connection_.Error(code);
}

bool Statement::Ready() {
  if (statement_ == nullptr && status_.ok()) {
    Note(sqlite3_prepare_v3(connection_.handle(), sql_.data(), static_cast<int>(sql_.size()),
                            SQLITE_PREPARE_PERSISTENT, &statement_, nullptr));
  }
  return status_.ok();
}

void Statement::Restart() {
  status_ = absl::OkStatus();
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

void Statement::BindAt(int index, int64_t value) {
  if (Ready()) Note(sqlite3_bind_int64(statement_, index, value));
}

void Statement::BindAt(int index, std::string_view text) {
  // A null pointer would be NULL.
  const char* data = text.empty() ? "" : text.data();
  if (Ready()) {
    Note(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
}

void Statement::BindAt(int index, Blob blob) {
  const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
  if (Ready()) {
    Note(sqlite3_bind_blob64(statement_, index, data, blob.bytes.size(), SQLITE_STATIC));
  }
}

bool Statement::Next() {
  if (!Ready()) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) Note(code);
  return false;
}

absl::Status Statement::Finish() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
  return status_;
}

absl::Status Statement::Run() {
  while (Next()) {
  }
  return Finish();
}

int64_t Statement::Integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Statement::Bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

// ----------------------------------------------------------------------------------- transactions

absl::Status Transaction::Begin(Kind kind) {
  const bool durable = kind != Kind::kRelaxed;
  if (connection_.durable_ != durable) {
    absl::Status s =
        connection_.Execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    if (!s.ok()) return s;
    connection_.durable_ = durable;
  }
  absl::Status s = connection_.Execute(kind == Kind::kRead ? "BEGIN" : "BEGIN IMMEDIATE");
  open_ = s.ok();
  return s;
}

absl::Status Transaction::Commit() {
  absl::Status s = connection_.Execute("COMMIT");
  if (s.ok()) open_ = false;
  return s;
}

Transaction::~Transaction() {
  // Some errors have rolled it back already.
  if (open_ && sqlite3_get_autocommit(connection_.handle()) == 0) {
    (void)connection_.Execute("ROLLBACK");
  }
}

}  // namespace signinwatch::store
