// The store in one file of SQLite with its write-ahead log.
//
// One connection writes, under a lock; two read, each under its own: deliveries, and what people
// look for. SQLite's write-ahead log gives each read the last commit, however long a commit takes.
#ifndef SIGNINWATCH_DAEMON_STORE_SQLITE_SQLITE_STORE_H_
#define SIGNINWATCH_DAEMON_STORE_SQLITE_SQLITE_STORE_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/store/held_claims.h"
#include "daemon/store/sqlite/handling_tables.h"
#include "daemon/store/sqlite/outbox_tables.h"
#include "daemon/store/sqlite/progress_tables.h"
#include "daemon/store/sqlite/remote_tables.h"
#include "daemon/store/sqlite/roll_up_tables.h"
#include "daemon/store/sqlite/sqlite_connection.h"
#include "daemon/store/sqlite/state_table.h"
#include "daemon/store/sqlite/store_lock.h"
#include "daemon/store/sqlite/ticket_tables.h"
#include "daemon/store/sqlite/upkeep.h"
#include "daemon/store/sqlite/write_ahead_log.h"
#include "daemon/store/store.h"
#include "daemon/store/store_counts.h"

namespace signinwatch::store {

class SqliteStore : public Store {
 public:
  // Takes a lock on PATH.lock unless `read_only`.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path,
                                                     const StoreLimits& limits, bool read_only);

  void SetLimits(const StoreLimits& limits) override;
  // The lock on the file keeps others away, so claims are this process's own affair.
  absl::StatusOr<ShardClaim> Claim(Shard shard) override;
  absl::Status Release(const ShardClaim& claim) override;
  absl::Status LoadState(const ShardClaim& claim, std::string_view head,
                         const StateVisitor& visit) override;
  absl::Status LoadPositions(const ShardClaim& claim,
                             std::vector<position::PartitionPosition>* positions) override;
  absl::Status LoadFailures(const ShardClaim& claim, EventTime from,
                            std::vector<FailureCount>* failures) override;
  absl::Status Commit(const ShardClaim& claim, const StoreCommit& commit) override;
  absl::Status NextDeliveries(const std::string& sink, int64_t after, size_t limit,
                              std::vector<Delivery>* deliveries) override;
  absl::Status Acknowledge(const std::string& sink, std::span<const DeliveryOutcome> outcomes,
                           EventTime now) override;
  absl::Status NoteRemote(const RemoteTicket& remote) override;
  absl::Status RemoteTickets(const std::string& sink, const std::string& ticket_id,
                             std::vector<RemoteTicket>* remotes) override;
  absl::Status RemoteTicketsOf(const std::string& ticket_id,
                               std::vector<RemoteTicket>* remotes) override;
  absl::Status RolledUpUnder(const std::string& sink, const std::string& ticket_id, EventTime as_of,
                             RolledUp* rolled_up) override;
  absl::Status RollUpsOf(const std::string& ticket_id, TicketRollUps* roll_ups) override;
  absl::Status ToldTickets(const std::string& sink, std::vector<ToldTicket>* told) override;
  absl::Status FailedDeliveries(size_t limit, std::vector<FailedDelivery>* failed) override;
  absl::Status OutboxSizes(std::vector<OutboxSize>* sizes) override;
  absl::Status FindTickets(const TicketFilter& filter, TicketPage* page) override;
  absl::Status TenantDays(EventTime from, std::vector<TenantDay>* days) override;
  absl::Status LoadTicketPeaks(EventTime since, std::vector<TicketPeak>* peaks) override;
  absl::Status TicketRevisions(const std::string& ticket_id,
                               std::vector<std::string>* revisions) override;
  absl::Status FindTicketIds(const std::string& beginning, size_t limit,
                             std::vector<std::string>* ids) override;
  absl::Status Review(const std::string& ticket_id, uint32_t revision, const std::string& by,
                      EventTime at) override;
  absl::Status TakeBackReview(const std::string& ticket_id) override;
  absl::Status Tick(const std::string& ticket_id, const StepTick& tick) override;
  absl::Status TakeBackTick(const std::string& ticket_id, const std::string& step) override;
  absl::Status Handling(const std::string& ticket_id, TicketHandling* handling) override;
  // There is one, and nobody else looks.
  absl::Status NoteInstance(const InstanceFacts& facts, EventTime now) override;
  absl::Status ForgetInstance() override;
  absl::Status FindInstances(EventTime now, Instances* instances) override;
  absl::StatusOr<bool> Maintain(EventTime now) override;
  absl::Status Size(StoreSize* size) override;
  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> dropped_deliveries() const override;
  absl::StatusOr<uint64_t> ClaimsVersion(clock::SteadyTime) override { return claims_.version(); }

 private:
  // What writes; absent in a store that is read only. The order is that of dependence.
  struct Writer {
    explicit Writer(std::unique_ptr<Connection> opened);
    std::unique_ptr<Connection> connection;
    StateTable state;
    ProgressTables progress;
    OutboxTables outbox;
    RemoteTables remote;
    RollUpTables roll_ups;
    TicketTables tickets;
    HandlingTables handling;
    std::unique_ptr<WriteAheadLog> log;
    bool state_version_written = false;
  };

  SqliteStore(std::string path, const StoreLimits& limits, bool read_only)
      : path_(std::move(path)), read_only_(read_only), limits_(limits) {}
  absl::Status OpenWriter();
  absl::Status OpenReaders();
  absl::Status CountAll();
  absl::Status ForgetUnknownSinks();
  absl::Status CheckWritable() const;
  // One change by a person, in a transaction of its own.
  template <typename Change>
  absl::Status Handle(const Change& change);
  absl::Status WriteAll(const StoreCommit& commit, StoreCounts* change);
  void EmptyLog();

  const std::string path_;  // resolved
  const bool read_only_;
  StoreLimits limits_;  // with upkeep_mutex_, once it is open
  std::unique_ptr<StoreLock> lock_;

  // Locks are taken in this order: upkeep, writer, tickets, deliveries.
  std::mutex upkeep_mutex_;
  std::mutex writer_mutex_;
  std::mutex ticket_mutex_;
  std::mutex delivery_mutex_;

  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Connection> ticket_reader_;
  std::unique_ptr<ProgressTables> progress_reader_;  // on ticket_reader_
  std::unique_ptr<Connection> delivery_reader_;
  std::unique_ptr<OutboxReader> outbox_reader_;
  SharedCounts counts_;
  HeldClaims claims_;
  std::atomic<int64_t> epoch_ = 0;  // of the last claim
  std::mutex instance_mutex_;
  std::optional<Instance> instance_;  // with instance_mutex_
  std::unique_ptr<Upkeep> upkeep_;
  bool sinks_checked_ = false;  // with upkeep_mutex_
};

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_SQLITE_SQLITE_STORE_H_
