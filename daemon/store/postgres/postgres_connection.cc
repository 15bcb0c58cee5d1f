#include "daemon/store/postgres/postgres_connection.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/store/postgres/connection_target.h"

namespace signinwatch::store::postgres {
namespace {

constexpr int kServerVersionLeast = 140'000;  // pipelines

// So that what hangs on either side ends by itself: the server gives up before we do.
constexpr char kSettings[] =
    "SELECT set_config('statement_timeout', '20s', false), "
    "set_config('lock_timeout', '2s', false), "
    "set_config('idle_in_transaction_session_timeout', '5s', false), "
    "set_config('default_transaction_read_only', CASE WHEN $1 = 1 THEN 'on' ELSE 'off' END, false),"
    // What was committed stays, whatever the server's own choice.
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN "
    "'on' ELSE current_setting('synchronous_commit') END, false), "
    "current_setting('server_encoding')";

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, std::min(text.find('\n'), text.size())));
}

// Of what the server says to one who connects, which has no other form than a text:
// "... FATAL:  28P01: password authentication failed ...", as PQERRORS_VERBOSE makes it.
std::string SqlstateIn(std::string_view message) {
  const auto is_code = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  for (size_t at = message.find(":  "); at != std::string_view::npos;
       at = message.find(":  ", at + 1)) {
    const std::string_view code = message.substr(at + 3, 5);
    if (code.size() == 5 && std::all_of(code.begin(), code.end(), is_code) &&
        message.substr(at + 8, 1) == ":") {
      return std::string(code);
    }
  }
  return {};
}

}  // namespace

absl::StatusCode CodeOf(std::string_view sqlstate) {
  using enum absl::StatusCode;
  struct Row {
    std::string_view prefix;
    absl::StatusCode code;
  };
  // The first that fits.
  static constexpr std::array kRows{Row{"08", kUnavailable},
                                    Row{"57014", kUnavailable},
                                    Row{"57P", kUnavailable},
                                    Row{"40", kUnavailable},
                                    Row{"55P03", kUnavailable},
                                    Row{"25006", kUnavailable},
                                    Row{"25P03", kUnavailable},
                                    Row{"53100", kResourceExhausted},
                                    Row{"53", kUnavailable},
                                    Row{"58", kUnavailable},
                                    Row{"28", kPermissionDenied},
                                    Row{"42501", kPermissionDenied},
                                    Row{"3D000", kFailedPrecondition},
                                    Row{"3F000", kFailedPrecondition},
                                    Row{"42P01", kFailedPrecondition},
                                    Row{"XX001", kDataLoss},
                                    Row{"XX002", kDataLoss}};
  if (sqlstate.empty()) return kUnavailable;  // the connection's own
  for (const Row& row : kRows) {
    if (StartsWith(sqlstate, row.prefix)) return row.code;
  }
  return kInternal;
}

bool IsConflict(std::string_view sqlstate) {
  return sqlstate == "40001" || sqlstate == "40P01" || sqlstate == "55P03";
}

int64_t Rows::changes() const {
  const std::string_view text = PQcmdTuples(result_.get());
  int64_t changes = 0;
  std::from_chars(text.data(), text.data() + text.size(), changes);
  return changes;
}

// -------------------------------------------------------------------------------------- connecting

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options,
                                                             clock::SteadyTime deadline) {
  absl::StatusOr<ConnectionTarget> target = TargetOf(options);
  if (!target.ok()) return target.status();
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : target->settings) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* const started = PQconnectStartParams(keys.data(), values.data(), 1);
  if (started == nullptr) return absl::ResourceExhaustedError("no memory for a connection");
  std::unique_ptr<Connection> connection(new Connection(started, options.clock));
  connection->where_ = target->where;
  absl::Status s = connection->Connect(deadline);
  if (s.ok()) s = connection->Greet(options, deadline);
  if (!s.ok()) return s;
  return connection;
}

absl::Status Connection::Connect(clock::SteadyTime deadline) {
  PGconn* const connection = connection_.get();
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  // Notices are nothing that we did not ask for; libpq would print them.
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  PostgresPollingStatusType wants = PGRES_POLLING_WRITING;
  while (PQstatus(connection) != CONNECTION_BAD && wants != PGRES_POLLING_OK) {
    if (wants == PGRES_POLLING_FAILED) break;
    const short events = wants == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (absl::Status s = Wait(events, deadline); !s.ok()) return s;
    wants = PQconnectPoll(connection);
  }
  if (PQstatus(connection) == CONNECTION_OK) {
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
    PQsetnonblocking(connection, 1);
    backend_ = PQbackendPID(connection);
    return absl::OkStatus();
  }
  lost_ = true;
  sqlstate_ = SqlstateIn(PQerrorMessage(connection));
  return {CodeOf(sqlstate_), Say(FirstLine(PQerrorMessage(connection)))};
}

