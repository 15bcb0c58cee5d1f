// The store in PostgreSQL: for several instances, or where there is one already.
//
// Each call is done by a deadline, on one of a few connections that are made anew when they are
// lost: one commits, one delivers, one is for people, one claims; loading a shard has its own. All
// instances write to the same tables. What an instance may write is decided within each transaction
// by the claims of the shards that it is about (claim_queries.h), so one that was frozen or cut off
// can write nothing any more, whatever it believes.
//
// A COMMIT whose answer was lost: the commits of a shard are numbered, and the next attempt, which
// must be of the same commit, has the same number. It finds that the number is taken, and so that
// it has happened.
#ifndef SIGNINWATCH_DAEMON_STORE_POSTGRES_POSTGRES_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_POSTGRES_POSTGRES_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/clock/clock.h"
#include "daemon/store/held_claims.h"
#include "daemon/store/postgres/queries.h"
#include "daemon/store/postgres/session.h"
#include "daemon/store/store.h"
#include "daemon/store/store_counts.h"

namespace signinwatch::store {

struct PostgresStoreOptions {
  std::string url;                    // without a password
  postgres::PasswordReader password;  // nullptr: there is none
  StoreLimits limits = {};
  bool read_only = false;
  const clock::Clock& clock;
};

class PostgresStore : public Store {
 public:
  // Makes the tables, or brings them up to date, unless `read_only`.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const PostgresStoreOptions& options);

  void SetLimits(const StoreLimits& limits) override;
  absl::StatusOr<ShardClaim> Claim(Shard shard) override;
  absl::Status Release(const ShardClaim& claim) override;
  absl::Status LoadState(const ShardClaim& claim, std::string_view head,
                         const StateVisitor& visit) override;
  absl::Status LoadPositions(const ShardClaim& claim,
                             std::vector<position::PartitionPosition>* positions) override;
  absl::Status LoadFailures(const ShardClaim& claim, EventTime from,
                            std::vector<FailureCount>* failures) override;
  absl::Status Commit(const ShardClaim& claim, const StoreCommit& commit) override;
  absl::StatusOr<bool> Maintain(EventTime now) override;
  absl::Status Size(StoreSize* size) override;

  absl::Status NextDeliveries(const std::string& sink, int64_t after, size_t limit,
                              std::vector<Delivery>* deliveries) override;
  absl::Status Acknowledge(const std::string& sink, std::span<const DeliveryOutcome> outcomes,
                           EventTime now) override;
  absl::Status NoteRemote(const RemoteTicket& remote) override;
  absl::Status RemoteTickets(const std::string& sink, const std::string& ticket_id,
                             std::vector<RemoteTicket>* remotes) override;
  absl::Status RolledUpUnder(const std::string& sink, const std::string& ticket_id, EventTime as_of,
                             RolledUp* rolled_up) override;
  absl::Status RollUpsOf(const std::string& ticket_id, TicketRollUps* roll_ups) override;
  absl::Status ToldTickets(const std::string& sink, std::vector<ToldTicket>* told) override;
  absl::Status FailedDeliveries(size_t limit, std::vector<FailedDelivery>* failed) override;
  absl::Status OutboxSizes(std::vector<OutboxSize>* sizes) override;
  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> dropped_deliveries() const override;
  absl::StatusOr<uint64_t> ClaimsVersion(clock::SteadyTime now) override;

