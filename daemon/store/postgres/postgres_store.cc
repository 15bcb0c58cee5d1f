#include "daemon/store/postgres/postgres_store.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "daemon/log/log.h"
#include "daemon/store/postgres/claim_queries.h"
#include "daemon/store/postgres/commit_flight.h"
#include "daemon/store/postgres/schema.h"

namespace signinwatch::store {
namespace {

using postgres::Connection;
using postgres::Rows;
using postgres::Step;

// Work of one call of Maintain.
constexpr int64_t kOutboxRowsPerUpkeep = 2'000;
constexpr int64_t kTicketsPerUpkeep = 200;
constexpr int64_t kFailuresPerUpkeep = 1'000;

constexpr std::chrono::seconds kClaimsKnownFor{1};
constexpr int kClaimTries = 5;

postgres::ConnectionOptions ConnectionOptionsOf(const PostgresStoreOptions& options,
                                                const std::string& name) {
  return {.url = options.url,
          .password = options.password,
          .name = name,
          .read_only = options.read_only,
          .clock = options.clock};
}

}  // namespace

// ----------------------------------------------------------------------------------------- opening

absl::StatusOr<std::unique_ptr<Store>> PostgresStore::Open(const PostgresStoreOptions& options) {
  const auto connection = Connection::Open(ConnectionOptionsOf(options, "signinwatch"),
                                           options.clock.Steady() + postgres::kConnectPatience);
  if (!connection.ok()) return connection.status();
  const clock::SteadyTime deadline = options.clock.Steady() + postgres::kCallPatience;
  absl::Status s = options.read_only ? postgres::CheckSchema(**connection, deadline)
                                     : postgres::PrepareSchema(**connection, deadline);
  if (!s.ok()) return s;
  const absl::StatusOr<Rows> name =
      (*connection)->Run({"SELECT gen_random_uuid()::text"}, deadline);
  if (!name.ok()) return name.status();
  return std::unique_ptr<Store>(new PostgresStore(options, name->Bytes(0, 0)));
}

PostgresStore::PostgresStore(const PostgresStoreOptions& options, const std::string& owner)
    : options_(options),
      owner_(owner),
      commits_(ConnectionOptionsOf(options, postgres::SessionName(owner))),
      deliveries_(ConnectionOptionsOf(options, postgres::SessionName(owner))),
      people_(ConnectionOptionsOf(options, postgres::SessionName(owner))),
      claiming_(ConnectionOptionsOf(options, postgres::SessionName(owner))) {
  SetLimits(options.limits);
}

absl::Status PostgresStore::CheckWritable() const {
  return options_.read_only ? absl::PermissionDeniedError("the store was opened to be read only")
                            : absl::OkStatus();
}

// ------------------------------------------------------------------------------------------ claims

absl::StatusOr<ShardClaim> PostgresStore::Claim(Shard shard) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  const std::optional<ShardClaim> before = claims_.Of(shard);
  postgres::ClaimedShard taken;
  absl::Status s = claiming_.With([&](Connection& connection, clock::SteadyTime deadline) {
    absl::Status tried;
    for (int tries = 0; tries < kClaimTries; ++tries) {
      const auto now =
          postgres::TakeShard(connection, shard, before ? before->epoch : 0, owner_, deadline);
      if (now.ok()) taken = *now;
      tried = now.status();
      if (tried.ok() || connection.sqlstate() != "55P03") break;
      // Who has it stands still in the middle of a transaction, or takes long.
      const absl::Status ended =
          postgres::EndOwnersTransactions(connection, shard, owner_, deadline);
      if (!ended.ok()) return ended;
    }
    return tried;
  });
  if (!s.ok()) return s;
  if (before != taken.claim) {
    NoteNumbers(shard, {.done = taken.commits});
    claims_.Hold(taken.claim);
  }
  return taken.claim;
}

absl::Status PostgresStore::Release(const ShardClaim& claim) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  if (!claims_.Drop(claim)) return ShardTaken(claim.shard);
  bool was_held = false;
  absl::Status s = claiming_.With([&](Connection& connection, clock::SteadyTime deadline) {
    const absl::StatusOr<bool> held = postgres::GiveUpShard(connection, claim, deadline);
    was_held = held.ok() && *held;
    return held.status();
  });
  return s.ok() && !was_held ? ShardTaken(claim.shard) : s;
}

