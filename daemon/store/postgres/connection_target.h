// What a connection is made with: the URL of the configuration, and what it leaves open.
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_CONNECTION_TARGET_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_CONNECTION_TARGET_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/store/postgres/postgres_connection.h"

namespace signinwatch::store::postgres {

struct ConnectionTarget {
  // libpq's parameter keywords, later ones before earlier ones
  // (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
  std::vector<std::pair<std::string, std::string>> settings;
  std::string where;  // "PostgreSQL at host:5432/database"
};

// kInvalidArgument: the URL is none; the message repeats nothing of it. kUnavailable: the password
// can't be read.
//
// The server's certificate is checked against its host (sslmode=verify-full) unless the URL says
// otherwise or every host is this one; by the authorities of sslrootcert, else the system's.
[[nodiscard]] absl::StatusOr<ConnectionTarget> TargetOf(const ConnectionOptions& options);

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_CONNECTION_TARGET_H_
