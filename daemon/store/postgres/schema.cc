#include "daemon/store/postgres/schema.h"

#include "absl/strings/str_cat.h"

namespace signinwatch::store::postgres {
namespace {

// Of those who make or migrate the tables; an arbitrary number, the same in all versions.
constexpr char kLock[] = "SELECT pg_advisory_xact_lock(8316578422)";

// Times are microseconds since 1970, UTC. Texts are compared byte by byte, as in every other store.
// `state` is one table with the shard first in its key, not a partition for each shard: how many
// there are is the configuration's, and a role that may not make tables at run time is to do.
// No column that changes is indexed there, and pages keep room for the next version of a row, so
// that updates stay in their page (HOT).
constexpr char kVersion1[] = R"sql(
CREATE TABLE meta(key text COLLATE "C" PRIMARY KEY, value text NOT NULL);

-- Who may write a shard. Each claim raises `epoch`; `commits` counts those of the shard, so that
-- one whose answer was lost can be told from one that never happened.
CREATE TABLE shards(
  shard bigint PRIMARY KEY, epoch bigint NOT NULL DEFAULT 0, commits bigint NOT NULL DEFAULT 0,
  owner text NOT NULL DEFAULT '', claimed_at timestamptz NOT NULL DEFAULT now())
  WITH (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

-- Who said lately that it is there; `owner` as in shards.
CREATE TABLE instances(
  owner text COLLATE "C" PRIMARY KEY, name text NOT NULL, role text NOT NULL,
  version text NOT NULL, started_at bigint NOT NULL, seen_at bigint NOT NULL,
  details text NOT NULL) WITH (fillfactor = 50);

-- First of each commit: nobody has claimed the shard since, and the commit before is there.
CREATE FUNCTION begin_commit(of_shard bigint, of_epoch bigint, number bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE shards SET commits = number
    WHERE shard = of_shard AND epoch = of_epoch AND commits = number - 1;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'shard % is not claimed by epoch %, or not at commit %', of_shard, of_epoch,
      number USING ERRCODE = 'SW001';
  END IF;
END $$;

CREATE TABLE state(
  shard bigint, key bytea, value bytea NOT NULL, PRIMARY KEY(shard, key))
  WITH (fillfactor = 75, autovacuum_vacuum_scale_factor = 0.02,
        autovacuum_vacuum_insert_scale_factor = 0.1, autovacuum_analyze_scale_factor = 0.05,
        autovacuum_vacuum_cost_limit = 2000);

CREATE TABLE positions(
  shard bigint, topic text COLLATE "C", partition bigint, next_offset bigint NOT NULL,
  watermark bigint NOT NULL, mark bigint NOT NULL, PRIMARY KEY(shard, topic, partition))
  WITH (fillfactor = 30, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

CREATE TABLE failures(
  shard bigint, bucket bigint, code bigint, count bigint NOT NULL,
  PRIMARY KEY(shard, bucket, code)) WITH (fillfactor = 50);

-- Each ticket as of its last revision: what is looked for. Names are lower-cased; absent: empty.
-- reviewed_rank: the rank of the severity that somebody looked at; -1: nobody has.
CREATE TABLE tickets(
  ticket_id text COLLATE "C" PRIMARY KEY, shard bigint NOT NULL, sequence bigint NOT NULL,
  committed_at bigint NOT NULL, tenant_id text COLLATE "C" NOT NULL,
  user_id text COLLATE "C" NOT NULL, user_name text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL, cause text COLLATE "C" NOT NULL,
  severity text COLLATE "C" NOT NULL, scope text COLLATE "C" NOT NULL,
  detector text COLLATE "C" NOT NULL, first_event_time bigint NOT NULL,
  last_event_time bigint NOT NULL, severity_rank bigint NOT NULL, event_count bigint NOT NULL,
  excepted boolean NOT NULL, reviewed_rank bigint NOT NULL DEFAULT -1)
  WITH (fillfactor = 80);
CREATE INDEX tickets_by_time ON tickets(first_event_time, ticket_id);
CREATE INDEX tickets_by_tenant ON tickets(tenant_id, first_event_time, ticket_id);
CREATE INDEX tickets_by_state ON tickets(state, first_event_time, ticket_id);
CREATE INDEX tickets_by_user ON tickets(user_id);
CREATE INDEX tickets_by_name ON tickets(user_name);
CREATE INDEX tickets_by_age ON tickets(shard, committed_at, ticket_id);
CREATE INDEX tickets_to_review ON tickets(severity, first_event_time, ticket_id)
  WHERE severity_rank > reviewed_rank;

-- What was or is to be sent, once for all sinks. A sequence is never used twice, and those of one
-- shard grow with its commits.
CREATE TABLE revisions(
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, shard bigint NOT NULL,
  ticket_id text COLLATE "C" NOT NULL, revision bigint NOT NULL,
  severity text COLLATE "C" NOT NULL, severity_rank bigint NOT NULL,
  state text COLLATE "C" NOT NULL, committed_at bigint NOT NULL, broker_time bigint NOT NULL,
  json text NOT NULL, reason text COLLATE "C" NOT NULL, reopened bigint NOT NULL,
  tenant_id text NOT NULL, scope text COLLATE "C" NOT NULL, parent_ticket_id text NOT NULL,
  continues text NOT NULL, merged_into text NOT NULL);
CREATE INDEX revisions_by_ticket ON revisions(ticket_id, revision);

-- What waits. Superseded: a later revision of the ticket waits for the same sink.
CREATE TABLE outbox(
  shard bigint, sink text COLLATE "C", sequence bigint, ticket_id text COLLATE "C" NOT NULL,
  superseded boolean NOT NULL DEFAULT false, PRIMARY KEY(shard, sink, sequence))
  WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX outbox_by_ticket ON outbox(ticket_id, sink);
CREATE INDEX outbox_superseded ON outbox(shard, sink, sequence) WHERE superseded;

CREATE TABLE failed_deliveries(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, failed_at bigint NOT NULL,
  sink text NOT NULL, ticket_id text NOT NULL, revision bigint NOT NULL, error text NOT NULL,
  reason text NOT NULL);

-- What is forgotten with a ticket.
CREATE TABLE reviews(
  ticket_id text COLLATE "C" PRIMARY KEY REFERENCES tickets ON DELETE CASCADE,
  revision bigint NOT NULL, reviewed_at bigint NOT NULL, reviewed_by text NOT NULL);
CREATE TABLE ticks(
  ticket_id text COLLATE "C" REFERENCES tickets ON DELETE CASCADE, step text COLLATE "C",
  ticked_at bigint NOT NULL, ticked_by text NOT NULL, PRIMARY KEY(ticket_id, step));
-- All that a ticket names, lower-cased, one a line.
CREATE TABLE ticket_words(
  ticket_id text COLLATE "C" PRIMARY KEY REFERENCES tickets ON DELETE CASCADE,
  words text COLLATE "C" NOT NULL);
-- Which sinks a ticket was put into the outbox for: they are told of it to its end.
CREATE TABLE told(
  ticket_id text COLLATE "C" REFERENCES tickets ON DELETE CASCADE, sink text COLLATE "C",
  PRIMARY KEY(ticket_id, sink));
-- Which users' tickets a sink leaves out as part of which tenant's, and from when to when: what is
-- said of it at one time is found again later. ended 0: still.
CREATE TABLE rolled_up(
  parent_ticket_id text COLLATE "C", sink text COLLATE "C",
  ticket_id text COLLATE "C" REFERENCES tickets ON DELETE CASCADE, since bigint NOT NULL,
  ended bigint NOT NULL DEFAULT 0, PRIMARY KEY(parent_ticket_id, sink, ticket_id));
CREATE INDEX rolled_up_by_ticket ON rolled_up(ticket_id, sink);
-- What a ticket is at each sink. An intent is there if its operation is not empty.
CREATE TABLE remote_tickets(
  ticket_id text COLLATE "C" REFERENCES tickets ON DELETE CASCADE, sink text COLLATE "C",
  generation bigint, remote_id text NOT NULL DEFAULT '', link text NOT NULL DEFAULT '',
  state text COLLATE "C" NOT NULL, revision bigint NOT NULL, reopened bigint NOT NULL,
  memo text NOT NULL DEFAULT '', intent text NOT NULL DEFAULT '',
  intent_revision bigint NOT NULL DEFAULT 0, intent_since bigint NOT NULL DEFAULT 0,
  error text NOT NULL DEFAULT '', PRIMARY KEY(ticket_id, sink, generation));
CREATE INDEX remote_tickets_by_sink ON remote_tickets(sink, ticket_id)
  WHERE state <> 'closed_by_person';
)sql";

// By a scan: what a look-up by name has found once, that there is no such table, it keeps until the
// transaction ends, though another has made it meanwhile.
constexpr char kIsThere[] =
    "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relname = 'shards' AND relkind = 'r' AND "
    "pg_table_is_visible(oid))";

constexpr const char* kMigrations[] = {kVersion1};

absl::Status TooNew(Connection& connection, int64_t version, int64_t newest) {
  return absl::FailedPreconditionError(connection.Say(absl::StrCat(
      "written by a newer signinwatch (version ", version, " of the store; this one knows ", newest,
      "): install that one again, or give this one another database")));
}

}  // namespace

std::span<const char* const> SchemaMigrations() { return kMigrations; }

absl::StatusOr<int64_t> SchemaVersion(Connection& connection, clock::SteadyTime deadline) {
  const absl::StatusOr<Rows> there = connection.Run({kIsThere}, deadline);
  if (!there.ok()) return there.status();
  if (!there->Bool(0, 0)) return 0;
  const absl::StatusOr<Rows> version =
      connection.Run({"SELECT value::bigint FROM meta WHERE key = 'schema_version'"}, deadline);
  if (!version.ok()) return version.status();
  return version->size() == 0 ? 0 : version->Integer(0, 0);
}

absl::Status PrepareSchema(Connection& connection, clock::SteadyTime deadline,
                           std::span<const char* const> migrations) {
  const auto newest = static_cast<int64_t>(migrations.size());
  absl::StatusOr<int64_t> version = SchemaVersion(connection, deadline);
  if (!version.ok()) return version.status();
  if (*version == newest) return absl::OkStatus();
  if (*version > newest) return TooNew(connection, *version, newest);
  // Another process may be at it: by the time that we have the lock it may be done.
  absl::Status s =
      connection.Execute(absl::StrCat("BEGIN; SET LOCAL lock_timeout = '20s'; ", kLock), deadline);
  if (s.ok()) {
    version = SchemaVersion(connection, deadline);
    s = version.status();
  }
  if (s.ok() && *version > newest) s = TooNew(connection, *version, newest);
  for (int64_t v = s.ok() ? *version : newest; s.ok() && v < newest; ++v) {
    s = connection.Execute(migrations[static_cast<size_t>(v)], deadline);
  }
  if (s.ok() && *version < newest) {
    s = connection.Execute(
        absl::StrCat("INSERT INTO meta(key, value) VALUES ('schema_version', '", newest,
                     "') ON CONFLICT (key) DO UPDATE SET value = excluded.value"),
        deadline);
  }
  const absl::Status ended = connection.Execute(s.ok() ? "COMMIT" : "ROLLBACK", deadline);
  return s.ok() ? ended : s;
}

absl::Status CheckSchema(Connection& connection, clock::SteadyTime deadline,
                         std::span<const char* const> migrations) {
  const auto newest = static_cast<int64_t>(migrations.size());
  const absl::StatusOr<int64_t> version = SchemaVersion(connection, deadline);
  if (!version.ok()) return version.status();
  if (*version == newest) return absl::OkStatus();
  if (*version > newest) return TooNew(connection, *version, newest);
  if (*version == 0) {
    return absl::FailedPreconditionError(
        connection.Say("there is no store: start the daemon once, it makes the tables"));
  }
  return absl::FailedPreconditionError(connection.Say(absl::StrCat(
      "written by an older signinwatch (version ", *version, " of the store; this one knows ",
      newest, "): start the daemon of this version once, it brings the store up to date")));
}

}  // namespace signinwatch::store::postgres
