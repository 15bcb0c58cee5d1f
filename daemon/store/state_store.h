// State and positions: what the pipeline goes on with after a restart, and commits. One of the
// store's three ports (store.h).
//
//   store.LoadState(kStateHead, visit);  store.LoadPositions(&positions);   // at start
//   store.Commit(commit);                                                   // every second or so
//   store.Maintain(now);                                                    // between commits
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
#include "detectors/detector.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"

namespace signinwatch {

// One revision of a ticket, and the sinks it is for.
struct TicketRevision {
  Ticket ticket;          // what is looked for by columns
  std::string json;       // what is sent
  EventTime broker_time;  // append time of the message that caused it; kBeginningOfTime:
                          // none did (time passed)
  // Names. A sink that was told of an earlier revision gets this one too, named here or not: it is
  // told of a ticket to its end.
  std::vector<std::string> sinks;
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
  std::vector<PartitionPosition> positions = {};
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

  // The rows by which Detector::Load goes on, one by one until `visit` wants no more: that with the
  // key `head` first, if it is there, the others in any order. `visit` must not use the store.
  virtual absl::Status LoadState(std::string_view head, const StateVisitor& visit) = 0;
  // The positions that belong to them.
  virtual absl::Status LoadPositions(std::vector<PartitionPosition>* positions) = 0;
  virtual absl::Status LoadFailures(EventTime from, std::vector<FailureCount>* failures) = 0;

  // All or nothing, on disk when it returns.
  virtual absl::Status Commit(const StoreCommit& commit) = 0;

  // Upkeep, a bounded piece of work a call (some 50 ms): forgets tickets whose last revision was
  // committed keep_tickets ago (open ones: kOpenTicketsKeptLonger more) and that no sink waits for,
  // and failures keep_tickets older than the newest, gives free space back, keeps the outbox of
  // each sink within outbox_max: beyond it revisions that a later one of the same ticket waiting
  // for the same sink supersedes are dropped first, then the oldest. `true`: there is more to do.
  virtual absl::StatusOr<bool> Maintain(EventTime now) = 0;
  virtual absl::Status Size(StoreSize* size) = 0;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_STORE_STATE_STORE_H_
