#include "daemon/pipeline/recent_tickets.h"

#include <tuple>
#include <utility>

namespace signinwatch::pipeline {

void RecentTickets::Restore(const std::vector<store::TicketPeak>& peaks) {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  for (const store::TicketPeak& peak : peaks) Add(peak);
}

void RecentTickets::Follow(const std::vector<store::TicketPeak>& peaks, EventTime since,
                           const IsOurs& is_ours) {
  const std::lock_guard lock(mutex_);
  absl::erase_if(entries_, [&](const auto& each) {
    return each.second.noted_at < since || !is_ours(each.second.tenant);
  });
  for (const store::TicketPeak& peak : peaks) {
    if (is_ours(peak.tenant_id) && !entries_.contains(peak.ticket_id)) Add(peak);
  }
}

void RecentTickets::Add(const store::TicketPeak& peak) {
  if (!HasRoomFor(peak.peak, peak.committed_at)) return;
  entries_[peak.ticket_id] = {.tenant = peak.tenant_id,
                              .scope = peak.scope,
                              .cause = peak.cause,
                              .now = peak.severity,
                              .peak = peak.peak,
                              .peaked_at = peak.peaked_at,
                              .noted_at = peak.committed_at,
                              .open = peak.open};
}

void RecentTickets::SetMaxTenants(size_t max_tenants) {
  const std::lock_guard lock(mutex_);
  tenants_.SetMax(max_tenants);
}

void RecentTickets::Note(const Ticket& ticket, EventTime at) {
  const std::lock_guard lock(mutex_);
  if (!ticket.exception.empty()) {
    entries_.erase(ticket.ticket_id);
    return;
  }
  auto place = entries_.find(ticket.ticket_id);
  if (place == entries_.end()) {
    if (!HasRoomFor(ticket.severity, at)) return;
    place = entries_.emplace(ticket.ticket_id, Entry{}).first;
    place->second.tenant = ticket.tenant_id;
    place->second.scope = ticket.scope;
    place->second.peak = ticket.severity;
    place->second.peaked_at = at;
  }
  Entry& entry = place->second;
  if (ticket.severity > entry.peak) {
    entry.peak = ticket.severity;
    entry.peaked_at = at;
  }
  entry.cause = CauseName(ticket.cause);
  entry.now = ticket.severity;
  entry.noted_at = at;
  entry.open = ticket.state == TicketState::kOpen;
}

std::vector<RecentTickets::Row> RecentTickets::Rows(EventTime now) {
  const std::lock_guard lock(mutex_);
  Prune(now);
  // By severity first, the worst first: see kRowsMax.
  std::map<std::tuple<int, std::string, GroupBy, std::string>, uint64_t> counts;
  for (const auto& [id, entry] : entries_) {
    const Severity severity = IsAtItsWorst(entry, now) ? entry.peak : entry.now;
    ++counts[{-static_cast<int>(severity), std::string(tenants_.LabelOf(entry.tenant)), entry.scope,
              entry.cause}];
  }
  if (counts.size() > kRowsMax) {
    decltype(counts) fewer;
    for (const auto& [key, count] : counts) {
      auto row = key;
      if (fewer.size() >= kRowsMax) std::get<1>(row) = "other";
      fewer[row] += count;
    }
    counts = std::move(fewer);
  }
  std::vector<Row> rows;
  for (const auto& [key, count] : counts) {
    const auto& [severity, tenant, scope, cause] = key;
    rows.push_back({.tenant = tenant,
                    .scope = scope,
                    .severity = static_cast<Severity>(-severity),
                    .cause = cause,
                    .tickets = count});
  }
  return rows;
}

void RecentTickets::Prune(EventTime now) {
  pruned_at_ = now;
  for (auto place = entries_.begin(); place != entries_.end();) {
    const Entry& entry = place->second;
    const auto here = place++;
    if (!IsAtItsWorst(entry, now) && !IsOpen(entry, now)) entries_.erase(here);
  }
}

bool RecentTickets::HasRoomFor(Severity severity, EventTime now) {
  const size_t max = severity >= Severity::kHigh ? kTicketsMax : kTicketsMax / 2;
  if (entries_.size() < max) return true;
  // A walk over all of them, so not for each that comes while it is full.
  if (now >= pruned_at_ && now < pruned_at_ + kPruneEvery) return false;
  Prune(now);
  return entries_.size() < max;
}

}  // namespace signinwatch::pipeline
