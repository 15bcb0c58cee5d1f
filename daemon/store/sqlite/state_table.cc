#include "daemon/store/sqlite/state_table.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/store/state_order.h"

namespace signinwatch::store {
namespace {

constexpr size_t kRowsPerStatement = 64;

std::string Repeated(const char* text, size_t times) {
  std::string list = text;
  for (size_t i = 1; i < times; ++i) list.append(",").append(text);
  return list;
}

// `replaced()` is called for each row that was there.
std::string PutSql(size_t rows) {
  return "INSERT INTO state(key, value) VALUES " + Repeated("(?,?)", rows) +
         " ON CONFLICT(key) DO UPDATE SET value = excluded.value WHERE replaced()";
}

std::string DeleteSql(size_t rows) {
  return "DELETE FROM state WHERE key IN (" + Repeated("?", rows) + ")";
}

}  // namespace

StateTable::StateTable(Connection& connection)
    : connection_(connection),
      ready_(connection.CountCalls("replaced", &replaced_)),
      put_many_(connection, PutSql(kRowsPerStatement)),
      put_one_(connection, PutSql(1)),
      delete_many_(connection, DeleteSql(kRowsPerStatement)),
      delete_one_(connection, DeleteSql(1)) {}

absl::Status StateTable::Write(const std::vector<StateRow>& rows, StoreCounts* change) {
  if (!ready_.ok()) return ready_;
  const StateOrder order(rows);
  if (absl::Status s = Put(order.put(), change); !s.ok()) return s;
  return Delete(order.deleted(), change);
}

absl::Status StateTable::Put(std::span<const StateRow* const> rows, StoreCounts* change) {
  while (!rows.empty()) {
    const size_t count = rows.size() < kRowsPerStatement ? 1 : kRowsPerStatement;
    Statement& put = count == 1 ? put_one_ : put_many_;
    put.Restart();
    int parameter = 0;
    for (const StateRow* row : rows.first(count)) {
      put.BindAt(++parameter, Blob{row->key});
      put.BindAt(++parameter, Blob{row->value});
    }
    replaced_ = 0;
    if (absl::Status s = put.Run(); !s.ok()) return s;
    change->state_rows += connection_.changes() - replaced_;
    rows = rows.subspan(count);
  }
  return absl::OkStatus();
}

absl::Status StateTable::Delete(std::span<const StateRow* const> rows, StoreCounts* change) {
  while (!rows.empty()) {
    const size_t count = rows.size() < kRowsPerStatement ? 1 : kRowsPerStatement;
    Statement& remove = count == 1 ? delete_one_ : delete_many_;
    remove.Restart();
    int parameter = 0;
    for (const StateRow* row : rows.first(count)) remove.BindAt(++parameter, Blob{row->key});
    if (absl::Status s = remove.Run(); !s.ok()) return s;
    change->state_rows -= connection_.changes();
    rows = rows.subspan(count);
  }
  return absl::OkStatus();
}

absl::Status ReadState(Connection& connection, std::string_view head, const StateVisitor& visit) {
  Transaction snapshot(connection);
  absl::Status s = snapshot.Begin(Transaction::Kind::kRead);
  bool wanted = true;
  for (const char* which : {"=", "<>"}) {
    if (!s.ok()) return s;
    Statement read(connection,
                   absl::StrCat("SELECT key, value FROM state WHERE key ", which, " ?"));
    read.Bind(Blob{head});
    while (wanted && read.Next()) wanted = visit({read.Bytes(0), read.Bytes(1)});
    s = read.Finish();
  }
  return s;
}

absl::Status CheckState(Connection& connection) {
  const absl::StatusOr<std::string> result = connection.QueryText("PRAGMA quick_check(state)");
  if (!result.ok()) return result.status();
  return *result == "ok" ? absl::OkStatus() : connection.Damaged(*result);
}

}  // namespace signinwatch::store
