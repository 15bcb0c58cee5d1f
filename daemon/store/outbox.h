// The outbox: what was committed to be sent to each sink, what became of it, and what is known of
// each ticket there. One of the store's three ports (the others: store.h); delivery's.
//
//   outbox.NextDeliveries(sink, after, 100, &deliveries);    // by each sink's thread
//   outbox.RemoteTickets(sink, ticket_id, &remotes);         // ticket systems: what is there
//   outbox.NoteRemote({.sink = sink, .ticket_id = ..., .intent = {{"create", revision, now}}});
//   ... the request ...
//   outbox.Acknowledge(sink, outcomes, now);                 // with what is there now
//
// All calls are thread-safe. Errors are those of store.h.
#ifndef SIGNINWATCH_DAEMON_STORE_OUTBOX_H_
#define SIGNINWATCH_DAEMON_STORE_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/clock/clock.h"
#include "parser/event_time.h"

namespace signinwatch::store {

// One revision of a ticket that waits for a sink. Beside the JSON what all sinks decide by, in the
// words of the JSON.
struct Delivery {
  int64_t sequence = 0;  // grows with commits; in order within a ticket
  std::string ticket_id;
  uint32_t revision = 0;
  std::string severity;
  std::string state;
  std::string json;
  EventTime committed_at;
  EventTime broker_time;         // see TicketRevision
  std::string reason;            // why the revision was made
  uint32_t reopened = 0;         // how often, up to this revision
  std::string tenant_id;         // as it is written in the ticket
  std::string scope;             // "user" or "tenant"
  std::string parent_ticket_id;  // empty: none, as the next two
  std::string continues;
  std::string merged_into;
  // Changes of its state that were held back since the ticket flaps (flap_damper.h): 0 in the
  // store.
  uint32_t held_back = 0;
};

// By its name: info is 0, critical 4; -1: no severity.
[[nodiscard]] int SeverityRank(std::string_view name);

// Users' tickets that a sink with `roll_up` leaves out, as part of a tenant's ticket.
struct RolledUpTicket {
  std::string ticket_id;
  std::string user;  // principal name in lower case, else object id
  friend bool operator==(const RolledUpTicket&, const RolledUpTicket&) = default;
};
inline constexpr size_t kRolledUpShown = 20;
struct RolledUp {
  uint64_t total = 0;
  std::vector<RolledUpTicket> shown = {};  // the first kRolledUpShown to be left out
};

// What a sink was about to do to a ticket there. It is committed before the request, so an intent
// that is found later is one whose outcome is not known.
struct RemoteIntent {
  std::string operation;               // the sink's own word: "create", "resolve", ...
  uint32_t revision = 0;               // for which
  EventTime since = kBeginningOfTime;  // wall time
  friend bool operator==(const RemoteIntent&, const RemoteIntent&) = default;
};

enum class RemoteState : uint8_t { kOpen, kClosed, kClosedByPerson };
[[nodiscard]] const char* RemoteStateName(RemoteState state);  // "closed_by_person", ...
[[nodiscard]] RemoteState RemoteStateOf(std::string_view name);

// What is known of a ticket at a sink: as of the last revision that it was told.
struct RemoteTicket {
  std::string sink;
  std::string ticket_id;
  // Of those that stand for one ticket there, one after another: what a person closed is left
  // alone, and a ticket that is reopened then gets a successor.
  uint32_t generation = 1;
  std::string remote_id = {};  // what it is called there; empty: not known, or it has no name
  std::string link = {};       // where people see it; empty: nowhere
  RemoteState state = RemoteState::kOpen;
  uint32_t revision = 0;  // that was told last; 0: none
  uint32_t reopened = 0;  // of that revision
  std::string memo = {};  // the sink's own: what it wrote there last
  std::optional<RemoteIntent> intent = {};
  std::string error = {};  // of the last attempt; empty: it worked
  friend bool operator==(const RemoteTicket&, const RemoteTicket&) = default;
};

// What a sink was told last of a ticket that it has to say again.
struct ToldTicket {
  RemoteTicket remote;
  std::string json;  // of the newest revision that was told, or was about to be
};

// The key that a ticket has there: its id, that of a successor with "-2", "-3", ... behind it.
[[nodiscard]] std::string RemoteKey(const std::string& ticket_id, uint32_t generation);

// Beyond, kInvalidArgument. What comes from the other side is cut or refused by who asked for it.
inline constexpr size_t kRemoteIdBytesMax = 500;
inline constexpr size_t kRemoteLinkBytesMax = 2'000;
inline constexpr size_t kRemoteMemoBytesMax = 4'000;
inline constexpr size_t kRemoteOperationBytesMax = 100;
[[nodiscard]] absl::Status CheckBounds(const RemoteTicket& remote);
// Of one ticket at one sink; older ones are forgotten.
inline constexpr uint32_t kRemoteGenerationsMax = 8;

// Beyond, they are cut.
inline constexpr size_t kDeliveryErrorBytesMax = 500;
inline constexpr size_t kDeliveryReasonBytesMax = 50;
// That are remembered; the oldest are forgotten.
inline constexpr size_t kFailedDeliveriesMax = 1'000;

struct DeliveryOutcome {
  int64_t sequence = 0;
  enum class Kind : uint8_t { kDelivered, kFailed } kind = Kind::kDelivered;  // kFailed: for ever
  std::string error = {};                                                     // of kFailed
  std::string reason = {};  // of kFailed: the kind of error, a word
  // What is known of the ticket there from now on, `error` aside, which is that of the outcome.
  // Absent, for sinks that know nothing: the revision counts as told, or the error is noted.
  std::optional<RemoteTicket> remote = {};
};

// A delivery that was given up.
struct FailedDelivery {
  EventTime failed_at;  // wall time
  std::string sink;
  std::string ticket_id;
  uint32_t revision = 0;
  std::string error;
  std::string reason;
};

struct OutboxSize {
  std::string sink;
  uint64_t depth = 0;
  EventTime oldest = kBeginningOfTime;  // committed_at of the oldest; kBeginningOfTime if empty
};

class Outbox {
 public:
  virtual ~Outbox() = default;

