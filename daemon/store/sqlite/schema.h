// The tables of the store, their version, and how an older version becomes this one.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_SCHEMA_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_SCHEMA_H_

#include <span>

#include "absl/status/status.h"
#include "daemon/store/sqlite/sqlite_connection.h"

namespace signinwatch::store {

// migrations[v] makes version v + 1 of version v; version 0 is an empty database. A store of a
// release stays readable by all later ones: add to the end, change nothing.
[[nodiscard]] std::span<const char* const> SchemaMigrations();

// Makes `connection` a store of the newest version: an empty file is given its tables, an older
// store is migrated, each in one transaction. kDataLoss: no store; kFailedPrecondition: of a newer
// version.
absl::Status PrepareSchema(Connection& connection,
                           std::span<const char* const> migrations = SchemaMigrations());

// The same for a reader, who changes nothing.
absl::Status CheckSchema(Connection& connection,
                         std::span<const char* const> migrations = SchemaMigrations());

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_SCHEMA_H_
