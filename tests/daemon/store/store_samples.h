// Commits to try the store with.
#ifndef SIGNINWATCH_TESTS_DAEMON_STORE_STORE_SAMPLES_H_
#define SIGNINWATCH_TESTS_DAEMON_STORE_STORE_SAMPLES_H_

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "daemon/store/open_store.h"
#include "gtest/gtest.h"

namespace signinwatch::store {

// A Tuesday morning.
inline const EventTime kMorning =
    EventTime(std::chrono::sys_days(std::chrono::year(2026) / std::chrono::November / 24)) +
    std::chrono::hours(9);

inline EventTime Minute(int64_t minutes) { return kMorning + std::chrono::minutes(minutes); }

// Opens what must be there to be opened.
inline std::unique_ptr<Store> MustOpen(const StoreOptions& options) {
  absl::StatusOr<std::unique_ptr<Store>> store = OpenStore(options);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

inline TicketRevision RevisionOf(const std::string& ticket_id, uint32_t revision,
                                 std::vector<std::string> sinks) {
  TicketRevision r;
  r.ticket.ticket_id = ticket_id;
  r.ticket.revision = revision;
  r.ticket.detector = "user-session-invalid";
  r.ticket.tenant_id = "tenant-a";
  r.ticket.user_id = "user-a";
  r.ticket.severity = Severity::kHigh;
  r.ticket.cause = Cause::kUnexplained;
  r.ticket.first_event_time = Minute(0);
  r.ticket.last_event_time = Minute(10);
  r.json = ticket_id + "#" + std::to_string(revision);
  r.broker_time = Minute(11);
  r.sinks = std::move(sinks);
  return r;
}

// The claim of the only shard, whoever had it.
inline ShardClaim ClaimOf(StateStore& store) {
  const absl::StatusOr<ShardClaim> claim = store.Claim(0);
  EXPECT_TRUE(claim.ok()) << claim.status();
  return claim.ok() ? *claim : ShardClaim{.shard = -1};
}

inline absl::Status CommitTo(StateStore& store, const StoreCommit& commit) {
  return store.Commit(ClaimOf(store), commit);
}

inline std::vector<position::PartitionPosition> PositionsOf(StateStore& store) {
  std::vector<position::PartitionPosition> positions;
  const absl::Status s = store.LoadPositions(ClaimOf(store), &positions);
  EXPECT_TRUE(s.ok()) << s;
  return positions;
}

inline std::vector<FailureCount> FailuresOf(StateStore& store, EventTime from = kBeginningOfTime) {
  std::vector<FailureCount> failures;
  const absl::Status s = store.LoadFailures(ClaimOf(store), from, &failures);
  EXPECT_TRUE(s.ok()) << s;
  return failures;
}

inline std::map<std::string, std::string> StateOf(StateStore& store) {
  std::map<std::string, std::string> state;
  const absl::Status s = store.LoadState(ClaimOf(store), kStateHead, [&state](const StateRow& row) {
    EXPECT_TRUE(state.emplace(row.key, row.value).second) << row.key;
    return true;
  });
  EXPECT_TRUE(s.ok()) << s;
  return state;
}

inline std::vector<Delivery> DeliveriesOf(Outbox& store, const std::string& sink, int64_t after = 0,
                                          size_t limit = 100) {
  std::vector<Delivery> deliveries;
  const absl::Status s = store.NextDeliveries(sink, after, limit, &deliveries);
  EXPECT_TRUE(s.ok()) << s;
  return deliveries;
}

// The JSON of all that waits for `sink`, in order.
inline std::vector<std::string> WaitingOf(Outbox& store, const std::string& sink) {
  std::vector<std::string> waiting;
  int64_t before = 0;
  for (const Delivery& d : DeliveriesOf(store, sink, 0, 1'000'000)) {
    EXPECT_GT(d.sequence, before);
    before = d.sequence;
    waiting.push_back(d.json);
  }
  return waiting;
}

inline std::vector<std::string> TicketsOf(TicketStore& store, const TicketFilter& filter = {}) {
  TicketPage page;
  const absl::Status s = store.FindTickets(filter, &page);
  EXPECT_TRUE(s.ok()) << s;
  return page.tickets;
}

inline StoreSize SizeOf(StateStore& store) {
  StoreSize size;
  EXPECT_TRUE(store.Size(&size).ok());
  return size;
}

inline std::map<std::string, uint64_t> DepthsOf(Outbox& store) {
  std::vector<OutboxSize> sizes;
  EXPECT_TRUE(store.OutboxSizes(&sizes).ok());
  std::map<std::string, uint64_t> depths;
  for (const OutboxSize& size : sizes) depths[size.sink] = size.depth;
  return depths;
}

// What tests do with a store that they hold as `store_`, of whichever port.
template <typename Port, typename Base>
class WithStore : public Base {
 protected:
  void Commit(const StoreCommit& commit) {
    const absl::Status s = CommitTo(*store_, commit);
    ASSERT_TRUE(s.ok()) << s;
  }
  void CommitState(std::vector<StateRow> rows) { Commit({.state = std::move(rows)}); }
  void CommitRevisions(EventTime moment, std::vector<TicketRevision> revisions) {
    Commit({.moment = moment, .revisions = std::move(revisions)});
  }
  std::vector<Delivery> Deliveries(const std::string& sink, int64_t after = 0, size_t limit = 100) {
    return DeliveriesOf(*store_, sink, after, limit);
  }

  std::shared_ptr<Port> store_;
};

// Upkeep until there is nothing more to do.
inline void MaintainAll(StateStore& store, EventTime now) {
  for (int call = 0; call < 1'000; ++call) {
    const absl::StatusOr<bool> more = store.Maintain(now);
    ASSERT_TRUE(more.ok()) << more.status();
    if (!*more) return;
  }
  FAIL() << "upkeep does not end";
}

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_TESTS_DAEMON_STORE_STORE_SAMPLES_H_
