#include "daemon/store/sqlite/sqlite_store.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "daemon/log/log.h"
#include "daemon/store/sqlite/file_access.h"
#include "daemon/store/sqlite/schema.h"
#include "daemon/store/sqlite/ticket_query.h"

namespace signinwatch::store {
namespace {

// What a writer has changed and not yet written goes to the log early when its cache is full.
constexpr size_t kWriterCacheBytes = size_t{32} << 20;
constexpr size_t kReaderCacheBytes = size_t{8} << 20;

}  // namespace

// ---------------------------------------------------------------------------------------- opening

absl::StatusOr<std::unique_ptr<Store>> SqliteStore::Open(const std::string& path,
                                                         const StoreLimits& limits,
                                                         bool read_only) {
  absl::StatusOr<std::string> resolved = ResolveStorePath(path);
  if (!resolved.ok()) return resolved.status();
  std::unique_ptr<SqliteStore> store(new SqliteStore(*std::move(resolved), limits, read_only));
  absl::Status s = read_only ? absl::OkStatus() : store->OpenWriter();
  if (s.ok()) s = store->OpenReaders();
  if (s.ok() && !read_only) s = store->CountAll();
  if (!s.ok()) return s;
  return store;
}

SqliteStore::Writer::Writer(std::unique_ptr<Connection> opened)
    : connection(std::move(opened)),
      state(*connection),
      progress(*connection),
      outbox(*connection),
      remote(*connection),
      roll_ups(*connection),
      tickets(*connection, outbox, roll_ups),
      handling(*connection) {}

absl::Status SqliteStore::OpenWriter() {
  absl::StatusOr<std::unique_ptr<StoreLock>> lock = StoreLock::Take(path_);
  if (!lock.ok()) return lock.status();
  lock_ = *std::move(lock);
  if (absl::Status s = CreateStoreFile(path_); !s.ok()) return s;
  auto connection = Connection::Open(path_, Connection::Access::kReadWrite, kWriterCacheBytes);
  if (!connection.ok()) return connection.status();
  if (absl::Status s = PrepareSchema(**connection); !s.ok()) return s;
  // What is deleted is overwritten where that costs no further write.
  if (absl::Status s = (*connection)->Execute("PRAGMA secure_delete = FAST"); !s.ok()) return s;
  if (absl::Status s = CheckState(**connection); !s.ok()) return s;
  writer_ = std::make_unique<Writer>(*std::move(connection));
  auto log = WriteAheadLog::Watch(*writer_->connection);
  if (!log.ok()) return log.status();
  writer_->log = *std::move(log);
  upkeep_ = std::make_unique<Upkeep>(*writer_->connection, writer_mutex_, writer_->outbox,
                                     writer_->tickets, writer_->progress, counts_, limits_);
  return absl::OkStatus();
}

absl::Status SqliteStore::OpenReaders() {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) {
    return absl::FailedPreconditionError(absl::StrCat(path_, ": there is no store"));
  }
  for (std::unique_ptr<Connection>* reader : {&ticket_reader_, &delivery_reader_}) {
    auto connection = Connection::Open(path_, Connection::Access::kReadOnly, kReaderCacheBytes);
    if (!connection.ok()) return connection.status();
    *reader = *std::move(connection);
  }
  progress_reader_ = std::make_unique<ProgressTables>(*ticket_reader_);
  outbox_reader_ = std::make_unique<OutboxReader>(*delivery_reader_);
  return CheckSchema(*ticket_reader_);
}

absl::Status SqliteStore::CountAll() {
  StoreCounts counts;
  for (const auto& [table, count] :
       std::initializer_list<std::pair<const char*, int64_t*>>{{"state", &counts.state_rows},
                                                               {"tickets", &counts.tickets},
                                                               {"revisions", &counts.revisions}}) {
    std::lock_guard lock(ticket_mutex_);
    const absl::StatusOr<int64_t> rows =
        ticket_reader_->QueryInteger(absl::StrCat("SELECT COUNT(*) FROM ", table));
    if (!rows.ok()) return rows.status();
    *count = *rows;
  }
  {
    std::lock_guard lock(delivery_mutex_);
    if (absl::Status s = outbox_reader_->Depths(&counts.waiting); !s.ok()) return s;
  }
  for (const std::string& sink : limits_.sinks) counts.waiting.try_emplace(sink, 0);
  counts_.Set(std::move(counts));
  return absl::OkStatus();
}

void SqliteStore::SetLimits(const StoreLimits& limits) {
  std::lock_guard lock(upkeep_mutex_);
  limits_ = limits;
  sinks_checked_ = false;
  if (upkeep_ != nullptr) upkeep_->SetLimits(limits);
  StoreCounts none;
  for (const std::string& sink : limits.sinks) none.waiting.try_emplace(sink, 0);
  counts_.Add(none);
}

