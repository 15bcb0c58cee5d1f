// What the parts of the store ask PostgreSQL, a file a part; see the port that each function
// belongs to. Those with `held` are within a transaction that has locked these claims
// (claim_queries.h).
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_QUERIES_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_QUERIES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "daemon/store/instance_store.h"
#include "daemon/store/outbox.h"
#include "daemon/store/postgres/postgres_connection.h"
#include "daemon/store/shard_claim.h"
#include "daemon/store/state_store.h"
#include "daemon/store/store_counts.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::store::postgres {

using Claims = std::vector<ShardClaim>;

// One row of several, as readers that both stores share take it.
class RowOf {
 public:
  RowOf(const Rows& rows, int row) : rows_(rows), row_(row) {}
  [[nodiscard]] int64_t Integer(int column) const { return rows_.Integer(row_, column); }
  [[nodiscard]] std::string Bytes(int column) const { return rows_.Bytes(row_, column); }
  [[nodiscard]] EventTime Time(int column) const { return rows_.Time(row_, column); }

 private:
  const Rows& rows_;
  const int row_;
};

// ------------------------------------------------------------------------------------------- state
// (state_queries.cc)

absl::Status LoadState(Connection& connection, const ShardClaim& claim, std::string_view head,
                       const StateVisitor& visit);
absl::Status LoadPositions(Connection& connection, const ShardClaim& claim,
                           clock::SteadyTime deadline,
                           std::vector<position::PartitionPosition>* positions);
absl::Status LoadFailures(Connection& connection, const ShardClaim& claim, EventTime from,
                          clock::SteadyTime deadline, std::vector<FailureCount>* failures);

// ------------------------------------------------------------------------------------------ outbox
// (outbox_queries.cc)

absl::Status NextDeliveries(Connection& connection, const Claims& claims, const std::string& sink,
                            int64_t after, size_t limit, clock::SteadyTime deadline,
                            std::vector<Delivery>* deliveries);
// The steps of Acknowledge; AcknowledgedOf their results is how many wait no more.
[[nodiscard]] std::vector<Step> AcknowledgeSteps(const Claims& held, const std::string& sink,
                                                 std::span<const DeliveryOutcome> outcomes,
                                                 EventTime now);
[[nodiscard]] int64_t AcknowledgedOf(const std::vector<Step>& steps, const std::vector<Rows>& rows);
absl::Status FailedDeliveries(Connection& connection, size_t limit, clock::SteadyTime deadline,
                              std::vector<FailedDelivery>* failed);
// When the oldest that waits was committed; kBeginningOfTime: nothing waits.
absl::StatusOr<EventTime> OldestWaiting(Connection& connection, const std::optional<Claims>& claims,
                                        const std::string& sink, clock::SteadyTime deadline);

// ------------------------------------------------------------------------------------------ remote
// (remote_queries.cc)

[[nodiscard]] std::vector<Step> NoteRemoteSteps(const Claims& held, const RemoteTicket& remote);
[[nodiscard]] std::vector<Step> NoteOutcomeSteps(const Claims& held, const std::string& sink,
                                                 const DeliveryOutcome& outcome);
absl::Status RemoteTickets(Connection& connection, const std::string& sink,
                           const std::string& ticket_id, clock::SteadyTime deadline,
                           std::vector<RemoteTicket>* remotes);
absl::Status RemoteTicketsOf(Connection& connection, const std::string& ticket_id,
                             clock::SteadyTime deadline, std::vector<RemoteTicket>* remotes);
absl::Status ToldTickets(Connection& connection, const Claims& claims, const std::string& sink,
                         clock::SteadyTime deadline, std::vector<ToldTicket>* told);
absl::Status RolledUpUnder(Connection& connection, const std::string& sink,
                           const std::string& ticket_id, EventTime as_of,
                           clock::SteadyTime deadline, RolledUp* rolled_up);
absl::Status RollUpsOf(Connection& connection, const std::string& ticket_id,
                       clock::SteadyTime deadline, TicketRollUps* roll_ups);
// The shard of a ticket; nullopt: there is no such ticket.
absl::StatusOr<std::optional<Shard>> ShardOfTicket(Connection& connection,
                                                   const std::string& ticket_id,
                                                   clock::SteadyTime deadline);

