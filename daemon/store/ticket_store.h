// Tickets: what people and programs look for, and what people do with them. One of the store's
// three ports (store.h): the API's, the console's, the command line's.
//
// Thread-safe. Errors are those of store.h.
#ifndef SIGNINWATCH_DAEMON_STORE_TICKET_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_TICKET_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/outbox.h"
#include "detectors/config.h"
#include "detectors/ticket.h"
#include "parser/event_time.h"

namespace signinwatch::store {

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
  std::optional<bool> excepted = {};            // an exception of the configuration keeps it quiet
  std::optional<EventTime> from = {}, to = {};  // the burst overlaps [from, to]
  TicketOrder order = TicketOrder::kFirstFailure;
  size_t limit = 100;       // of a page, at most kTicketPageMax
  std::string cursor = {};  // of the page before, in the same order; empty: the first page
};
inline constexpr size_t kTicketPageMax = 1'000;

// That a person has looked at a ticket.
struct TicketReview {
  // Nobody has looked since its severity was last raised above what was looked at. Merged tickets
  // need none, nor those that an exception keeps quiet, nor those that were over before the store
  // kept reviews.
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

// Where users' tickets are left out as part of a tenant's, at present.
struct TicketRollUps {
  struct AtSink {
    std::string sink;
    RolledUp tickets;
  };
  struct Under {
    std::string sink;
    std::string parent_ticket_id;
  };
  std::vector<AtSink> holds = {};  // of a tenant's ticket: by sink, those with any
  std::vector<Under> under = {};   // of a user's: by sink, those that were never told of it
};

class TicketStore {
 public:
  virtual ~TicketStore() = default;

  virtual absl::Status FindTickets(const TicketFilter& filter, TicketPage* page) = 0;
  // Of the days from `from` on, and of open tickets of whatever day, by tenant; merged ones aside.
  virtual absl::Status TenantDays(EventTime from, std::vector<TenantDay>* days) = 0;
  // Of the tickets that are open, or had a revision since `since`.
  virtual absl::Status LoadTicketPeaks(EventTime since, std::vector<TicketPeak>* peaks) = 0;
  // All kept revisions of one ticket, oldest first; kNotFound.
  virtual absl::Status TicketRevisions(const std::string& ticket_id,
                                       std::vector<std::string>* revisions) = 0;
  // What is known of it at each sink that it was told to or given up at, by the sink's name; of
  // several that stand for it there, one after another, the present one.
  virtual absl::Status RemoteTicketsOf(const std::string& ticket_id,
                                       std::vector<RemoteTicket>* remotes) = 0;
  virtual absl::Status RollUpsOf(const std::string& ticket_id, TicketRollUps* roll_ups) = 0;

  // Ids that begin with `beginning`, in their order, at most `limit`.
  virtual absl::Status FindTicketIds(const std::string& beginning, size_t limit,
                                     std::vector<std::string>* ids) = 0;

  // What people do with a ticket, on disk when it returns, and forgotten with the ticket.
  // kNotFound: there is no such ticket, or revision of it. Doing it again is fine: the last one
  // counts.
  virtual absl::Status Review(const std::string& ticket_id, uint32_t revision,
                              const std::string& by, EventTime at) = 0;
  virtual absl::Status TakeBackReview(const std::string& ticket_id) = 0;
  virtual absl::Status Tick(const std::string& ticket_id, const StepTick& tick) = 0;
  virtual absl::Status TakeBackTick(const std::string& ticket_id, const std::string& step) = 0;
  virtual absl::Status Handling(const std::string& ticket_id, TicketHandling* handling) = 0;
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_TICKET_STORE_H_
