#include "daemon/store/sqlite/schema.h"

#include "absl/strings/str_cat.h"
#include "daemon/store/sqlite/file_access.h"

namespace signinwatch::store {
namespace {

constexpr int64_t kApplicationId = 0x73696757;  // "sigW", as file(1) shows it

// Times are microseconds since 1970, UTC.
constexpr char kVersion1[] = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE state(key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE positions(
  topic TEXT, partition INTEGER, next_offset INTEGER NOT NULL, watermark INTEGER NOT NULL,
  PRIMARY KEY(topic, partition)) WITHOUT ROWID;

CREATE TABLE failures(
  bucket INTEGER, code INTEGER, count INTEGER NOT NULL,
  PRIMARY KEY(bucket, code)) WITHOUT ROWID;

-- What was or is to be sent, once for all sinks. A sequence is never used twice.
CREATE TABLE revisions(
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, ticket_id TEXT NOT NULL, revision INTEGER NOT NULL,
  severity TEXT NOT NULL, state TEXT NOT NULL,
  committed_at INTEGER NOT NULL, broker_time INTEGER NOT NULL, json TEXT NOT NULL);
CREATE INDEX revisions_by_ticket ON revisions(ticket_id);

-- Each ticket as of its last revision: what is looked for. Names are lower-cased; absent: empty.
CREATE TABLE tickets(
  id INTEGER PRIMARY KEY, ticket_id TEXT NOT NULL UNIQUE, sequence INTEGER NOT NULL,
  committed_at INTEGER NOT NULL, tenant_id TEXT NOT NULL, user_id TEXT NOT NULL,
  user_name TEXT NOT NULL, state TEXT NOT NULL, cause TEXT NOT NULL, severity TEXT NOT NULL,
  scope TEXT NOT NULL, detector TEXT NOT NULL,
  first_event_time INTEGER NOT NULL, last_event_time INTEGER NOT NULL);
CREATE INDEX tickets_by_time ON tickets(first_event_time, ticket_id);
CREATE INDEX tickets_by_tenant ON tickets(tenant_id, first_event_time, ticket_id);
CREATE INDEX tickets_by_state ON tickets(state, first_event_time, ticket_id);
CREATE INDEX tickets_by_user ON tickets(user_id);
CREATE INDEX tickets_by_name ON tickets(user_name);
CREATE INDEX tickets_by_age ON tickets(committed_at);

-- What waits. Superseded: a later revision of the ticket waits for the same sink.
CREATE TABLE outbox(
  sink TEXT, sequence INTEGER, superseded INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(sink, sequence)) WITHOUT ROWID;
CREATE INDEX outbox_by_sequence ON outbox(sequence);
CREATE INDEX outbox_superseded ON outbox(sink, sequence) WHERE superseded = 1;

CREATE TABLE failed_deliveries(
  id INTEGER PRIMARY KEY, failed_at INTEGER NOT NULL, sink TEXT NOT NULL,
  ticket_id TEXT NOT NULL, revision INTEGER NOT NULL, error TEXT NOT NULL);
)sql";

// What people look for and do. Ranks of severities: info is 0, critical 4.
constexpr char kVersion2[] = R"sql(
ALTER TABLE tickets ADD COLUMN severity_rank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN event_count INTEGER NOT NULL DEFAULT 0;
-- Of the revision that somebody looked at; -1: nobody has.
ALTER TABLE tickets ADD COLUMN reviewed_rank INTEGER NOT NULL DEFAULT -1;
UPDATE tickets SET
  severity_rank = CASE severity WHEN 'critical' THEN 4 WHEN 'high' THEN 3 WHEN 'medium' THEN 2
                  WHEN 'low' THEN 1 ELSE 0 END,
  event_count = COALESCE((SELECT json_extract(json, '$.event_count') FROM revisions AS r
                          WHERE r.sequence = tickets.sequence AND json_valid(json)), 0);
-- What was over before is in nobody's queue.
UPDATE tickets SET reviewed_rank = severity_rank WHERE state <> 'open';
CREATE INDEX tickets_to_review ON tickets(severity, first_event_time, ticket_id)
  WHERE severity_rank > reviewed_rank;

CREATE TABLE reviews(
  ticket_id TEXT PRIMARY KEY, revision INTEGER NOT NULL, reviewed_at INTEGER NOT NULL,
  reviewed_by TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE ticks(
  ticket_id TEXT, step TEXT, ticked_at INTEGER NOT NULL, ticked_by TEXT NOT NULL,
  PRIMARY KEY(ticket_id, step)) WITHOUT ROWID;

-- All that a ticket names, lower-cased, one a line: apart from what is sorted, which stays narrow.
CREATE TABLE ticket_words(ticket_id TEXT PRIMARY KEY, words TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO ticket_words(ticket_id, words)
  SELECT t.ticket_id, COALESCE((
    SELECT lower(group_concat(atom, char(10))) FROM json_tree(r.json)
    WHERE type = 'text' AND key IN ('ticket_id', 'tenant_id', 'user_id', 'user_principal_name',
                                    'id', 'name', 'value', 'actor')), '')
  FROM tickets AS t JOIN revisions AS r USING (sequence) WHERE json_valid(r.json);

CREATE TRIGGER tickets_forgotten AFTER DELETE ON tickets BEGIN
  DELETE FROM reviews WHERE ticket_id = old.ticket_id;
  DELETE FROM ticks WHERE ticket_id = old.ticket_id;
  DELETE FROM ticket_words WHERE ticket_id = old.ticket_id;
END;
)sql";

// Which sinks a ticket was put into the outbox for: they are told of it to its end.
constexpr char kVersion3[] = R"sql(
CREATE TABLE told(ticket_id TEXT, sink TEXT, PRIMARY KEY(ticket_id, sink)) WITHOUT ROWID;
INSERT OR IGNORE INTO told(ticket_id, sink)
  SELECT r.ticket_id, o.sink FROM outbox AS o JOIN revisions AS r USING (sequence);
CREATE TRIGGER told_forgotten AFTER DELETE ON tickets BEGIN
  DELETE FROM told WHERE ticket_id = old.ticket_id;
END;
)sql";

// What the log of a position is known by; 0: not known.
constexpr char kVersion4[] = R"sql(
ALTER TABLE positions ADD COLUMN mark INTEGER NOT NULL DEFAULT 0;
)sql";

// What all sinks decide by, beside the JSON; what a ticket is at each sink; what kind of error it
// was. Of revisions that nobody waits for the columns stay empty.
constexpr char kVersion5[] = R"sql(
ALTER TABLE revisions ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN reopened INTEGER NOT NULL DEFAULT 0;
ALTER TABLE revisions ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN parent_ticket_id TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN continues TEXT NOT NULL DEFAULT '';
ALTER TABLE revisions ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';
UPDATE revisions SET
  reason = COALESCE(json_extract(json, '$.reason'), ''),
  reopened = COALESCE(json_extract(json, '$.reopened'), 0),
  tenant_id = COALESCE(json_extract(json, '$.tenant_id'), ''),
  scope = COALESCE(json_extract(json, '$.scope'), ''),
  parent_ticket_id = COALESCE(json_extract(json, '$.parent_ticket_id'), ''),
  continues = COALESCE(json_extract(json, '$.continues'), ''),
  merged_into = COALESCE(json_extract(json, '$.merged_into'), '')
  WHERE sequence IN (SELECT sequence FROM outbox) AND json_valid(json);

ALTER TABLE failed_deliveries ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- An intent is there if its operation is not empty.
CREATE TABLE remote_tickets(
  ticket_id TEXT, sink TEXT, generation INTEGER,
  remote_id TEXT NOT NULL DEFAULT '', link TEXT NOT NULL DEFAULT '', state TEXT NOT NULL,
  revision INTEGER NOT NULL, reopened INTEGER NOT NULL, memo TEXT NOT NULL DEFAULT '',
  intent TEXT NOT NULL DEFAULT '', intent_revision INTEGER NOT NULL DEFAULT 0,
  intent_since INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
  PRIMARY KEY(ticket_id, sink, generation)) WITHOUT ROWID;
CREATE TRIGGER remote_tickets_forgotten AFTER DELETE ON tickets BEGIN
  DELETE FROM remote_tickets WHERE ticket_id = old.ticket_id;
END;
)sql";

