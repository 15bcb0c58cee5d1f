#include "daemon/store/sqlite/remote_tables.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace signinwatch::store {
namespace {

// Of the generation that is there, else the first, of the ticket of a delivery that waits.
constexpr char kPresent[] =
    "(ticket_id, sink, generation, state, revision, reopened, error) SELECT r.ticket_id, ?1, "
    "COALESCE((SELECT MAX(generation) FROM remote_tickets AS t WHERE t.ticket_id = r.ticket_id "
    "AND t.sink = ?1), 1), CASE r.state WHEN 'open' THEN 'open' ELSE 'closed' END, ";

constexpr char kOfWaiting[] =
    " FROM outbox AS o JOIN revisions AS r USING (sequence) WHERE o.sink = ?1 AND o.sequence = ?2 "
    "ON CONFLICT(ticket_id, sink, generation) DO UPDATE SET ";

constexpr char kReadTold[] =
    "SELECT t.sink, t.ticket_id, t.generation, t.remote_id, t.link, t.state, t.revision, "
    "t.reopened, t.memo, t.intent, t.intent_revision, t.intent_since, t.error, r.json "
    "FROM remote_tickets AS t JOIN revisions AS r "
    "ON r.ticket_id = t.ticket_id AND r.revision = MAX(t.revision, t.intent_revision) "
    "WHERE t.sink = ?1 AND (t.state = 'open' OR (t.state = 'closed' AND t.memo <> '')) "
    "ORDER BY t.ticket_id, t.generation";

constexpr char kRead[] =
    "SELECT sink, ticket_id, generation, remote_id, link, state, revision, reopened, memo, intent, "
    "intent_revision, intent_since, error FROM remote_tickets WHERE ticket_id = ?1 ";

RemoteTicket RowOf(const Statement& read) {
  RemoteTicket remote{.sink = read.Bytes(0),
                      .ticket_id = read.Bytes(1),
                      .generation = static_cast<uint32_t>(read.Integer(2)),
                      .remote_id = read.Bytes(3),
                      .link = read.Bytes(4),
                      .state = RemoteStateOf(read.Bytes(5)),
                      .revision = static_cast<uint32_t>(read.Integer(6)),
                      .reopened = static_cast<uint32_t>(read.Integer(7)),
                      .memo = read.Bytes(8),
                      .error = read.Bytes(12)};
  if (std::string operation = read.Bytes(9); !operation.empty()) {
    remote.intent = {std::move(operation), static_cast<uint32_t>(read.Integer(10)), read.Time(11)};
  }
  return remote;
}

}  // namespace

RemoteTables::RemoteTables(Connection& connection)
    : put_(connection,
           "INSERT OR REPLACE INTO remote_tickets(ticket_id, sink, generation, remote_id, link, "
           "state, revision, reopened, memo, intent, intent_revision, intent_since, error) "
           "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 "
           "WHERE EXISTS (SELECT 1 FROM tickets WHERE ticket_id = ?1)"),
      forget_old_(connection,
                  "DELETE FROM remote_tickets WHERE ticket_id = ? AND sink = ? AND "
                  "generation <= ?"),
      note_told_(connection, absl::StrCat("INSERT INTO remote_tickets", kPresent,
                                          "r.revision, r.reopened, ''", kOfWaiting,
                                          "state = excluded.state, revision = excluded.revision, "
                                          "reopened = excluded.reopened, error = ''")),
      note_error_(connection, absl::StrCat("INSERT INTO remote_tickets", kPresent, "0, 0, ?3",
                                           kOfWaiting, "error = excluded.error")) {}

absl::Status RemoteTables::Note(const RemoteTicket& remote) {
  if (absl::Status s = CheckBounds(remote); !s.ok()) return s;
  const RemoteIntent intent = remote.intent.value_or(RemoteIntent{});
  absl::Status s =
      put_.Run(remote.ticket_id, remote.sink, int64_t{remote.generation}, remote.remote_id,
               remote.link, RemoteStateName(remote.state), int64_t{remote.revision},
               int64_t{remote.reopened}, remote.memo, intent.operation, int64_t{intent.revision},
               intent.since, std::string_view(remote.error).substr(0, kDeliveryErrorBytesMax));
  if (!s.ok()) return s;
  return forget_old_.Run(remote.ticket_id, remote.sink,
                         int64_t{remote.generation} - int64_t{kRemoteGenerationsMax});
}

absl::Status RemoteTables::NoteOutcome(const std::string& sink, const DeliveryOutcome& outcome) {
  const bool failed = outcome.kind == DeliveryOutcome::Kind::kFailed;
  if (outcome.remote) {
    RemoteTicket remote = *outcome.remote;
    remote.sink = sink;
    remote.error = failed ? outcome.error : "";
    return Note(remote);
  }
  if (!failed) return note_told_.Run(sink, outcome.sequence);
  return note_error_.Run(sink, outcome.sequence,
                         std::string_view(outcome.error).substr(0, kDeliveryErrorBytesMax));
}

// ---------------------------------------------------------------------------------------- reading

absl::Status ReadRemoteTickets(Connection& connection, const std::string& sink,
                               const std::string& ticket_id, std::vector<RemoteTicket>* remotes) {
  remotes->clear();
  Statement read(connection, absl::StrCat(kRead, "AND sink = ?2 ORDER BY generation"));
  read.Bind(ticket_id, sink);
  while (read.Next()) remotes->push_back(RowOf(read));
  return read.Finish();
}

absl::Status ReadRemoteTicketsOf(Connection& connection, const std::string& ticket_id,
                                 std::vector<RemoteTicket>* remotes) {
  remotes->clear();
  Statement read(connection, absl::StrCat(kRead, "ORDER BY sink, generation"));
  read.Bind(ticket_id);
  while (read.Next()) {
    RemoteTicket remote = RowOf(read);
    if (!remotes->empty() && remotes->back().sink == remote.sink) remotes->pop_back();
    remotes->push_back(std::move(remote));
  }
  return read.Finish();
}

absl::Status ReadToldTickets(Connection& connection, const std::string& sink,
                             std::vector<ToldTicket>* told) {
  told->clear();
  Statement read(connection, kReadTold);
  read.Bind(sink);
  while (read.Next()) told->push_back({.remote = RowOf(read), .json = read.Bytes(13)});
  return read.Finish();
}

}  // namespace signinwatch::store
