// PostgreSQL, as little of it as the store needs: connections that never wait beyond a deadline,
// prepared statements, flights of several statements in one round trip (libpq's pipeline mode),
// rows one by one, and SQLSTATEs as absl::Status (the codes that store.h names).
//
//   auto connection = Connection::Open(options, clock.Steady() + 5s);
//   std::vector<Rows> rows;
//   (*connection)->Fly({{"BEGIN"}, {kPut, {Text(id), Integer(17)}}, {"COMMIT"}}, deadline, &rows);
//
// After an error nothing of the transaction that was open stands. A connection that is lost() is of
// no use any more: what its last flight did is then not known. Used by one thread at a time.
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_POSTGRES_CONNECTION_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "daemon/store/postgres/parameter.h"
#include "parser/event_time.h"

namespace signinwatch::store::postgres {

// nullptr: there is none.
using PasswordReader = std::function<absl::StatusOr<std::string>()>;

struct ConnectionOptions {
  std::string url;          // without a password
  PasswordReader password;  // asked at each connection, so that a rotated one is found
  std::string name;         // how the server shows the connection
  bool read_only = false;
  const clock::Clock& clock;
};

// What a statement gave. Columns from 0.
class Rows {
 public:
  explicit Rows(PGresult* result = nullptr) : result_(result, &PQclear) {}

  [[nodiscard]] int size() const { return PQntuples(result_.get()); }
  [[nodiscard]] int64_t Integer(int row, int column) const { return IntegerOf(View(row, column)); }
  [[nodiscard]] bool Bool(int row, int column) const { return Integer(row, column) != 0; }
  [[nodiscard]] EventTime Time(int row, int column) const {
    return EventTime(Duration(Integer(row, column)));
  }
  [[nodiscard]] std::string Bytes(int row, int column) const {
    return std::string(View(row, column));
  }
  [[nodiscard]] bool IsNull(int row, int column) const {
    return PQgetisnull(result_.get(), row, column) != 0;
  }
  // As long as the rows.
  [[nodiscard]] std::string_view View(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<size_t>(PQgetlength(result_.get(), row, column))};
  }
  // Rows that were changed.
  [[nodiscard]] int64_t changes() const;

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

// A statement of a flight. What is run again and again has one text, by which it is prepared once.
struct Step {
  std::string sql;
  std::vector<Parameter> parameters = {};
};

class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const ConnectionOptions& options,
                                                          clock::SteadyTime deadline);

  // In order, until one fails. One result each.
  absl::Status Fly(const std::vector<Step>& steps, clock::SteadyTime deadline,
                   std::vector<Rows>* rows);
  absl::StatusOr<Rows> Run(const Step& step, clock::SteadyTime deadline);
  // Rows as they come; `visit` returns whether it wants more. If not, the connection is lost. The
  // deadline is that of the next row.
  absl::Status Stream(const Step& step, Duration patience,
                      const std::function<bool(const Rows&)>& visit);
  // Several statements at once, without results; not prepared.
  absl::Status Execute(const std::string& sql, clock::SteadyTime deadline);

  [[nodiscard]] bool lost() const { return lost_; }
  // Of the last error, "40001"; empty: it had none.
  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
  [[nodiscard]] const clock::Clock& clock() const { return clock_; }
  [[nodiscard]] int backend() const { return backend_; }
  [[nodiscard]] int server_version() const { return PQserverVersion(connection_.get()); }
  // "PostgreSQL at host:5432/database", for messages.
  [[nodiscard]] const std::string& where() const { return where_; }
  // "WHERE: `what`"
  [[nodiscard]] std::string Say(std::string_view what) const;

 private:
  Connection(PGconn* connection, const clock::Clock& clock)
      : connection_(connection, &PQfinish), clock_(clock) {}
  absl::Status Connect(clock::SteadyTime deadline);
  absl::Status Greet(const ConnectionOptions& options, clock::SteadyTime deadline);
  absl::Status Prepare(const std::vector<Step>& steps, clock::SteadyTime deadline);
  absl::Status Send(const Step& step);
  // Until there is a result, or the end of a statement's (nullptr).
  absl::Status Receive(clock::SteadyTime deadline, PGresult** result);
  absl::Status Collect(clock::SteadyTime deadline, std::vector<Rows>* rows);
  absl::Status Wait(short events, clock::SteadyTime deadline);
  void RollBack(clock::SteadyTime deadline);
  [[nodiscard]] absl::Status Lost();
  [[nodiscard]] absl::Status ErrorOf(const PGresult* result);

  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  const clock::Clock& clock_;
  std::string where_;
  std::map<std::string, std::string> prepared_;  // by text; bounded by the store's statements
  std::string sqlstate_;
  bool lost_ = false;
  int backend_ = 0;  // libpq forgets it with the connection
};

// What an SQLSTATE means (https://www.postgresql.org/docs/15/errcodes-appendix.html).
[[nodiscard]] absl::StatusCode CodeOf(std::string_view sqlstate);
// The transaction may be tried again as it was.
[[nodiscard]] bool IsConflict(std::string_view sqlstate);

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_POSTGRES_CONNECTION_H_
