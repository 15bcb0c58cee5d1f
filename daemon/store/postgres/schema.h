// The tables of the store, their version, and how an older version becomes this one.
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_SCHEMA_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_SCHEMA_H_

#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/postgres/postgres_connection.h"

namespace signinwatch::store::postgres {

// migrations[v] makes version v + 1 of version v; version 0 is a database without our tables. A
// store of a release stays readable by all later ones: add to the end, change nothing.
[[nodiscard]] std::span<const char* const> SchemaMigrations();

// 0: there are no tables of ours.
[[nodiscard]] absl::StatusOr<int64_t> SchemaVersion(Connection& connection,
                                                    clock::SteadyTime deadline);

// Makes the database a store of the newest version, in one transaction, one process at a time.
// kFailedPrecondition: of a newer version; kPermissionDenied: the role may not make tables.
absl::Status PrepareSchema(Connection& connection, clock::SteadyTime deadline,
                           std::span<const char* const> migrations = SchemaMigrations());

// The same for a reader, who changes nothing.
absl::Status CheckSchema(Connection& connection, clock::SteadyTime deadline,
                         std::span<const char* const> migrations = SchemaMigrations());

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_SCHEMA_H_