absl::Status SqliteStore::ForgetUnknownSinks() {
  std::map<std::string, int64_t> sinks = counts_.Get().waiting;
  for (const std::string& known : limits_.sinks) sinks.erase(known);
  for (const auto& [sink, waiting] : sinks) {
    log::Log(config::LogLevel::kWarning,
             "deliveries are dropped: their sink is no longer configured",
             {{"sink", sink}, {"deliveries", waiting}});
    std::lock_guard lock(writer_mutex_);
    Transaction transaction(*writer_->connection);
    absl::Status s = transaction.Begin(Transaction::Kind::kDurable);
    if (s.ok()) s = writer_->outbox.Forget(sink);
    if (s.ok()) s = transaction.Commit();
    if (!s.ok()) return s;
    counts_.ForgetSink(sink);
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::CheckWritable() const {
  if (writer_ != nullptr) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat(path_, ": was opened to be read only"));
}

absl::StatusOr<ShardClaim> SqliteStore::Claim(Shard shard) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  if (shard != 0) return absl::InvalidArgumentError("a store in one file has shard 0 only");
  if (const auto held = claims_.Of(shard)) return *held;
  const ShardClaim claim{.shard = shard, .epoch = ++epoch_};
  claims_.Hold(claim);
  return claim;
}

absl::Status SqliteStore::Release(const ShardClaim& claim) {
  return claims_.Drop(claim) ? absl::OkStatus() : ShardTaken(claim.shard);
}

// ----------------------------------------------------------------------------------------- commits

absl::Status SqliteStore::Commit(const ShardClaim& claim, const StoreCommit& commit) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  if (absl::Status s = claims_.Check(claim); !s.ok()) return s;
  std::lock_guard lock(writer_mutex_);
  StoreCounts change;
  Transaction transaction(*writer_->connection);
  absl::Status s = transaction.Begin(Transaction::Kind::kDurable);
  if (s.ok()) s = WriteAll(commit, &change);
  if (s.ok()) s = transaction.Commit();
  if (!s.ok()) return s;
  writer_->state_version_written |= !commit.state.empty();
  counts_.Add(change);
  if (writer_->log->TooLong()) EmptyLog();
  return absl::OkStatus();
}

absl::Status SqliteStore::WriteAll(const StoreCommit& commit, StoreCounts* change) {
  absl::Status s = writer_->state.Write(commit.state, change);
  if (s.ok() && !commit.state.empty() && !writer_->state_version_written) {
    s = writer_->progress.WriteStateVersion();
  }
  if (s.ok()) s = writer_->progress.WritePositions(commit.positions);
  if (s.ok()) s = writer_->tickets.Write(commit.revisions, commit.moment, change);
  if (s.ok()) s = writer_->progress.WriteFailures(commit.failures);
  return s;
}

// What was committed stays so, whatever comes of this.
void SqliteStore::EmptyLog() {
  std::scoped_lock readers(ticket_mutex_, delivery_mutex_);
  if (absl::Status s = writer_->log->Empty(); !s.ok()) {
    log::Log(config::LogLevel::kWarning, "the write-ahead log could not be copied into the store",
             {{"error", std::string(s.message())}});
  }
}

absl::Status SqliteStore::Acknowledge(const std::string& sink,
                                      std::span<const DeliveryOutcome> outcomes, EventTime now) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  if (outcomes.empty() || !claims_.Of(0)) return absl::OkStatus();
  std::lock_guard lock(writer_mutex_);
  StoreCounts change;
  Transaction transaction(*writer_->connection);
  absl::Status s = transaction.Begin(Transaction::Kind::kRelaxed);
  bool failed = false;
  for (const DeliveryOutcome& outcome : outcomes) {
    // The note first: it looks at what still waits.
    if (s.ok()) s = writer_->remote.NoteOutcome(sink, outcome);
    if (s.ok()) s = writer_->outbox.Take(sink, outcome, now, &change);
    failed |= outcome.kind == DeliveryOutcome::Kind::kFailed;
  }
  if (s.ok() && failed) s = writer_->outbox.ForgetOldFailures();
  if (s.ok()) s = transaction.Commit();
  if (s.ok()) counts_.Add(change);
  return s;
}

absl::Status SqliteStore::NoteRemote(const RemoteTicket& remote) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  if (!claims_.Of(0)) return ShardTaken(0);
  std::lock_guard lock(writer_mutex_);
  Transaction transaction(*writer_->connection);
  absl::Status s = transaction.Begin(Transaction::Kind::kDurable);
  if (s.ok()) s = writer_->remote.Note(remote);
  return s.ok() ? transaction.Commit() : s;
}