// Whether an exception of the configuration keeps a ticket quiet.
constexpr char kVersion6[] = R"sql(
ALTER TABLE tickets ADD COLUMN excepted INTEGER NOT NULL DEFAULT 0;
UPDATE tickets SET excepted = 1 WHERE EXISTS (
  SELECT 1 FROM revisions AS r WHERE r.sequence = tickets.sequence AND json_valid(r.json)
    AND json_extract(r.json, '$.exception') IS NOT NULL);
)sql";

// Which users' tickets a sink leaves out as part of which tenant's, and from when to when: what is
// said of it at one time is found again later. `ended` 0: still.
constexpr char kVersion7[] = R"sql(
CREATE TABLE rolled_up(
  parent_ticket_id TEXT, sink TEXT, ticket_id TEXT, since INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(parent_ticket_id, sink, ticket_id)) WITHOUT ROWID;
CREATE INDEX rolled_up_by_ticket ON rolled_up(ticket_id, sink);
CREATE TRIGGER rolled_up_forgotten AFTER DELETE ON tickets BEGIN
  DELETE FROM rolled_up WHERE ticket_id = old.ticket_id;
  DELETE FROM rolled_up WHERE parent_ticket_id = old.ticket_id;
END;
)sql";

constexpr const char* kMigrations[] = {kVersion1, kVersion2, kVersion3, kVersion4,
                                       kVersion5, kVersion6, kVersion7};