  // Of the shards that this store has claimed: what waits for `sink` beyond `after`, by sequence,
  // at most `limit`.
  virtual absl::Status NextDeliveries(const std::string& sink, int64_t after, size_t limit,
                                      std::vector<Delivery>* deliveries) = 0;
  // Takes them out of the outbox, and writes what is known of their tickets there, all or nothing.
  // Of those that are not in it (any more) only `remote` counts. It survives this process; after a
  // failure of the machine some may be delivered again. `now`: the wall clock. What belongs to a
  // shard that is not ours any more is left as it is, without a word: its owner delivers it again.
  virtual absl::Status Acknowledge(const std::string& sink,
                                   std::span<const DeliveryOutcome> outcomes, EventTime now) = 0;

  // Replaces what is known of the ticket there, as a whole, on disk when it returns. So an intent
  // is written from what Acknowledge left: outcomes before it are acknowledged first. Of a ticket
  // that is not in the store (any more) nothing is kept. kAborted: the ticket's shard is not ours:
  // what was intended must not be done.
  virtual absl::Status NoteRemote(const RemoteTicket& remote) = 0;
  // Those that stand for the ticket at one sink, the present one last; empty: it is not known
  // there.
  virtual absl::Status RemoteTickets(const std::string& sink, const std::string& ticket_id,
                                     std::vector<RemoteTicket>* remotes) = 0;
  // What was left out at the sink as part of the tenant's ticket by `as_of`, a moment of a commit:
  // so a revision that is sent again says the same.
  virtual absl::Status RolledUpUnder(const std::string& sink, const std::string& ticket_id,
                                     EventTime as_of, RolledUp* rolled_up) = 0;
  // Of the shards that this store has claimed: those at the sink that are open there, or closed by
  // us and with a memo, by ticket. For who has to say again what holds after a restart; looks at
  // all tickets of the sink.
  virtual absl::Status ToldTickets(const std::string& sink, std::vector<ToldTicket>* told) = 0;

  // The last `limit` that failed for ever, the latest first.
  virtual absl::Status FailedDeliveries(size_t limit, std::vector<FailedDelivery>* failed) = 0;
  // Of the shards that this store has claimed (of all, where it is read only). Costs no more than a
  // look-up a sink.
  virtual absl::Status OutboxSizes(std::vector<OutboxSize>* sizes) = 0;
  // Deliveries dropped by the bound of the outbox since opening, by sink.
  [[nodiscard]] virtual std::vector<std::pair<std::string, uint64_t>> dropped_deliveries()
      const = 0;

  // Another number whenever another set of shards is claimed: then what was read from here before
  // may be another's by now, and is read anew from the beginning. `now` in steady time: what was
  // not known within the last second to be ours is looked at, so that a process that stood still
  // for longer than its shards were left to it sends nothing of theirs when it goes on.
  virtual absl::StatusOr<uint64_t> ClaimsVersion(clock::SteadyTime now) = 0;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_OUTBOX_H_
