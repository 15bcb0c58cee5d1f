// State and positions: what the pipeline goes on with after a restart, and commits. One of the
// store's three ports (store.h).
//
//   absl::StatusOr<ShardClaim> claim = store.Claim(0);
//   store.LoadState(*claim, kStateHead, visit);  store.LoadPositions(*claim, &positions);
//   store.Commit(*claim, commit);      // every second or so
//   store.Maintain(now);               // between commits
//   store.Release(*claim);             // a clean hand-over
//
// A shard is what one detector decides: state, watermark and positions of its own, committed
// together. On one machine there is shard 0; with several, one for each partition of the signal
// topic. Who commits to a shard has claimed it, and each claim ends the one before.
//
// Thread-safe. Errors are those of store.h.
#ifndef SIGNINWATCH_DAEMON_STORE_STATE_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_STATE_STORE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/position/partition_position.h"
#include "daemon/store/shard_claim.h"
#include "detectors/detector.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"

namespace signinwatch::store {

// One revision of a ticket, and the sinks it is for.
struct TicketRevision {
  Ticket ticket;          // what is looked for by columns
  std::string json;       // what is sent
  EventTime broker_time;  // append time of the message that caused it; kBeginningOfTime:
                          // none did (time passed)
  // Names. A sink that was told of an earlier revision gets this one too, named here or not: it is
  // told of a ticket to its end.
  std::vector<std::string> sinks;
  // Sinks that leave it out because it is part of ticket.parent_ticket_id (`roll_up`). Not of one
  // that was told of an earlier revision.
  std::vector<std::string> rolled_up = {};
};

// Watched failures of one code in one span of event time: the status page's plot. The absolute
// count, which replaces what was there.
struct FailureCount {
  EventTime bucket;  // its beginning; kFailureBucket long
  int64_t code = 0;
  uint64_t count = 0;
  friend bool operator==(const FailureCount&, const FailureCount&) = default;
};
inline constexpr Duration kFailureBucket = std::chrono::minutes(10);

struct StoreCommit {
  EventTime moment = kBeginningOfTime;  // wall time
  std::vector<StateRow> state = {};
  std::vector<position::PartitionPosition> positions = {};
  std::vector<TicketRevision> revisions = {};
  std::vector<FailureCount> failures = {};
};

struct StoreSize {
  uint64_t file_bytes = 0;  // database and write-ahead log
  uint64_t state_rows = 0;
  uint64_t tickets = 0;
  uint64_t revisions = 0;
  // Of the file system it is on; 0: not known.
  uint64_t disk_free_bytes = 0;
  uint64_t disk_bytes = 0;
};

// How much is kept, and for whom. May change while the store is open.
struct StoreLimits {
  Duration keep_tickets = 90 * kDay;
  uint64_t outbox_max = 1'000'000;
  // Sinks that are configured. What waits for others is dropped by the next Maintain.
  std::vector<std::string> sinks = {};
};

// An open ticket without a revision is one whose detector is gone, if it stays so for that much
// longer than resolved ones are kept.
inline constexpr Duration kOpenTicketsKeptLonger = 7 * kDay;

class StateStore {
 public:
  virtual ~StateStore() = default;

  // From now on.
  virtual void SetLimits(const StoreLimits& limits) = 0;

  // Takes the shard from whoever has it, who can write nothing of it any more once this returns.
  // The same epoch again where this store has it and nobody took it meanwhile: then what is in
  // memory still holds. kInvalidArgument: a store in one file has shard 0 only. May take some
  // seconds where who had it hangs in the middle of a transaction.
  virtual absl::StatusOr<ShardClaim> Claim(Shard shard) = 0;
  // Who claims it next need not fear a commit of ours. kAborted: it was not ours any more.
  virtual absl::Status Release(const ShardClaim& claim) = 0;

  // The rows by which Detector::Load goes on, one by one until `visit` wants no more: that with the
  // key `head` first, if it is there, the others in any order. `visit` must not use the store.
  // kAborted: another has taken the shard.
  virtual absl::Status LoadState(const ShardClaim& claim, std::string_view head,
                                 const StateVisitor& visit) = 0;
  // The positions that belong to them.
  virtual absl::Status LoadPositions(const ShardClaim& claim,
                                     std::vector<position::PartitionPosition>* positions) = 0;
  virtual absl::Status LoadFailures(const ShardClaim& claim, EventTime from,
                                    std::vector<FailureCount>* failures) = 0;

  // All or nothing, on disk when it returns. kAborted: another has taken the shard; nothing of it
  // was written, nothing ever will be, and who holds the claim is to stop.
  virtual absl::Status Commit(const ShardClaim& claim, const StoreCommit& commit) = 0;

  // Upkeep of what is claimed, a bounded piece of work a call (some 50 ms): forgets tickets whose
  // last revision was committed keep_tickets ago (open ones: kOpenTicketsKeptLonger more) and that
  // no sink waits for, and failures keep_tickets older than the newest, gives free space back,
  // keeps the outbox of each sink within outbox_max: beyond it revisions that a later one of the
  // same ticket waiting for the same sink supersedes are dropped first, then the oldest. `true`:
  // there is more to do.
  virtual absl::StatusOr<bool> Maintain(EventTime now) = 0;
  virtual absl::Status Size(StoreSize* size) = 0;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_STATE_STORE_H_
