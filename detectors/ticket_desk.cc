#include "detectors/ticket_desk.h"

#include <algorithm>
#include <memory>

#include "detectors/row_archive.h"

namespace signinwatch {

namespace {

size_t BytesOf(const std::string& text) { return text.capacity() > 15 ? text.capacity() + 16 : 0; }
size_t BytesOf(const std::vector<std::string>& texts) {
  size_t bytes = texts.capacity() * sizeof(std::string);
  for (const std::string& text : texts) bytes += BytesOf(text);
  return bytes;
}
// Of a list, each of which refers to of(value) bytes.
template <typename T, typename Of>
size_t BytesOf(const std::vector<T>& values, const Of& of) {
  size_t bytes = values.capacity() * sizeof(T);
  for (const T& value : values) bytes += of(value);
  return bytes;
}
size_t BytesOf(const std::vector<Counted>& values) {
  return BytesOf(values,
                 [](const Counted& value) { return BytesOf(value.id) + BytesOf(value.name); });
}
size_t BytesOf(const ShownOf<TextCount>& values) {
  return BytesOf(values.shown, [](const TextCount& value) { return BytesOf(value.value); });
}
size_t BytesOf(const ShownOf<AuditChange>& changes) {
  return BytesOf(changes.shown, [](const AuditChange& change) {
    return BytesOf(change.operation) + BytesOf(change.policy) + BytesOf(change.actor) +
           BytesOf(change.record_id);
  });
}
size_t BytesOf(const TicketContext& context) {
  return BytesOf(context.home_tenant_id) + BytesOf(context.conditional_access.failing_policies) +
         BytesOf(context.token_types) + BytesOf(context.clients) +
         BytesOf(context.security_info_changes) + BytesOf(context.policy_changes) +
         BytesOf(context.mfa.shown, [](const MfaMethod& method) { return BytesOf(method.value); }) +
         BytesOf(context.risk_events.shown,
                 [](const RiskEvent& event) {
                   return BytesOf(event.type) + BytesOf(event.level) + BytesOf(event.state) +
                          BytesOf(event.id);
                 }) +
         BytesOf(context.sessions_elsewhere.shown, [](const SessionElsewhere& session) {
           return BytesOf(session.session_id) +
                  BytesOf(session.places.shown, [](const SessionPlace& place) {
                    return BytesOf(place.network) + BytesOf(place.country);
                  });
         });
}

// Of all that the ticket refers to.
size_t BytesOf(const Ticket& ticket) {
  constexpr size_t kMapNode = 64;
  size_t bytes =
      BytesOf(ticket.context) + ticket.timeline.counts.capacity() * sizeof(uint64_t) +
      BytesOf(ticket.evidence, [](const ShownId& id) { return BytesOf(id.text()); }) +
      BytesOf(ticket.changes_by_actor) + ticket.changes.capacity() * sizeof(TicketChange) +
      (ticket.codes.size() + ticket.users_by_cause.size() + ticket.changes_by_kind.size()) *
          kMapNode;
  for (const std::string* text :
       {&ticket.ticket_id, &ticket.detector, &ticket.tenant_id, &ticket.user_id,
        &ticket.user_principal_name, &ticket.parent_ticket_id, &ticket.continues,
        &ticket.merged_into}) {
    bytes += BytesOf(*text);
  }
  for (const CountedList* list :
       {&ticket.apps, &ticket.ip_addresses, &ticket.countries, &ticket.devices, &ticket.users}) {
    bytes += BytesOf(list->shown);
  }
  for (const TicketChange& change : ticket.changes) {
    bytes += BytesOf(change.operations) + BytesOf(change.actor) + BytesOf(change.record_ids);
  }
  return bytes;
}

}  // namespace

size_t TicketDesk::bytes() const {
  return ticket_bytes_ + entries_.size() * (sizeof(TicketEntry) + sizeof(PastBurst) + 64);
}

size_t TicketDesk::EntryBytes(const TicketEntry& entry) {
  const size_t parting = entry.parting == nullptr ? 0 : sizeof(Ticket) + BytesOf(*entry.parting);
  return BytesOf(entry.last) + parting;
}

void TicketDesk::NoteResized(size_t before, const TicketEntry& now) {
  ticket_bytes_ += EntryBytes(now) - before;
}

TicketNumber TicketDesk::Open(TicketEntry entry) {
  const TicketNumber number = next_number_++;
  NoteResized(0, entry);
  entries_[number] = std::make_unique<TicketEntry>(std::move(entry));
  Journal(number);
  return number;
}

TicketEntry* TicketDesk::Edit(TicketNumber number) {
  const auto found = entries_.find(number);
  if (found == entries_.end()) return nullptr;
  Journal(number);
  return found->second.get();
}

const TicketEntry* TicketDesk::Find(TicketNumber number) const {
  const auto found = entries_.find(number);
  return found == entries_.end() ? nullptr : found->second.get();
}

void TicketDesk::Drop(TicketNumber number) {
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  ticket_bytes_ -= EntryBytes(*found->second);
  entries_.erase(found);
  Journal(number);
}

void TicketDesk::NoteResolved(TicketNumber number) {
  resolved_.push_back(number);
  while (!resolved_.empty() && resolved_.front() != number && !IsResolved(resolved_.front())) {
    resolved_.pop_front();
  }
  if (resolved_.size() > 2 * entries_.size() + 1024) {
    std::erase_if(resolved_, [this](TicketNumber candidate) { return !IsResolved(candidate); });
  }
}

// False of one that was dropped, or opened again, since it was resolved.
bool TicketDesk::IsResolved(TicketNumber number) const {
  const TicketEntry* entry = Find(number);
  return entry != nullptr && entry->last.state == TicketState::kResolved;
}

TicketNumber TicketDesk::EvictOldest() {
  constexpr size_t kTriesMax = 64;
  for (size_t tries = std::min(resolved_.size(), kTriesMax); tries > 1; --tries) {
    const TicketNumber oldest = resolved_.front();
    resolved_.pop_front();
    if (!IsResolved(oldest)) continue;
    if (Find(oldest)->review_at == kEndOfTime) {
      ++evicted_;
      return oldest;
    }
    // It may have been opened again, which its review is about to say.
    resolved_.push_back(oldest);
  }
  return 0;
}

EventTime TicketDesk::SendDue(const TicketEntry& entry, EventTime moment) {
  return entry.last.revision == 0 ? moment : std::max(moment, entry.sent_at + kPace);
}

void TicketDesk::Touch(TicketNumber number, EventTime moment, Weight weight) {
  const auto found = entries_.find(number);
  if (found == entries_.end()) return;
  TicketEntry& entry = *found->second;
  // A clock that was set back holds nothing up for longer than the pace.
  entry.sent_at = std::min(entry.sent_at, moment);
  entry.looked_at = std::min(entry.looked_at, moment);
  constexpr uint64_t kEarnedSlight = 4;
  constexpr uint64_t kEarnedFull = 64;
  entry.earned += weight == Weight::kFull ? kEarnedFull : kEarnedSlight;
  entry.urgent |= weight == Weight::kFull;
  EventTime due = SendDue(entry, moment);
  if (entry.look_cost > kCheapLook + entry.earned) {
    const auto steps = static_cast<int64_t>(entry.look_cost);
    const Duration rest = steps * kPerStep + (entry.urgent ? Duration{} : kPace);
    due = std::max(due, entry.looked_at + rest);
  }
  if (due >= entry.review_at) return;
  entry.review_at = due;
  queue_.emplace(due, number);
  Journal(number);
}

void TicketDesk::Looked(TicketEntry* entry, EventTime moment, uint64_t cost) {
  entry->looked_at = moment;
  entry->look_cost = cost;
  entry->earned = 0;
  entry->urgent = false;
}

TicketNumber TicketDesk::NextDue(EventTime moment) {
  while (!queue_.empty() && queue_.top().first <= moment) {
    const auto [due, number] = queue_.top();
    queue_.pop();
    const TicketEntry* entry = Find(number);
    if (entry == nullptr || entry->review_at != due) continue;
    // Resolved since it was queued: the minute begins anew.
    const EventTime may_send = SendDue(*entry, moment);
    Edit(number)->review_at = may_send <= moment ? kEndOfTime : may_send;
    if (may_send <= moment) return number;
    queue_.emplace(may_send, number);
  }
  return 0;
}

void TicketDesk::Send(TicketNumber number, Ticket ticket, RevisionReason reason, EventTime moment) {
  TicketEntry* entry = Edit(number);
  entry->sent_at = moment;
  const size_t before = EntryBytes(*entry);
  ticket.revision = entry->last.revision + 1;
  ticket.reason = reason;
  revisions_.push_back(ticket);
  entry->last = std::move(ticket);
  NoteResized(before, *entry);
}

void TicketDesk::Part(TicketNumber number, std::unique_ptr<Ticket> parting) {
  TicketEntry* entry = Edit(number);
  const size_t before = EntryBytes(*entry);
  entry->parting = std::move(parting);
  NoteResized(before, *entry);
}

std::unique_ptr<Ticket> TicketDesk::TakeParting(TicketNumber number) {
  TicketEntry* entry = Edit(number);
  const size_t before = EntryBytes(*entry);
  std::unique_ptr<Ticket> parting = std::move(entry->parting);
  NoteResized(before, *entry);
  return parting;
}

std::vector<TicketNumber> TicketDesk::TakeJournal() {
  journaling_ = true;
  std::vector<TicketNumber> numbers(journal_.begin(), journal_.end());
  journal_.clear();
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

void TicketDesk::Restore(TicketNumber number, TicketEntry entry) {
  if (entry.review_at != kEndOfTime) queue_.emplace(entry.review_at, number);
  if (entry.last.state == TicketState::kResolved) resolved_.push_back(number);
  NoteResized(0, entry);
  entries_[number] = std::make_unique<TicketEntry>(std::move(entry));
}

void TicketDesk::LinkMerging() {
  for (const auto& [number, entry] : entries_) {
    const auto kept = entries_.find(entry->merged_into);
    if (kept != entries_.end()) kept->second->merging.push_back(number);
  }
}

template <typename A>
void Fields(A& a, Counted& counted) {
  a(counted.id, counted.name, counted.count, counted.cause, counted.first_event_time,
    counted.last_event_time);
}
template <typename A, typename T>
void Fields(A& a, ShownOf<T>& list) {
  a(list.shown, list.total);
}
template <typename A>
void Fields(A& a, TextCount& value) {
  a(value.value, value.count);
}
template <typename A>
void Fields(A& a, MfaMethod& method) {
  a(method.value, method.last_day);
}
template <typename A>
void Fields(A& a, ConditionalAccessContext& access) {
  a(access.success, access.failure, access.not_applied, access.unknown, access.failing_policies);
}
template <typename A>
void Fields(A& a, SessionPlace& place) {
  a(place.network, place.country, place.count, place.first_event_time);
}
template <typename A>
void Fields(A& a, SessionElsewhere& session) {
  a(session.session_id, session.places);
}
template <typename A>
void Fields(A& a, RiskEvent& event) {
  a(event.time, event.type, event.level, event.state, event.id);
}
template <typename A>
void Fields(A& a, AuditChange& change) {
  a(change.time, change.operation, change.policy, change.actor, change.record_id);
}
template <typename A>
void Fields(A& a, SyncContext& sync) {
  a(sync.last, sync.last_24h);
}
template <typename A>
void Fields(A& a, TicketContext& context) {
  a(context.mfa, context.conditional_access, context.token_types, context.clients,
    context.sessions_total, context.sessions_elsewhere, context.risk_events,
    context.security_info_changes, context.policy_changes, context.sync, context.home_tenant_id,
    context.risky_users);
  for (uint64_t& count : context.sign_in_risk) a(count);
}
template <typename A>
void Fields(A& a, Timeline& timeline) {
  int64_t step_seconds = timeline.step.count();
  a(timeline.start, step_seconds, timeline.counts);
  if constexpr (A::kReading) timeline.step = std::chrono::seconds(step_seconds);
}
template <typename A>
void Fields(A& a, TicketChange& change) {
  a(change.time, change.kind, change.age_seconds, change.during, change.operations, change.actor,
    change.record_ids);
}
template <typename A>
void Fields(A& a, Findings& findings) {
  a(findings.unfamiliar_source, findings.persistent, findings.session_elsewhere,
    findings.risk_detected, findings.security_info_changed);
}
template <typename A>
void Fields(A& a, Ticket& t) {
  a(t.ticket_id, t.revision, t.reason, t.state, t.resolution, t.detector, t.scope, t.tenant_id,
    t.user_id, t.user_principal_name, t.severity, t.cause, t.findings, t.first_event_time,
    t.last_event_time, t.opened_at, t.resolved_at, t.event_count, t.total_event_count,
    t.distinct_users, t.threshold_events, t.threshold_users, t.threshold_window, t.codes, t.apps,
    t.ip_addresses, t.countries, t.devices, t.users, t.users_by_cause, t.changes_by_kind,
    t.changes_by_actor, t.changes, t.evidence, t.reauthenticated_at, t.parent_ticket_id,
    t.continues, t.merged_into, t.reopened, t.context, t.timeline);
}

template <typename A>
void TicketEntry::Archive(A& a, TenantId& tenant, UserId& user) {
  bool parts = parting != nullptr;
  a(last, rule, tenant, user, earlier_bursts, earlier_count, sent_at, review_at, recheck_cause,
    recheck_risks, merged_into, parts);
  if (!parts) return;
  if constexpr (A::kReading) parting = std::make_unique<Ticket>();
  a(*parting);
}
template void TicketEntry::Archive(RowWriter& a, TenantId& tenant, UserId& user);
template void TicketEntry::Archive(RowReader& a, TenantId& tenant, UserId& user);

}  // namespace signinwatch