// 0: empty. An error: not ours, or newer than `newest`.
absl::StatusOr<int64_t> VersionOf(Connection& connection, int64_t newest) {
  // SQLite takes so short a file for an empty one, and would write over it.
  const uint64_t bytes = FileBytes(connection.path());
  if (bytes > 0 && bytes < 512) return connection.NoStore("it is no SQLite database");
  const absl::StatusOr<int64_t> application = connection.QueryInteger("PRAGMA application_id");
  if (!application.ok()) return application.status();
  const absl::StatusOr<int64_t> version = connection.QueryInteger("PRAGMA user_version");
  if (!version.ok()) return version.status();
  if (*application == 0 && *version == 0) {
    const auto tables = connection.QueryInteger("SELECT COUNT(*) FROM sqlite_master");
    if (!tables.ok()) return tables.status();
    if (*tables == 0) return 0;
  }
  if (*application != kApplicationId) {
    return connection.NoStore("it is the SQLite database of another program");
  }
  if (*version > newest) {
    return absl::FailedPreconditionError(
        absl::StrCat(connection.path(), ": written by a newer signinwatch (version ", *version,
                     " of the store; this one knows ", newest,
                     "): install that one again, or give this one another store.path"));
  }
  return *version;
}

// What can only be said before there are tables, and the write-ahead log.
absl::Status SetUp(Connection& connection, bool empty) {
  if (empty) {
    // Half the usual page: a commit touches rows all over the state, and each costs a page in the
    // log. bench/store has the figures.
    absl::Status s =
        connection.Execute("PRAGMA page_size = 2048; PRAGMA auto_vacuum = INCREMENTAL");
    if (!s.ok()) return s;
  }
  const absl::StatusOr<std::string> mode = connection.QueryText("PRAGMA journal_mode = WAL");
  if (!mode.ok()) return mode.status();
  if (*mode != "wal") {
    return absl::FailedPreconditionError(
        absl::StrCat(connection.path(),
                     ": a write-ahead log is not possible on this file system: put the store "
                     "on a local disk"));
  }
  return absl::OkStatus();
}

}  // namespace

std::span<const char* const> SchemaMigrations() { return kMigrations; }

absl::Status PrepareSchema(Connection& connection, std::span<const char* const> migrations) {
  const auto newest = static_cast<int64_t>(migrations.size());
  const absl::StatusOr<int64_t> version = VersionOf(connection, newest);
  if (!version.ok()) return version.status();
  if (absl::Status s = SetUp(connection, *version == 0); !s.ok()) return s;
  if (*version == newest) return absl::OkStatus();
  Transaction transaction(connection);
  absl::Status s = transaction.Begin(Transaction::Kind::kDurable);
  for (int64_t v = *version; s.ok() && v < newest; ++v) s = connection.Execute(migrations[v]);
  if (!s.ok()) return s;
  s = connection.Execute(
      absl::StrCat("PRAGMA application_id = ", kApplicationId, "; PRAGMA user_version = ", newest));
  return s.ok() ? transaction.Commit() : s;
}

absl::Status CheckSchema(Connection& connection, std::span<const char* const> migrations) {
  const auto newest = static_cast<int64_t>(migrations.size());
  const absl::StatusOr<int64_t> version = VersionOf(connection, newest);
  if (!version.ok()) return version.status();
  if (*version == 0) return connection.NoStore("it is empty");
  if (*version == newest) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(connection.path(), ": written by an older signinwatch (version ", *version,
                   " of the store; this one knows ", newest,
                   "): start the daemon of this version once, it brings the store up to date"));
}

}  // namespace signinwatch::store