template <typename Change>
absl::Status SqliteStore::Handle(const Change& change) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  std::lock_guard lock(writer_mutex_);
  Transaction transaction(*writer_->connection);
  absl::Status s = transaction.Begin(Transaction::Kind::kDurable);
  if (s.ok()) s = change(writer_->handling);
  return s.ok() ? transaction.Commit() : s;
}

absl::Status SqliteStore::Review(const std::string& ticket_id, uint32_t revision,
                                 const std::string& by, EventTime at) {
  return Handle([&](HandlingTables& tables) { return tables.Review(ticket_id, revision, by, at); });
}

absl::Status SqliteStore::TakeBackReview(const std::string& ticket_id) {
  return Handle([&](HandlingTables& tables) { return tables.TakeBackReview(ticket_id); });
}

absl::Status SqliteStore::Tick(const std::string& ticket_id, const StepTick& tick) {
  return Handle([&](HandlingTables& tables) { return tables.Tick(ticket_id, tick); });
}

absl::Status SqliteStore::TakeBackTick(const std::string& ticket_id, const std::string& step) {
  return Handle([&](HandlingTables& tables) { return tables.TakeBackTick(ticket_id, step); });
}

absl::StatusOr<bool> SqliteStore::Maintain(EventTime now) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  std::lock_guard lock(upkeep_mutex_);
  // Not when it is opened: a start that is refused afterwards changes nothing.
  if (!sinks_checked_) {
    if (absl::Status s = ForgetUnknownSinks(); !s.ok()) return s;
    sinks_checked_ = true;
  }
  absl::StatusOr<bool> more = upkeep_->Run(now);
  if (!more.ok()) return more;
  if (absl::Status s = writer_->log->Copy(); !s.ok()) return s;
  return more;
}

// ---------------------------------------------------------------------------------------- reading

// On a connection of its own: what the rows are put into takes its time, while people read tickets.
absl::Status SqliteStore::LoadState(const ShardClaim& claim, std::string_view head,
                                    const StateVisitor& visit) {
  if (absl::Status s = claims_.Check(claim); !s.ok()) return s;
  const auto connection = Connection::Open(path_, Connection::Access::kReadOnly, kReaderCacheBytes);
  return connection.ok() ? ReadState(**connection, head, visit) : connection.status();
}

absl::Status SqliteStore::LoadPositions(const ShardClaim& claim,
                                        std::vector<position::PartitionPosition>* positions) {
  if (absl::Status s = claims_.Check(claim); !s.ok()) return s;
  std::lock_guard lock(ticket_mutex_);
  return progress_reader_->ReadPositions(positions);
}

absl::Status SqliteStore::LoadFailures(const ShardClaim& claim, EventTime from,
                                       std::vector<FailureCount>* failures) {
  if (absl::Status s = claims_.Check(claim); !s.ok()) return s;
  std::lock_guard lock(ticket_mutex_);
  return progress_reader_->ReadFailures(from, failures);
}

absl::Status SqliteStore::FindTickets(const TicketFilter& filter, TicketPage* page) {
  std::lock_guard lock(ticket_mutex_);
  return store::FindTickets(*ticket_reader_, filter, page);
}

absl::Status SqliteStore::TenantDays(EventTime from, std::vector<TenantDay>* days) {
  std::lock_guard lock(ticket_mutex_);
  return FindTenantDays(*ticket_reader_, from, days);
}

absl::Status SqliteStore::LoadTicketPeaks(EventTime since, std::vector<TicketPeak>* peaks) {
  std::lock_guard lock(ticket_mutex_);
  return FindTicketPeaks(*ticket_reader_, since, peaks);
}

absl::Status SqliteStore::TicketRevisions(const std::string& ticket_id,
                                          std::vector<std::string>* revisions) {
  std::lock_guard lock(ticket_mutex_);
  return FindRevisions(*ticket_reader_, ticket_id, revisions);
}

absl::Status SqliteStore::FindTicketIds(const std::string& beginning, size_t limit,
                                        std::vector<std::string>* ids) {
  std::lock_guard lock(ticket_mutex_);
  return store::FindTicketIds(*ticket_reader_, beginning, limit, ids);
}

absl::Status SqliteStore::Handling(const std::string& ticket_id, TicketHandling* handling) {
  std::lock_guard lock(ticket_mutex_);
  return ReadHandling(*ticket_reader_, ticket_id, handling);
}

absl::Status SqliteStore::NextDeliveries(const std::string& sink, int64_t after, size_t limit,
                                         std::vector<Delivery>* deliveries) {
  if (!claims_.Of(0)) return absl::OkStatus();
  std::lock_guard lock(delivery_mutex_);
  return outbox_reader_->Next(sink, after, limit, deliveries);
}