absl::Status PostgresStore::Taken(const ShardClaim& claim) {
  claims_.Drop(claim);
  return ShardTaken(claim.shard);
}

void PostgresStore::DropOthers(const Claims& claims, const Claims& held) {
  for (const ShardClaim& claim : claims) {
    if (std::find(held.begin(), held.end(), claim) == held.end()) claims_.Drop(claim);
  }
}

absl::StatusOr<uint64_t> PostgresStore::ClaimsVersion(clock::SteadyTime now) {
  const std::lock_guard lock(checked_mutex_);
  const Claims claims = claims_.All();
  if (claims.empty() || (checked_at_ && now < *checked_at_ + kClaimsKnownFor)) return Version();
  Claims held;
  absl::Status s = deliveries_.With([&](Connection& connection, clock::SteadyTime deadline) {
    auto still = postgres::StillHeld(connection, claims, /*lock=*/false, deadline);
    if (still.ok()) held = *std::move(still);
    return still.status();
  });
  if (!s.ok()) return s;
  checked_at_ = now;
  DropOthers(claims, held);
  return Version();
}

absl::Status PostgresStore::Begin(Connection& connection, Durability durability,
                                  clock::SteadyTime deadline, Claims* held) {
  const Claims claims = claims_.All();
  std::vector<Rows> rows;
  std::vector<Step> steps{{"BEGIN"}};
  if (durability == Durability::kRelaxed) steps.push_back({"SET LOCAL synchronous_commit = off"});
  absl::Status s = connection.Fly(steps, deadline, &rows);
  if (!s.ok()) return s;
  auto still = postgres::StillHeld(connection, claims, /*lock=*/true, deadline);
  if (!still.ok()) return still.status();
  *held = *std::move(still);
  DropOthers(claims, *held);
  return absl::OkStatus();
}

// ----------------------------------------------------------------------------------------- commits

std::optional<PostgresStore::Numbers> PostgresStore::NumbersOf(Shard shard) {
  const std::lock_guard lock(numbers_mutex_);
  const auto numbers = numbers_.find(shard);
  if (numbers == numbers_.end()) return std::nullopt;
  return numbers->second;
}

void PostgresStore::NoteNumbers(Shard shard, const Numbers& numbers) {
  const std::lock_guard lock(numbers_mutex_);
  numbers_[shard] = numbers;
}

absl::Status PostgresStore::Commit(const ShardClaim& claim, const StoreCommit& commit) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  const std::shared_lock counting(counting_mutex_);
  return commits_.With([&](Connection& connection, clock::SteadyTime deadline) {
    const absl::Status held = claims_.Check(claim);
    return held.ok() ? TryCommit(connection, claim, commit, deadline) : held;
  });
}

absl::Status PostgresStore::TryCommit(Connection& connection, const ShardClaim& claim,
                                      const StoreCommit& commit, clock::SteadyTime deadline) {
  Numbers numbers = *NumbersOf(claim.shard);
  const postgres::CommitFlight flight(claim, numbers.done + 1, commit);
  std::vector<Rows> rows;
  const absl::Status s = connection.Fly(flight.steps(), deadline, &rows);
  if (s.ok()) {
    NoteNumbers(claim.shard, {.done = numbers.done + 1});
    counts_.Add(flight.ChangeOf(rows));
    return s;
  }
  if (connection.sqlstate() == "SW001") return WhyRefused(connection, claim, numbers, deadline);
  if (connection.lost()) {
    numbers.attempted_by = connection.backend();
    NoteNumbers(claim.shard, numbers);
  } else if (connection.sqlstate() == "55P03" && numbers.attempted_by != 0) {
    // The one whose answer was lost still has the shard.
    std::vector<Rows> none;
    (void)connection.Fly(
        {{"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND "
          "application_name = $2",
          {postgres::Integer(numbers.attempted_by),
           postgres::Text(postgres::SessionName(owner_))}}},
        deadline, &none);
  }
  return s;
}

