// A look at a store in PostgreSQL from outside, for `signinwatch doctor`. Changes nothing.
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_DATABASE_PROBE_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_DATABASE_PROBE_H_

#include "daemon/store/database_facts.h"
#include "daemon/store/postgres/postgres_connection.h"

namespace signinwatch::store::postgres {

[[nodiscard]] DatabaseFacts ProbeDatabase(const ConnectionOptions& options);

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_DATABASE_PROBE_H_
