// The store: keyed state, tickets, what is to be delivered, and input positions, committed together
// (ARCHITECTURE.md, rule 3). There is no other checkpoint.
//
//   auto store = OpenSqliteStore({.path = path});
//   store->LoadState(kStateHead, visit); store->LoadPositions(&positions);   // at start
//   store->Commit(commit);                                          // every second or so
//
// What is to be delivered is a port of its own: outbox.h.
//
// All calls are thread-safe: writers take turns, readers do not wait for them. Errors are
// absl::Status:
//   kResourceExhausted    the disk is full: may be tried again
//   kUnavailable          busy or a passing I/O error: may be tried again
//   kPermissionDenied     read-only, or not ours to open
//   kDataLoss             the file is damaged, or no store
//   kFailedPrecondition   another version, another process has it, no folder: the message says
//                         what to do
//   kNotFound             no such ticket
//   kInvalidArgument      a cursor that is none; more ticks than a ticket may have; a text that is
//                         beyond its bound
// After a failed Commit nothing of it is in the store, and the same Commit may be tried again.
#ifndef SIGNINWATCH_DAEMON_STORE_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/outbox.h"
#include "detectors/detector.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"

namespace signinwatch {

struct PartitionPosition {
  std::string topic;
  int32_t partition = 0;
  int64_t next_offset = 0;                 // the first that is not in the state
  EventTime watermark = kBeginningOfTime;  // of the partition
  // What the log is known by: of the message before next_offset (daemon/kafka/message_mark.h); 0:
  // not known.
  uint64_t mark = 0;
};

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

// A part of something that a ticket names: its id, tenant, users, apps, addresses, devices, actors.
// ASCII letters without case.
struct SearchWord {
  std::string text;
  // Tickets of these tenants match too: the store does not know what tenants are called.
  std::vector<std::string> tenants = {};
};

// All descend; ties are settled by the first failure, then the id.
enum class TicketOrder : uint8_t { kFirstFailure, kLastFailure, kSeverity, kFailures };

// An absent or empty field does not restrict.
struct TicketFilter {
  std::optional<std::string> tenant_id = {};
  std::optional<std::string> user = {};  // object id or user principal name, without case
  std::optional<std::string> state = {};
  std::vector<std::string> cause = {}, severity = {};  // one of these
  std::optional<std::string> scope = {}, detector = {};
  std::vector<SearchWord> words = {};           // all of them
  std::optional<bool> needs_review = {};        // TicketReview::needed
  std::optional<EventTime> from = {}, to = {};  // the burst overlaps [from, to]
  TicketOrder order = TicketOrder::kFirstFailure;
  size_t limit = 100;       // of a page, at most kTicketPageMax
  std::string cursor = {};  // of the page before, in the same order; empty: the first page
};
inline constexpr size_t kTicketPageMax = 1'000;

// That a person has looked at a ticket.
struct TicketReview {
  // Nobody has looked since its severity was last raised above what was looked at. Merged tickets
  // need none, nor do those that were over before the store kept reviews.
  bool needed = true;
  EventTime at = kBeginningOfTime;  // wall time; kBeginningOfTime: nobody has
  std::string by = {};
  uint32_t revision = 0;  // that was looked at
};

// A step of a ticket's runbook that a person has done, known by its title: revisions may bring
// others.
struct StepTick {
  std::string step;
  EventTime at;  // wall time
  std::string by;
};
inline constexpr size_t kTicksMax = 50;  // of one ticket

struct TicketHandling {
  TicketReview review;
  std::vector<StepTick> ticks;  // the first first
};

struct TicketPage {
  std::vector<std::string> tickets;   // JSON of the last revision of each
  std::vector<TicketReview> reviews;  // of each
  std::string next_cursor;            // empty: the last page
  uint64_t total = 0;                 // that match, all pages
};

// Tickets of one tenant whose burst began on one day (UTC).
struct TenantDay {
  std::string tenant_id;  // lower-cased
  EventTime day;          // its beginning
  std::string severity;
  bool open = false;
  uint64_t tickets = 0;
  EventTime last_event_time;  // the latest of them
};

// How bad a ticket ever was, if no exception of the configuration keeps it quiet.
struct TicketPeak {
  std::string ticket_id;
  std::string tenant_id;  // lower-cased
  GroupBy scope = GroupBy::kUser;
  std::string cause;  // of its last revision, as the next two
  Severity severity = Severity::kInfo;
  bool open = false;
  EventTime committed_at = kBeginningOfTime;  // of its last revision
  Severity peak = Severity::kInfo;            // the worst of all its revisions
  EventTime peaked_at = kBeginningOfTime;     // when the first of these was committed
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

class Store : public Outbox {
 public:
  virtual void SetLimits(const StoreLimits& limits) { (void)limits; }