absl::Status PostgresStore::WhyRefused(Connection& connection, const ShardClaim& claim,
                                       Numbers numbers, clock::SteadyTime deadline) {
  const auto now = postgres::ReadShard(connection, claim.shard, deadline);
  if (!now.ok()) return now.status();
  if (now->claim != claim) return Taken(claim);
  if (numbers.attempted_by != 0 && now->commits == numbers.done + 1) {
    NoteNumbers(claim.shard, {.done = now->commits});
    // What it changed was not counted, and its deliveries may be older than what was loaded.
    ++recovered_;
    return absl::OkStatus();
  }
  log::Log(
      config::LogLevel::kError,
      "the database was set back, so what is in memory is of no use any more",
      {{"shard", claim.shard}, {"commits_there", now->commits}, {"commits_here", numbers.done}});
  return Taken(claim);
}

// ----------------------------------------------------------------------------------------- loading

// On a connection of its own: what the rows are put into takes its time.
absl::Status PostgresStore::LoadState(const ShardClaim& claim, std::string_view head,
                                      const StateVisitor& visit) {
  if (absl::Status s = claims_.Check(claim); !s.ok()) return s;
  const auto connection =
      Connection::Open(ConnectionOptionsOf(options_, postgres::SessionName(owner_)),
                       options_.clock.Steady() + postgres::kConnectPatience);
  return connection.ok() ? postgres::LoadState(**connection, claim, head, visit)
                         : connection.status();
}

absl::Status PostgresStore::LoadPositions(const ShardClaim& claim,
                                          std::vector<position::PartitionPosition>* positions) {
  if (absl::Status s = claims_.Check(claim); !s.ok()) return s;
  return claiming_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::LoadPositions(connection, claim, deadline, positions);
  });
}

absl::Status PostgresStore::LoadFailures(const ShardClaim& claim, EventTime from,
                                         std::vector<FailureCount>* failures) {
  if (absl::Status s = claims_.Check(claim); !s.ok()) return s;
  return claiming_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::LoadFailures(connection, claim, from, deadline, failures);
  });
}

// ------------------------------------------------------------------------------------------ outbox

absl::Status PostgresStore::NextDeliveries(const std::string& sink, int64_t after, size_t limit,
                                           std::vector<Delivery>* deliveries) {
  return deliveries_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::NextDeliveries(connection, claims_.All(), sink, after, limit, deadline,
                                    deliveries);
  });
}

absl::Status PostgresStore::Acknowledge(const std::string& sink,
                                        std::span<const DeliveryOutcome> outcomes, EventTime now) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  for (const DeliveryOutcome& outcome : outcomes) {
    if (!outcome.remote) continue;
    if (absl::Status s = CheckBounds(*outcome.remote); !s.ok()) return s;
  }
  if (outcomes.empty()) return absl::OkStatus();
  const std::shared_lock counting(counting_mutex_);
  StoreCounts change;
  absl::Status s = deliveries_.With([&](Connection& connection, clock::SteadyTime deadline) {
    Claims held;
    absl::Status done = Begin(connection, Durability::kRelaxed, deadline, &held);
    if (!done.ok()) return done;
    std::vector<Step> steps = postgres::AcknowledgeSteps(held, sink, outcomes, now);
    steps.push_back({"COMMIT"});
    std::vector<Rows> rows;
    done = connection.Fly(steps, deadline, &rows);
    change = {.waiting = {{sink, -postgres::AcknowledgedOf(steps, rows)}}};
    return done;
  });
  if (s.ok()) counts_.Add(change);
  return s;
}