absl::Status Connection::Greet(const ConnectionOptions& options, clock::SteadyTime deadline) {
  if (server_version() < kServerVersionLeast) {
    return absl::FailedPreconditionError(
        Say(absl::StrCat("it is version ", server_version() / 10'000, ", 14 is the least")));
  }
  const absl::StatusOr<Rows> rows =
      Run({kSettings, {Integer(options.read_only ? 1 : 0)}}, deadline);
  if (!rows.ok()) return rows.status();
  if (const std::string encoding = rows->Bytes(0, 5); encoding != "UTF8") {
    return absl::FailedPreconditionError(
        Say(absl::StrCat("the database's encoding is ", encoding, ": make it anew with UTF8")));
  }
  return absl::OkStatus();
}

// ----------------------------------------------------------------------------------------- waiting

absl::Status Connection::Wait(short events, clock::SteadyTime deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.Steady());
  pollfd fd{.fd = PQsocket(connection_.get()), .events = events, .revents = 0};
  if (fd.fd < 0) return Lost();
  const int ready = left.count() <= 0 ? 0 : ::poll(&fd, 1, static_cast<int>(left.count()));
  if (ready > 0 || (ready < 0 && errno == EINTR)) return absl::OkStatus();
  lost_ = true;
  sqlstate_.clear();
  return absl::UnavailableError(Say("no answer in time"));
}

absl::Status Connection::Receive(clock::SteadyTime deadline, PGresult** result) {
  PGconn* const connection = connection_.get();
  for (;;) {
    const int unsent = PQflush(connection);
    if (unsent < 0) {
      // What the server said before it went may still be there to be read.
      (void)PQconsumeInput(connection);
      if (PQisBusy(connection) != 0) return Lost();
    }
    if (PQisBusy(connection) == 0) break;
    if (absl::Status s = Wait(unsent > 0 ? POLLIN | POLLOUT : POLLIN, deadline); !s.ok()) return s;
    if (PQconsumeInput(connection) == 0 && PQisBusy(connection) != 0) return Lost();
  }
  *result = PQgetResult(connection);
  return absl::OkStatus();
}

// ----------------------------------------------------------------------------------------- flights

absl::Status Connection::Prepare(const std::vector<Step>& steps, clock::SteadyTime deadline) {
  PGconn* const connection = connection_.get();
  bool any = false;
  for (const Step& step : steps) {
    const std::string name = absl::StrCat("s", prepared_.size());
    if (!prepared_.emplace(step.sql, name).second) continue;
    std::vector<Oid> types;
    for (const Parameter& parameter : step.parameters) types.push_back(parameter.oid);
    any = true;
    if (PQsendPrepare(connection, name.c_str(), step.sql.c_str(), static_cast<int>(types.size()),
                      types.data()) == 0) {
      return Lost();
    }
  }
  if (!any) return absl::OkStatus();
  if (PQpipelineSync(connection) == 0) return Lost();
  std::vector<Rows> none;
  absl::Status s = Collect(deadline, &none);
  // What was prepared and what was not is not worth knowing.
  if (!s.ok()) lost_ = true;
  return s;
}

absl::Status Connection::Send(const Step& step) {
  std::vector<const char*> values;
  std::vector<int> lengths;
  for (const Parameter& parameter : step.parameters) {
    values.push_back(parameter.bytes.data());
    lengths.push_back(static_cast<int>(parameter.bytes.size()));
  }
  const std::vector<int> formats(values.size(), 1);
  const int sent = PQsendQueryPrepared(connection_.get(), prepared_.at(step.sql).c_str(),
                                       static_cast<int>(values.size()), values.data(),
                                       lengths.data(), formats.data(), 1);
  return sent == 1 ? absl::OkStatus() : Lost();
}

absl::Status Connection::Fly(const std::vector<Step>& steps, clock::SteadyTime deadline,
                             std::vector<Rows>* rows) {
  rows->clear();
  sqlstate_.clear();
  if (lost_) return Lost();
  PGconn* const connection = connection_.get();
  if (PQenterPipelineMode(connection) == 0) return Lost();
  absl::Status s = Prepare(steps, deadline);
  for (const Step& step : steps) {
    if (s.ok()) s = Send(step);
  }
  if (s.ok() && PQpipelineSync(connection) == 0) s = Lost();
  if (s.ok()) s = Collect(deadline, rows);
  if (!lost_ && PQexitPipelineMode(connection) == 0) return Lost();
  if (!s.ok()) RollBack(deadline);
  return s;
}

absl::Status Connection::Collect(clock::SteadyTime deadline, std::vector<Rows>* rows) {
  absl::Status failed;
  for (int ends = 0;;) {
    PGresult* result = nullptr;
    if (absl::Status s = Receive(deadline, &result); !s.ok()) return failed.ok() ? s : failed;
    if (result == nullptr) {
      // One after each statement; more of them, and nothing will come any more.
      if (++ends > 1 || PQstatus(connection_.get()) == CONNECTION_BAD) {
        const absl::Status s = Lost();
        return failed.ok() ? s : failed;
      }
      continue;
    }
    ends = 0;
    Rows got(result);
    switch (PQresultStatus(result)) {
      case PGRES_PIPELINE_SYNC:
        return failed;
      case PGRES_TUPLES_OK:
      case PGRES_COMMAND_OK:
        rows->push_back(std::move(got));
        break;
      case PGRES_PIPELINE_ABORTED:
        break;
      default:
        if (failed.ok()) failed = ErrorOf(result);
        if (PQstatus(connection_.get()) == CONNECTION_BAD) {
          lost_ = true;
          return failed;
        }
    }
  }
}

absl::StatusOr<Rows> Connection::Run(const Step& step, clock::SteadyTime deadline) {
  std::vector<Rows> rows;
  if (absl::Status s = Fly({step}, deadline, &rows); !s.ok()) return s;
  return std::move(rows.front());
}

absl::Status Connection::Execute(const std::string& sql, clock::SteadyTime deadline) {
  sqlstate_.clear();
  if (lost_ || PQsendQuery(connection_.get(), sql.c_str()) == 0) return Lost();
  absl::Status failed;
  for (;;) {
    PGresult* result = nullptr;
    if (absl::Status s = Receive(deadline, &result); !s.ok()) return s;
    if (result == nullptr) break;
    const Rows got(result);
    const ExecStatusType status = PQresultStatus(result);
    if (failed.ok() && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      failed = ErrorOf(result);
    }
  }
  if (PQstatus(connection_.get()) == CONNECTION_BAD) lost_ = true;
  if (!failed.ok()) RollBack(deadline);
  return failed;
}

absl::Status Connection::Stream(const Step& step, Duration patience,
                                const std::function<bool(const Rows&)>& visit) {
  sqlstate_.clear();
  if (lost_ || PQenterPipelineMode(connection_.get()) == 0) return Lost();
  absl::Status s = Prepare({step}, clock_.Steady() + patience);
  if (!s.ok()) return s;
  if (PQexitPipelineMode(connection_.get()) == 0) return Lost();
  s = Send(step);
  if (!s.ok()) return s;
  if (PQsetSingleRowMode(connection_.get()) == 0) return Lost();
  for (;;) {
    PGresult* result = nullptr;
    if (absl::Status r = Receive(clock_.Steady() + patience, &result); !r.ok()) return r;
    if (result == nullptr) break;
    const Rows row(result);
    switch (PQresultStatus(result)) {
      case PGRES_SINGLE_TUPLE:
        if (visit(row)) break;
        lost_ = true;
        return absl::OkStatus();
      case PGRES_TUPLES_OK:
        break;
      default:
        if (s.ok()) s = ErrorOf(result);
    }
  }
  if (!s.ok()) RollBack(clock_.Steady() + patience);
  return s;
}

void Connection::RollBack(clock::SteadyTime deadline) {
  if (lost_ || PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
  const std::string sqlstate = sqlstate_;
  (void)Execute("ROLLBACK", deadline);
  sqlstate_ = sqlstate;
  if (PQtransactionStatus(connection_.get()) != PQTRANS_IDLE) lost_ = true;
}

// ------------------------------------------------------------------------------------------ errors

std::string Connection::Say(std::string_view what) const {
  return where_ + ": " + std::string(what);
}

absl::Status Connection::Lost() {
  lost_ = true;
  std::string why = FirstLine(PQerrorMessage(connection_.get()));
  return absl::UnavailableError(Say(why.empty() ? "the connection is lost" : why));
}

absl::Status Connection::ErrorOf(const PGresult* result) {
  const char* const sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* const message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  sqlstate_ = sqlstate == nullptr ? "" : sqlstate;
  // The detail may hold a row's values, the primary message does not.
  return {CodeOf(sqlstate_),
          Say(message == nullptr ? FirstLine(PQresultErrorMessage(result)) : message)};
}

}  // namespace signinwatch::store::postgres