  // The rows by which Detector::Load goes on, one by one until `visit` wants no more: that with the
  // key `head` first, if it is there, the others in any order. `visit` must not use the store.
  virtual absl::Status LoadState(std::string_view head, const StateVisitor& visit) = 0;
  // The positions that belong to them.
  virtual absl::Status LoadPositions(std::vector<PartitionPosition>* positions) = 0;
  virtual absl::Status LoadFailures(EventTime from, std::vector<FailureCount>* failures) = 0;

  // All or nothing, on disk when it returns.
  virtual absl::Status Commit(const StoreCommit& commit) = 0;

  virtual absl::Status FindTickets(const TicketFilter& filter, TicketPage* page) = 0;
  // Of the days from `from` on, and of open tickets of whatever day, by tenant; merged ones aside.
  virtual absl::Status TenantDays(EventTime from, std::vector<TenantDay>* days) {
    (void)from;
    days->clear();
    return absl::OkStatus();
  }
  // Of the tickets that are open, or had a revision since `since`.
  virtual absl::Status LoadTicketPeaks(EventTime since, std::vector<TicketPeak>* peaks) {
    (void)since;
    peaks->clear();
    return absl::OkStatus();
  }
  // All kept revisions of one ticket, oldest first; kNotFound.
  virtual absl::Status TicketRevisions(const std::string& ticket_id,
                                       std::vector<std::string>* revisions) = 0;

  // Ids that begin with `beginning`, in their order, at most `limit`.
  virtual absl::Status FindTicketIds(const std::string& beginning, size_t limit,
                                     std::vector<std::string>* ids) {
    (void)beginning, (void)limit;
    ids->clear();
    return absl::OkStatus();
  }

  // What people do with a ticket, on disk when it returns, and forgotten with the ticket.
  // kNotFound: there is no such ticket, or revision of it. Doing it again is fine: the last one
  // counts.
  virtual absl::Status Review(const std::string& ticket_id, uint32_t revision,
                              const std::string& by, EventTime at) {
    (void)ticket_id, (void)revision, (void)by, (void)at;
    return absl::UnimplementedError("this store keeps no reviews");
  }
  virtual absl::Status TakeBackReview(const std::string& ticket_id) {
    (void)ticket_id;
    return absl::UnimplementedError("this store keeps no reviews");
  }
  virtual absl::Status Tick(const std::string& ticket_id, const StepTick& tick) {
    (void)ticket_id, (void)tick;
    return absl::UnimplementedError("this store keeps no ticks");
  }
  virtual absl::Status TakeBackTick(const std::string& ticket_id, const std::string& step) {
    (void)ticket_id, (void)step;
    return absl::UnimplementedError("this store keeps no ticks");
  }
  virtual absl::Status Handling(const std::string& ticket_id, TicketHandling* handling) {
    (void)ticket_id;
    *handling = {};
    return absl::OkStatus();
  }

  // Upkeep, a bounded piece of work a call (some 50 ms): forgets tickets whose last revision was
  // committed keep_tickets ago (open ones: a week more) and that no sink waits for, gives free
  // pages back, keeps the outbox of each sink within outbox_max: beyond it revisions that a later
  // one of the same ticket waiting for the same sink supersedes are dropped first, then the oldest.
  // `true`: there is more to do.
  virtual absl::StatusOr<bool> Maintain(EventTime now) = 0;
  virtual absl::Status Size(StoreSize* size) = 0;
};

struct StoreOptions {
  std::string path;
  StoreLimits limits = {};
  bool read_only = false;  // for `signinwatch tickets`: beside a running daemon
};

// SQLite, one file with its write-ahead log. Takes a lock on PATH.lock unless read_only.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const StoreOptions& options);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_STORE_STORE_H_
