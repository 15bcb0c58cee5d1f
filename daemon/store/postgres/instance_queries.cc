#include <algorithm>
#include <map>
#include <utility>

#include "daemon/store/postgres/queries.h"

namespace signinwatch::store::postgres {

absl::Status NoteInstance(Connection& connection, const std::string& owner,
                          const InstanceFacts& facts, EventTime now, clock::SteadyTime deadline) {
  std::vector<Rows> rows;
  return connection.Fly(
      {{"INSERT INTO instances(owner, name, role, version, started_at, seen_at, details) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (owner) DO UPDATE SET "
        "name = excluded.name, role = excluded.role, version = excluded.version, "
        "started_at = excluded.started_at, seen_at = excluded.seen_at, details = excluded.details",
        {Text(owner), Text(facts.name), Text(facts.role), Text(facts.version),
         Time(facts.started_at), Time(now), Text(facts.details)}},
       // A day is enough to see who was there.
       {"DELETE FROM instances WHERE seen_at < $1 OR owner IN (SELECT owner FROM instances "
        "ORDER BY seen_at DESC OFFSET $2)",
        {Time(now - kDay), Integer(int64_t{kInstancesMax})}}},
      deadline, &rows);
}

absl::Status ForgetInstance(Connection& connection, const std::string& owner,
                            clock::SteadyTime deadline) {
  return connection.Run({"DELETE FROM instances WHERE owner = $1", {Text(owner)}}, deadline)
      .status();
}

absl::Status FindInstances(Connection& connection, const std::string& owner, EventTime now,
                           clock::SteadyTime deadline, Instances* instances) {
  *instances = {};
  std::vector<Rows> rows;
  absl::Status s = connection.Fly(
      {{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
       {"SELECT owner, name, role, version, started_at, seen_at, details FROM instances "
        "WHERE seen_at >= $1 ORDER BY started_at, owner",
        {Time(now - kInstanceShownFor)}},
       {"SELECT shard, owner FROM shards ORDER BY shard"},
       {"COMMIT"}},
      deadline, &rows);
  if (!s.ok()) return s;
  std::map<std::string, size_t> places;
  for (int i = 0; i < rows[1].size(); ++i) {
    places[rows[1].Bytes(i, 0)] = instances->seen.size();
    instances->seen.push_back({.facts = {.name = rows[1].Bytes(i, 1),
                                         .role = rows[1].Bytes(i, 2),
                                         .version = rows[1].Bytes(i, 3),
                                         .started_at = rows[1].Time(i, 4),
                                         .details = rows[1].Bytes(i, 6)},
                               .seen_at = rows[1].Time(i, 5),
                               .is_this = rows[1].View(i, 0) == owner});
  }
  for (int i = 0; i < rows[2].size(); ++i) {
    const auto shard = static_cast<Shard>(rows[2].Integer(i, 0));
    const auto place = places.find(rows[2].Bytes(i, 1));
    if (place == places.end()) {
      instances->unowned.push_back(shard);
    } else {
      instances->seen[place->second].shards.push_back(shard);
    }
  }
  return absl::OkStatus();
}

}  // namespace signinwatch::store::postgres