absl::Status PostgresStore::NoteRemote(const RemoteTicket& remote) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  if (absl::Status s = CheckBounds(remote); !s.ok()) return s;
  return deliveries_.With([&](Connection& connection, clock::SteadyTime deadline) {
    Claims held;
    absl::Status s = Begin(connection, Durability::kDurable, deadline, &held);
    if (!s.ok()) return s;
    const auto shard = postgres::ShardOfTicket(connection, remote.ticket_id, deadline);
    if (!shard.ok()) return shard.status();
    std::vector<Step> steps = postgres::NoteRemoteSteps(held, remote);
    steps.push_back({"COMMIT"});
    std::vector<Rows> rows;
    s = connection.Fly(steps, deadline, &rows);
    const bool is_ours =
        !shard->has_value() || std::any_of(held.begin(), held.end(), [&](const ShardClaim& claim) {
          return claim.shard == **shard;
        });
    return s.ok() && !is_ours ? ShardTaken(**shard) : s;
  });
}

absl::Status PostgresStore::RemoteTickets(const std::string& sink, const std::string& ticket_id,
                                          std::vector<RemoteTicket>* remotes) {
  return deliveries_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::RemoteTickets(connection, sink, ticket_id, deadline, remotes);
  });
}

absl::Status PostgresStore::RolledUpUnder(const std::string& sink, const std::string& ticket_id,
                                          EventTime as_of, RolledUp* rolled_up) {
  return deliveries_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::RolledUpUnder(connection, sink, ticket_id, as_of, deadline, rolled_up);
  });
}

absl::Status PostgresStore::RollUpsOf(const std::string& ticket_id, TicketRollUps* roll_ups) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::RollUpsOf(connection, ticket_id, deadline, roll_ups);
  });
}

absl::Status PostgresStore::ToldTickets(const std::string& sink, std::vector<ToldTicket>* told) {
  return deliveries_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::ToldTickets(connection, claims_.All(), sink, deadline, told);
  });
}

absl::Status PostgresStore::FailedDeliveries(size_t limit, std::vector<FailedDelivery>* failed) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::FailedDeliveries(connection, limit, deadline, failed);
  });
}

absl::Status PostgresStore::OutboxSizes(std::vector<OutboxSize>* sizes) {
  sizes->clear();
  if (absl::Status s = Count(); !s.ok()) return s;
  const std::optional<Claims> claims =
      options_.read_only ? std::nullopt : std::optional(claims_.All());
  for (const auto& [sink, waiting] : counts_.Get().waiting) {
    OutboxSize size{.sink = sink, .depth = static_cast<uint64_t>(std::max<int64_t>(waiting, 0))};
    if (size.depth > 0) {
      absl::Status s = people_.With([&](Connection& connection, clock::SteadyTime deadline) {
        const auto oldest = postgres::OldestWaiting(connection, claims, size.sink, deadline);
        if (oldest.ok()) size.oldest = *oldest;
        return oldest.status();
      });
      if (!s.ok()) return s;
    }
    sizes->push_back(std::move(size));
  }
  return absl::OkStatus();
}

std::vector<std::pair<std::string, uint64_t>> PostgresStore::dropped_deliveries() const {
  std::vector<std::pair<std::string, uint64_t>> dropped;
  for (const auto& [sink, count] : counts_.Get().dropped) {
    dropped.emplace_back(sink, static_cast<uint64_t>(count));
  }
  return dropped;
}

// ------------------------------------------------------------------------------------------ people

absl::Status PostgresStore::FindTickets(const TicketFilter& filter, TicketPage* page) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::FindTickets(connection, filter, deadline, page);
  });
}

absl::Status PostgresStore::TenantDays(EventTime from, std::vector<TenantDay>* days) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::TenantDays(connection, from, deadline, days);
  });
}

absl::Status PostgresStore::LoadTicketPeaks(EventTime since, std::vector<TicketPeak>* peaks) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::LoadTicketPeaks(connection, since, deadline, peaks);
  });
}

absl::Status PostgresStore::TicketRevisions(const std::string& ticket_id,
                                            std::vector<std::string>* revisions) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::TicketRevisions(connection, ticket_id, deadline, revisions);
  });
}

absl::Status PostgresStore::RemoteTicketsOf(const std::string& ticket_id,
                                            std::vector<RemoteTicket>* remotes) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::RemoteTicketsOf(connection, ticket_id, deadline, remotes);
  });
}

absl::Status PostgresStore::FindTicketIds(const std::string& beginning, size_t limit,
                                          std::vector<std::string>* ids) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::FindTicketIds(connection, beginning, limit, deadline, ids);
  });
}