absl::Status SqliteStore::RemoteTickets(const std::string& sink, const std::string& ticket_id,
                                        std::vector<RemoteTicket>* remotes) {
  std::lock_guard lock(delivery_mutex_);
  return ReadRemoteTickets(*delivery_reader_, sink, ticket_id, remotes);
}

absl::Status SqliteStore::RemoteTicketsOf(const std::string& ticket_id,
                                          std::vector<RemoteTicket>* remotes) {
  std::lock_guard lock(delivery_mutex_);
  return ReadRemoteTicketsOf(*delivery_reader_, ticket_id, remotes);
}

absl::Status SqliteStore::RolledUpUnder(const std::string& sink, const std::string& ticket_id,
                                        EventTime as_of, RolledUp* rolled_up) {
  std::lock_guard lock(delivery_mutex_);
  return ReadRolledUpUnder(*delivery_reader_, sink, ticket_id, as_of, rolled_up);
}

absl::Status SqliteStore::RollUpsOf(const std::string& ticket_id, TicketRollUps* roll_ups) {
  std::lock_guard lock(ticket_mutex_);
  return ReadRollUpsOf(*ticket_reader_, ticket_id, roll_ups);
}

absl::Status SqliteStore::ToldTickets(const std::string& sink, std::vector<ToldTicket>* told) {
  if (!claims_.Of(0)) return absl::OkStatus();
  std::lock_guard lock(delivery_mutex_);
  return ReadToldTickets(*delivery_reader_, sink, told);
}

absl::Status SqliteStore::FailedDeliveries(size_t limit, std::vector<FailedDelivery>* failed) {
  std::lock_guard lock(delivery_mutex_);
  return outbox_reader_->Failed(limit, failed);
}

absl::Status SqliteStore::OutboxSizes(std::vector<OutboxSize>* sizes) {
  sizes->clear();
  // Another process changes what this one reads only.
  if (read_only_) {
    if (absl::Status s = CountAll(); !s.ok()) return s;
  }
  for (const auto& [sink, waiting] : counts_.Get().waiting) {
    OutboxSize size{.sink = sink, .depth = static_cast<uint64_t>(std::max<int64_t>(waiting, 0))};
    if (size.depth > 0) {
      std::lock_guard lock(delivery_mutex_);
      const absl::StatusOr<EventTime> oldest = outbox_reader_->Oldest(sink);
      if (!oldest.ok()) return oldest.status();
      size.oldest = *oldest;
    }
    sizes->push_back(std::move(size));
  }
  return absl::OkStatus();
}

absl::Status SqliteStore::Size(StoreSize* size) {
  if (read_only_) {
    if (absl::Status s = CountAll(); !s.ok()) return s;
  }
  const StoreCounts counts = counts_.Get();
  const DiskSpace disk = DiskSpaceOf(path_);
  *size = {.file_bytes = FileBytes(path_) + FileBytes(path_ + "-wal"),
           .state_rows = static_cast<uint64_t>(counts.state_rows),
           .tickets = static_cast<uint64_t>(counts.tickets),
           .revisions = static_cast<uint64_t>(counts.revisions),
           .disk_free_bytes = disk.free_bytes,
           .disk_bytes = disk.bytes};
  return absl::OkStatus();
}

std::vector<std::pair<std::string, uint64_t>> SqliteStore::dropped_deliveries() const {
  std::vector<std::pair<std::string, uint64_t>> dropped;
  for (const auto& [sink, count] : counts_.Get().dropped) {
    dropped.emplace_back(sink, static_cast<uint64_t>(count));
  }
  return dropped;
}

// --------------------------------------------------------------------------------------- instances

absl::Status SqliteStore::NoteInstance(const InstanceFacts& facts, EventTime now) {
  if (absl::Status s = CheckBounds(facts); !s.ok()) return s;
  const std::lock_guard lock(instance_mutex_);
  instance_ = {.facts = facts, .seen_at = now, .is_this = true};
  return absl::OkStatus();
}

absl::Status SqliteStore::ForgetInstance() {
  const std::lock_guard lock(instance_mutex_);
  instance_.reset();
  return absl::OkStatus();
}

absl::Status SqliteStore::FindInstances(EventTime now, Instances* instances) {
  *instances = {};
  const std::lock_guard lock(instance_mutex_);
  if (!instance_ || instance_->seen_at < now - kInstanceShownFor) return absl::OkStatus();
  instances->seen.push_back(*instance_);
  for (const ShardClaim& claim : claims_.All()) instances->seen[0].shards.push_back(claim.shard);
  return absl::OkStatus();
}

}  // namespace signinwatch::store
