#include "daemon/store/sqlite/upkeep.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace signinwatch::store {

Upkeep::Upkeep(Connection& connection, std::mutex& writer, OutboxTables& outbox,
               TicketTables& tickets, ProgressTables& progress, SharedCounts& counts,
               const StoreLimits& limits)
    : connection_(connection),
      writer_(writer),
      outbox_(outbox),
      tickets_(tickets),
      progress_(progress),
      counts_(counts) {
  SetLimits(limits);
}

void Upkeep::SetLimits(const StoreLimits& limits) {
  keep_tickets_ = limits.keep_tickets;
  outbox_max_ = static_cast<int64_t>(
      std::min<uint64_t>(limits.outbox_max, std::numeric_limits<int64_t>::max()));
}

absl::StatusOr<bool> Upkeep::Run(EventTime now) {
  bool more = false;
  const auto note = [&more](absl::StatusOr<bool> result) {
    more |= result.ok() && *result;
    return result.status();
  };
  for (const auto& [sink, waiting] : counts_.Get().waiting) {
    if (waiting <= outbox_max_) continue;
    if (absl::Status s = note(TrimOutbox(sink, waiting - outbox_max_)); !s.ok()) return s;
  }
  if (absl::Status s = note(ForgetTickets(now)); !s.ok()) return s;
  if (absl::Status s = note(ForgetFailures()); !s.ok()) return s;
  if (absl::Status s = note(GiveBackPages()); !s.ok()) return s;
  return more;
}

absl::StatusOr<bool> Upkeep::TrimOutbox(const std::string& sink, int64_t excess) {
  const int64_t now = std::min(excess, kOutboxRowsPerUpkeep);
  std::lock_guard lock(writer_);
  Transaction transaction(connection_);
  if (absl::Status s = transaction.Begin(Transaction::Kind::kRelaxed); !s.ok()) return s;
  StoreCounts change;
  const absl::StatusOr<int64_t> superseded = outbox_.DropSuperseded(sink, now, &change);
  if (!superseded.ok()) return superseded.status();
  if (*superseded < now) {
    const absl::StatusOr<int64_t> oldest = outbox_.DropOldest(sink, now - *superseded, &change);
    if (!oldest.ok()) return oldest.status();
  }
  if (absl::Status s = transaction.Commit(); !s.ok()) return s;
  counts_.Add(change);
  return excess > now;
}

absl::StatusOr<bool> Upkeep::ForgetTickets(EventTime now) {
  std::lock_guard lock(writer_);
  Transaction transaction(connection_);
  if (absl::Status s = transaction.Begin(Transaction::Kind::kRelaxed); !s.ok()) return s;
  StoreCounts change;
  TicketTables::Place place = place_;
  const EventTime before = now - keep_tickets_;
  const absl::StatusOr<int64_t> looked_at =
      tickets_.Forget(before, before - kOpenTicketsKeptLonger, kTicketsPerUpkeep, &place, &change);
  if (!looked_at.ok()) return looked_at.status();
  if (absl::Status s = transaction.Commit(); !s.ok()) return s;
  counts_.Add(change);
  // Those that are still waited for are looked at again in the next round.
  const bool more = *looked_at == kTicketsPerUpkeep;
  place_ = more ? place : TicketTables::Place{};
  return more;
}

absl::StatusOr<bool> Upkeep::ForgetFailures() {
  std::lock_guard lock(writer_);
  Transaction transaction(connection_);
  if (absl::Status s = transaction.Begin(Transaction::Kind::kRelaxed); !s.ok()) return s;
  const absl::StatusOr<int64_t> forgotten =
      progress_.ForgetFailures(keep_tickets_, kFailuresPerUpkeep);
  if (!forgotten.ok()) return forgotten.status();
  if (absl::Status s = transaction.Commit(); !s.ok()) return s;
  return *forgotten == kFailuresPerUpkeep;
}

absl::StatusOr<bool> Upkeep::GiveBackPages() {
  std::lock_guard lock(writer_);
  const absl::StatusOr<int64_t> pages = connection_.QueryInteger("PRAGMA page_count");
  if (!pages.ok()) return pages.status();
  const absl::StatusOr<int64_t> free = connection_.QueryInteger("PRAGMA freelist_count");
  if (!free.ok()) return free.status();
  const int64_t excess = *free - std::max(kFreePagesKept, *pages / kFreePagesShareKept);
  if (excess <= 0) return false;
  Transaction transaction(connection_);
  if (absl::Status s = transaction.Begin(Transaction::Kind::kRelaxed); !s.ok()) return s;
  absl::Status s = connection_.Execute(
      absl::StrCat("PRAGMA incremental_vacuum(", std::min(excess, kPagesPerUpkeep), ")"));
  if (!s.ok()) return s;
  if (s = transaction.Commit(); !s.ok()) return s;
  return excess > kPagesPerUpkeep;
}

}  // namespace signinwatch::store