absl::Status PostgresStore::Review(const std::string& ticket_id, uint32_t revision,
                                   const std::string& by, EventTime at) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::Review(connection, ticket_id, revision, by, at, deadline);
  });
}

absl::Status PostgresStore::TakeBackReview(const std::string& ticket_id) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::TakeBackReview(connection, ticket_id, deadline);
  });
}

absl::Status PostgresStore::Tick(const std::string& ticket_id, const StepTick& tick) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::Tick(connection, ticket_id, tick, deadline);
  });
}

absl::Status PostgresStore::TakeBackTick(const std::string& ticket_id, const std::string& step) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::TakeBackTick(connection, ticket_id, step, deadline);
  });
}

absl::Status PostgresStore::Handling(const std::string& ticket_id, TicketHandling* handling) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::Handling(connection, ticket_id, deadline, handling);
  });
}

// --------------------------------------------------------------------------------------- instances

absl::Status PostgresStore::NoteInstance(const InstanceFacts& facts, EventTime now) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  if (absl::Status s = CheckBounds(facts); !s.ok()) return s;
  return claiming_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::NoteInstance(connection, owner_, facts, now, deadline);
  });
}

absl::Status PostgresStore::ForgetInstance() {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  return claiming_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::ForgetInstance(connection, owner_, deadline);
  });
}

absl::Status PostgresStore::FindInstances(EventTime now, Instances* instances) {
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::FindInstances(connection, owner_, now, deadline, instances);
  });
}

// ------------------------------------------------------------------------------------------ upkeep

void PostgresStore::SetLimits(const StoreLimits& limits) {
  const std::lock_guard lock(upkeep_mutex_);
  limits_ = limits;
  sinks_checked_ = false;
  StoreCounts none;
  for (const std::string& sink : limits.sinks) none.waiting.try_emplace(sink, 0);
  counts_.Add(none);
}

absl::Status PostgresStore::Count() {
  const uint64_t version = Version();
  {
    const std::shared_lock counting(counting_mutex_);
    if (!options_.read_only && counted_ == version) return absl::OkStatus();
  }
  const std::unique_lock counting(counting_mutex_);
  const std::optional<Claims> claims =
      options_.read_only ? std::nullopt : std::optional(claims_.All());
  StoreCounts counts;
  absl::Status s = people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    return postgres::CountAll(connection, claims, deadline, &counts);
  });
  if (!s.ok()) return s;
  // Sinks that are configured, or were seen.
  for (const auto& [sink, waiting] : counts_.Get().waiting) counts.waiting.try_emplace(sink, 0);
  counts_.Set(std::move(counts));
  counted_ = version;
  return absl::OkStatus();
}

absl::Status PostgresStore::Size(StoreSize* size) {
  if (absl::Status s = Count(); !s.ok()) return s;
  const StoreCounts counts = counts_.Get();
  *size = {.state_rows = static_cast<uint64_t>(counts.state_rows),
           .tickets = static_cast<uint64_t>(counts.tickets),
           .revisions = static_cast<uint64_t>(counts.revisions)};
  return people_.With([&](Connection& connection, clock::SteadyTime deadline) {
    const auto bytes = postgres::DatabaseBytes(connection, deadline);
    if (bytes.ok()) size->file_bytes = *bytes;
    return bytes.status();
  });
}