// ----------------------------------------------------------------------------------------- tickets
// (ticket_queries.cc)

absl::Status FindTickets(Connection& connection, const TicketFilter& filter,
                         clock::SteadyTime deadline, TicketPage* page);
absl::Status TenantDays(Connection& connection, EventTime from, clock::SteadyTime deadline,
                        std::vector<TenantDay>* days);
absl::Status LoadTicketPeaks(Connection& connection, EventTime since, clock::SteadyTime deadline,
                             std::vector<TicketPeak>* peaks);
absl::Status TicketRevisions(Connection& connection, const std::string& ticket_id,
                             clock::SteadyTime deadline, std::vector<std::string>* revisions);
absl::Status FindTicketIds(Connection& connection, const std::string& beginning, size_t limit,
                           clock::SteadyTime deadline, std::vector<std::string>* ids);

// ---------------------------------------------------------------------------------------- handling
// (handling_queries.cc)

absl::Status Review(Connection& connection, const std::string& ticket_id, uint32_t revision,
                    const std::string& by, EventTime at, clock::SteadyTime deadline);
absl::Status TakeBackReview(Connection& connection, const std::string& ticket_id,
                            clock::SteadyTime deadline);
absl::Status Tick(Connection& connection, const std::string& ticket_id, const StepTick& tick,
                  clock::SteadyTime deadline);
absl::Status TakeBackTick(Connection& connection, const std::string& ticket_id,
                          const std::string& step, clock::SteadyTime deadline);
absl::Status Handling(Connection& connection, const std::string& ticket_id,
                      clock::SteadyTime deadline, TicketHandling* handling);

// ------------------------------------------------------------------------------------------ upkeep
// (upkeep_queries.cc)

// Counts what belongs to the claims; nullopt: all there is.
absl::Status CountAll(Connection& connection, const std::optional<Claims>& claims,
                      clock::SteadyTime deadline, StoreCounts* counts);
absl::StatusOr<uint64_t> DatabaseBytes(Connection& connection, clock::SteadyTime deadline);

// Each a piece of work in the transaction that is open; how many rows it took.
absl::StatusOr<int64_t> DropSuperseded(Connection& connection, const Claims& held,
                                       const std::string& sink, int64_t count,
                                       clock::SteadyTime deadline);
absl::StatusOr<int64_t> DropOldest(Connection& connection, const Claims& held,
                                   const std::string& sink, int64_t count,
                                   clock::SteadyTime deadline);
absl::StatusOr<int64_t> ForgetSink(Connection& connection, const Claims& held,
                                   const std::string& sink, clock::SteadyTime deadline);
absl::StatusOr<int64_t> ForgetFailures(Connection& connection, const Claims& held, Duration keep,
                                       int64_t limit, clock::SteadyTime deadline);

// A ticket and the time of its last revision: where ForgetTickets goes on.
struct TicketPlace {
  EventTime committed_at = kBeginningOfTime;
  std::string ticket_id;
};
struct ForgottenTickets {
  int64_t looked_at = 0;
  int64_t tickets = 0;
  int64_t revisions = 0;
};
// Looks at up to `limit` tickets behind `place`, which it moves, that had no revision since
// `before`, and forgets those that nobody waits for (of the open ones, those that had none since
// `open_before`).
absl::StatusOr<ForgottenTickets> ForgetTickets(Connection& connection, const Claims& held,
                                               EventTime before, EventTime open_before,
                                               int64_t limit, clock::SteadyTime deadline,
                                               TicketPlace* place);

// --------------------------------------------------------------------------------------- instances
// (instance_queries.cc)

absl::Status NoteInstance(Connection& connection, const std::string& owner,
                          const InstanceFacts& facts, EventTime now, clock::SteadyTime deadline);
absl::Status ForgetInstance(Connection& connection, const std::string& owner,
                            clock::SteadyTime deadline);
absl::Status FindInstances(Connection& connection, const std::string& owner, EventTime now,
                           clock::SteadyTime deadline, Instances* instances);

}  // namespace signinwatch::store::postgres

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_QUERIES_H_
