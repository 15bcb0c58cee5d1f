#include "daemon/store/postgres/database_probe.h"

#include <algorithm>
#include <vector>

#include "daemon/store/postgres/schema.h"
#include "daemon/store/postgres/session.h"

namespace signinwatch::store::postgres {
namespace {

// What the role lacks to make the tables; what it has of them says PostgreSQL.
constexpr char kMayMakeTables[] =
    "SELECT has_schema_privilege(current_schema(), 'CREATE') AND current_schema() IS NOT NULL";
// Sessions are named by who has a claim (SessionName).
constexpr char kClaims[] =
    "SELECT count(*), count(DISTINCT owner) FILTER (WHERE owner <> ''), "
    "count(*) FILTER (WHERE EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = "
    "'signinwatch ' || owner)), coalesce(max(shard), -1) FROM shards";

std::chrono::microseconds RoundTrip(Connection& connection, const clock::Clock& clock,
                                    clock::SteadyTime deadline) {
  std::chrono::microseconds least = std::chrono::hours(1);
  for (int i = 0; i < 3; ++i) {
    const clock::SteadyTime begin = clock.Steady();
    if (!connection.Run({"SELECT 1"}, deadline).ok()) break;
    least = std::min(least,
                     std::chrono::duration_cast<std::chrono::microseconds>(clock.Steady() - begin));
  }
  return least;
}

absl::Status Look(Connection& connection, clock::SteadyTime deadline, DatabaseFacts* facts) {
  const absl::StatusOr<int64_t> version = SchemaVersion(connection, deadline);
  if (!version.ok()) return version.status();
  facts->version = *version;
  facts->known_version = static_cast<int64_t>(SchemaMigrations().size());
  if (facts->version < facts->known_version) {
    const absl::StatusOr<Rows> may = connection.Run({kMayMakeTables}, deadline);
    if (!may.ok()) return may.status();
    facts->may_make_tables = may->Bool(0, 0);
  }
  if (facts->version == 0) return absl::OkStatus();
  std::vector<Rows> rows;
  absl::Status s =
      connection.Fly({{kClaims}, {"SELECT pg_database_size(current_database())"}}, deadline, &rows);
  if (!s.ok()) return s;
  facts->shards = static_cast<uint64_t>(rows[0].Integer(0, 0));
  facts->owners = static_cast<uint64_t>(rows[0].Integer(0, 1));
  facts->shards_owned = static_cast<uint64_t>(rows[0].Integer(0, 2));
  facts->greatest_shard = rows[0].Integer(0, 3);
  facts->bytes = static_cast<uint64_t>(rows[1].Integer(0, 0));
  return absl::OkStatus();
}

}  // namespace

DatabaseFacts ProbeDatabase(const ConnectionOptions& options) {
  DatabaseFacts facts;
  const auto connection = Connection::Open(options, options.clock.Steady() + kConnectPatience);
  if (!connection.ok()) {
    facts.problem = std::string(connection.status().message());
    return facts;
  }
  const clock::SteadyTime deadline = options.clock.Steady() + kConnectPatience;
  facts.server = (*connection)->where();
  facts.server_version = (*connection)->server_version();
  facts.round_trip = RoundTrip(**connection, options.clock, deadline);
  if (absl::Status s = Look(**connection, deadline, &facts); !s.ok()) {
    facts.problem = std::string(s.message());
  }
  return facts;
}

}  // namespace signinwatch::store::postgres
