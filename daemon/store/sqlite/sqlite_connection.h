// SQLite, as little of it as the store needs: connections, statements, transactions, and its result
// codes as absl::Status (the codes that store.h names).
//
//   auto connection = Connection::Open(path, Connection::Access::kReadWrite, 8 << 20);
//   Statement insert(**connection, "INSERT INTO t VALUES (?, ?)");
//   Transaction transaction(**connection);
//   if (auto s = transaction.Begin(Transaction::Kind::kDurable); !s.ok()) return s;
//   if (auto s = insert.Run("key", 17); !s.ok()) return s;       // left: rolled back
//   return transaction.Commit();
//
// A connection and what belongs to it are used by one thread at a time; statements end before their
// connection does.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_SQLITE_CONNECTION_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parser/event_time.h"

namespace signinwatch::store {

// Bytes that are no text.
struct Blob {
  std::string_view bytes;
};

class Connection {
 public:
  enum class Access : uint8_t { kReadOnly, kReadWrite };

  // Of a file that exists. `cache_bytes`: at most so much of it is kept in memory.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path, Access access,
                                                          size_t cache_bytes);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  absl::Status Execute(const std::string& sql);
  // The first column of the first row: of a PRAGMA or a COUNT.
  absl::StatusOr<int64_t> QueryInteger(const std::string& sql);
  absl::StatusOr<std::string> QueryText(const std::string& sql);

  // Makes the SQL function `name`() known: it is true, and counts its calls.
  absl::Status CountCalls(const char* name, int64_t* calls);

  // Whether to wait a moment for another process that has what is needed (at first: yes).
  void WaitForOthers(bool wait);

  // What a call on this connection that has just returned `code` means.
  [[nodiscard]] absl::Status Error(int code) const;
  // kDataLoss, with what to do.
  [[nodiscard]] absl::Status Damaged(const std::string& what) const;
  [[nodiscard]] absl::Status NoStore(const std::string& why) const;
  [[nodiscard]] int64_t changes() const { return sqlite3_changes64(db_); }
  [[nodiscard]] int64_t last_insert_rowid() const { return sqlite3_last_insert_rowid(db_); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] sqlite3* handle() const { return db_; }

 private:
  friend class Transaction;
  explicit Connection(std::string path) : path_(std::move(path)) {}

  const std::string path_;
  sqlite3* db_ = nullptr;
  bool durable_ = true;  // PRAGMA synchronous is FULL
};

// A prepared statement, prepared at its first use and kept.
class Statement {
 public:
  // `connection` outlives it.
  Statement(Connection& connection, std::string sql)
      : connection_(connection), sql_(std::move(sql)) {}
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // A statement without rows. What it changed: Connection::changes().
  template <typename... Values>
  absl::Status Run(const Values&... values) {
    Bind(values...);
    return Run();
  }
  absl::Status Run();

  // Rows: Bind; while (Next()) read columns; the status of Finish is that of the whole.
  template <typename... Values>
  void Bind(const Values&... values) {
    Restart();
    int index = 0;
    (BindAt(++index, values), ...);
  }
  bool Next();
  absl::Status Finish();

  // Text and blobs are not copied: they live until the statement has run.
  void BindAt(int index, int64_t value);
  void BindAt(int index, std::string_view text);
  void BindAt(int index, const char* text) { BindAt(index, std::string_view(text)); }
  void BindAt(int index, const std::string& text) { BindAt(index, std::string_view(text)); }
  void BindAt(int index, Blob blob);
  void BindAt(int index, EventTime time) { BindAt(index, time.time_since_epoch().count()); }
  // Forgets rows and errors of the run before; what is bound stays.
  void Restart();

  // Of the current row, from 0.
  [[nodiscard]] int64_t Integer(int column) const;
  [[nodiscard]] std::string Bytes(int column) const;  // text or blob
  [[nodiscard]] EventTime Time(int column) const { return EventTime(Duration(Integer(column))); }

 private:
  [[nodiscard]] bool Ready();
  void Note(int code);

  Connection& connection_;
  const std::string sql_;
  sqlite3_stmt* statement_ = nullptr;
  absl::Status status_;  // the first error since Restart
};

class Transaction {
 public:
  enum class Kind : uint8_t {
    kRead,     // one snapshot for several reads
    kDurable,  // on disk when Commit returns
    // Survives this process; after a failure of the machine it may not have happened. It never
    // happened without what was committed before it.
    kRelaxed,
  };
  explicit Transaction(Connection& connection) : connection_(connection) {}
  ~Transaction();  // rolls back what was not committed
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  absl::Status Begin(Kind kind);
  absl::Status Commit();

 private:
  Connection& connection_;
  bool open_ = false;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_SQLITE_CONNECTION_H_