  absl::Status FindTickets(const TicketFilter& filter, TicketPage* page) override;
  absl::Status TenantDays(EventTime from, std::vector<TenantDay>* days) override;
  absl::Status LoadTicketPeaks(EventTime since, std::vector<TicketPeak>* peaks) override;
  absl::Status TicketRevisions(const std::string& ticket_id,
                               std::vector<std::string>* revisions) override;
  absl::Status RemoteTicketsOf(const std::string& ticket_id,
                               std::vector<RemoteTicket>* remotes) override;
  absl::Status FindTicketIds(const std::string& beginning, size_t limit,
                             std::vector<std::string>* ids) override;
  absl::Status Review(const std::string& ticket_id, uint32_t revision, const std::string& by,
                      EventTime at) override;
  absl::Status TakeBackReview(const std::string& ticket_id) override;
  absl::Status Tick(const std::string& ticket_id, const StepTick& tick) override;
  absl::Status TakeBackTick(const std::string& ticket_id, const std::string& step) override;
  absl::Status Handling(const std::string& ticket_id, TicketHandling* handling) override;

  absl::Status NoteInstance(const InstanceFacts& facts, EventTime now) override;
  absl::Status ForgetInstance() override;
  absl::Status FindInstances(EventTime now, Instances* instances) override;

 private:
  using Claims = postgres::Claims;

  // What is known of the commits of a shard that is claimed.
  struct Numbers {
    int64_t done = 0;      // the number of the last commit that is known to be there
    int attempted_by = 0;  // the server's process that may have done the next one, or do it still
  };

  PostgresStore(const PostgresStoreOptions& options, const std::string& owner);
  absl::Status CheckWritable() const;
  absl::Status TryCommit(postgres::Connection& connection, const ShardClaim& claim,
                         const StoreCommit& commit, clock::SteadyTime deadline);
  // What it means that begin_commit refused the number.
  absl::Status WhyRefused(postgres::Connection& connection, const ShardClaim& claim,
                          Numbers numbers, clock::SteadyTime deadline);
  std::optional<Numbers> NumbersOf(Shard shard);
  void NoteNumbers(Shard shard, const Numbers& numbers);
  // That another has it. The claim is dropped.
  absl::Status Taken(const ShardClaim& claim);
  enum class Durability : uint8_t { kDurable, kRelaxed };  // see Outbox::Acknowledge
  // Begins a transaction that has locked those of our claims that still hold; drops the others.
  absl::Status Begin(postgres::Connection& connection, Durability durability,
                     clock::SteadyTime deadline, Claims* held);
  // Drops those that are not among `held`.
  void DropOthers(const Claims& claims, const Claims& held);
  // One piece of upkeep in a transaction of its own; not where nothing is claimed.
  using Piece =
      std::function<absl::Status(postgres::Connection&, const Claims&, clock::SteadyTime)>;
  absl::Status Keep(const Piece& piece);
  absl::StatusOr<bool> TrimOutbox(const std::string& sink, int64_t excess);
  absl::StatusOr<bool> ForgetOldTickets(EventTime now);
  absl::Status ForgetUnknownSinks();
  // Counts anew where other shards are claimed than were counted, or a commit was not.
  absl::Status Count();
  [[nodiscard]] uint64_t Version() const { return claims_.version() + recovered_; }

  const PostgresStoreOptions options_;
  const std::string owner_;  // a name of its own, that no other store has or had

  HeldClaims claims_;
  std::atomic<uint64_t> recovered_ = 0;  // commits that turned out to be there

  std::mutex numbers_mutex_;
  std::map<Shard, Numbers> numbers_;  // of the shards that are claimed

  postgres::Session commits_;     // and upkeep
  postgres::Session deliveries_;  // by the sinks
  postgres::Session people_;      // reads and writes
  postgres::Session claiming_;

  std::mutex upkeep_mutex_;  // guards what follows
  StoreLimits limits_;
  bool sinks_checked_ = false;
  postgres::TicketPlace place_;

  // Taken before any session: shared by who changes what is counted, alone by who counts.
  std::shared_mutex counting_mutex_;
  std::optional<uint64_t> counted_;  // of which claims and commits, see Version
  SharedCounts counts_;

  std::mutex checked_mutex_;
  std::optional<clock::SteadyTime> checked_at_;  // when all claims were last known to hold
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_POSTGRES_POSTGRES_STORE_H_