absl::StatusOr<bool> PostgresStore::Maintain(EventTime now) {
  if (absl::Status s = CheckWritable(); !s.ok()) return s;
  const std::lock_guard lock(upkeep_mutex_);
  if (absl::Status s = Count(); !s.ok()) return s;
  const std::shared_lock counting(counting_mutex_);
  // Not when it is opened: a start that is refused afterwards changes nothing.
  if (!sinks_checked_) {
    if (absl::Status s = ForgetUnknownSinks(); !s.ok()) return s;
    sinks_checked_ = true;
  }
  bool more = false;
  const auto outbox_max = static_cast<int64_t>(
      std::min<uint64_t>(limits_.outbox_max, std::numeric_limits<int64_t>::max()));
  for (const auto& [sink, waiting] : counts_.Get().waiting) {
    if (waiting <= outbox_max) continue;
    const absl::StatusOr<bool> left = TrimOutbox(sink, waiting - outbox_max);
    if (!left.ok()) return left;
    more |= *left;
  }
  const absl::StatusOr<bool> old_tickets = ForgetOldTickets(now);
  if (!old_tickets.ok()) return old_tickets;
  int64_t failures = 0;
  absl::Status s =
      Keep([&](Connection& connection, const Claims& held, clock::SteadyTime deadline) {
        const auto forgotten = postgres::ForgetFailures(connection, held, limits_.keep_tickets,
                                                        kFailuresPerUpkeep, deadline);
        failures = forgotten.ok() ? *forgotten : 0;
        return forgotten.status();
      });
  if (!s.ok()) return s;
  return more || *old_tickets || failures == kFailuresPerUpkeep;
}

absl::Status PostgresStore::Keep(const Piece& piece) {
  if (claims_.All().empty()) return absl::OkStatus();
  return commits_.Once([&](Connection& connection, clock::SteadyTime deadline) {
    Claims held;
    absl::Status s = Begin(connection, Durability::kRelaxed, deadline, &held);
    if (s.ok() && !held.empty()) s = piece(connection, held, deadline);
    // After an error nothing is open any more.
    return s.ok() ? connection.Run({"COMMIT"}, deadline).status() : s;
  });
}

absl::StatusOr<bool> PostgresStore::TrimOutbox(const std::string& sink, int64_t excess) {
  const int64_t now = std::min(excess, kOutboxRowsPerUpkeep);
  int64_t dropped = 0;
  absl::Status s =
      Keep([&](Connection& connection, const Claims& held, clock::SteadyTime deadline) {
        const auto superseded = postgres::DropSuperseded(connection, held, sink, now, deadline);
        if (!superseded.ok()) return superseded.status();
        dropped = *superseded;
        if (dropped == now) return absl::OkStatus();
        const auto oldest = postgres::DropOldest(connection, held, sink, now - dropped, deadline);
        if (oldest.ok()) dropped += *oldest;
        return oldest.status();
      });
  if (!s.ok()) return s;
  counts_.Add({.waiting = {{sink, -dropped}}, .dropped = {{sink, dropped}}});
  return excess > now;
}

absl::StatusOr<bool> PostgresStore::ForgetOldTickets(EventTime now) {
  const EventTime before = now - limits_.keep_tickets;
  postgres::TicketPlace place;
  postgres::ForgottenTickets forgotten;
  absl::Status s =
      Keep([&](Connection& connection, const Claims& held, clock::SteadyTime deadline) {
        place = place_;
        const auto done =
            postgres::ForgetTickets(connection, held, before, before - kOpenTicketsKeptLonger,
                                    kTicketsPerUpkeep, deadline, &place);
        if (done.ok()) forgotten = *done;
        return done.status();
      });
  if (!s.ok()) return s;
  counts_.Add({.tickets = -forgotten.tickets, .revisions = -forgotten.revisions});
  // Those that are still waited for are looked at again in the next round.
  const bool more = forgotten.looked_at == kTicketsPerUpkeep;
  place_ = more ? place : postgres::TicketPlace{};
  return more;
}

// Of our shards: other instances may already know, or still know, the sink.
absl::Status PostgresStore::ForgetUnknownSinks() {
  std::map<std::string, int64_t> sinks = counts_.Get().waiting;
  for (const std::string& known : limits_.sinks) sinks.erase(known);
  for (const auto& [sink, waiting] : sinks) {
    if (waiting > 0) {
      log::Log(config::LogLevel::kWarning,
               "deliveries are dropped: their sink is no longer configured",
               {{"sink", sink}, {"deliveries", waiting}});
    }
    absl::Status s = Keep(
        [&, name = sink](Connection& connection, const Claims& held, clock::SteadyTime deadline) {
          return postgres::ForgetSink(connection, held, name, deadline).status();
        });
    if (!s.ok()) return s;
    counts_.ForgetSink(sink);
  }
  return absl::OkStatus();
}

}  // namespace signinwatch::store
