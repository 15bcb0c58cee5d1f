#include "detectors/ticket_desk.h"

#include <algorithm>
#include <memory>

namespace signinwatch {

namespace {

size_t BytesOf(const std::string& text) { return text.capacity() > 15 ? text.capacity() + 16 : 0; }
size_t BytesOf(const std::vector<std::string>& texts) {
  size_t bytes = texts.capacity() * sizeof(std::string);
  for (const std::string& text : texts) bytes += BytesOf(text);
  return bytes;
}
size_t BytesOf(const std::vector<Counted>& values) {
  size_t bytes = values.capacity() * sizeof(Counted);
  for (const Counted& value : values) bytes += BytesOf(value.id) + BytesOf(value.name);
  return bytes;
}

// Of all that the ticket refers to.
size_t BytesOf(const Ticket& ticket) {
  constexpr size_t kMapNode = 64;
  size_t bytes =
      BytesOf(ticket.evidence) + BytesOf(ticket.changes_by_actor) +
      ticket.changes.capacity() * sizeof(TicketChange) +
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

void TicketDesk::NoteResized(size_t before, const Ticket& now) {
  ticket_bytes_ += BytesOf(now) - before;
}

TicketNumber TicketDesk::Open(TicketEntry entry) {
  const TicketNumber number = next_number_++;
  NoteResized(0, entry.last);
  entries_[number] = std::make_unique<TicketEntry>(std::move(entry));
  Journal(number);
  return number;
}

TicketEntry* TicketDesk::Change(TicketNumber number) {
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
  ticket_bytes_ -= BytesOf(found->second->last);
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

void TicketDesk::Touch(TicketNumber number, EventTime moment) {
  const auto found = entries_.find(number);
  if (found == entries_.end() || found->second->review_at != kEndOfTime) return;
  TicketEntry& entry = *found->second;
  entry.review_at = std::max(moment, entry.next_review);
  queue_.emplace(entry.review_at, number);
  Journal(number);
}

TicketNumber TicketDesk::NextDue(EventTime moment) {
  while (!queue_.empty() && queue_.top().first <= moment) {
    const auto [due, number] = queue_.top();
    queue_.pop();
    TicketEntry* entry = Change(number);
    if (entry == nullptr || entry->review_at != due) continue;
    entry->review_at = kEndOfTime;
    return number;
  }
  return 0;
}

void TicketDesk::Send(TicketNumber number, Ticket ticket, RevisionReason reason) {
  TicketEntry* entry = Change(number);
  const size_t before = BytesOf(entry->last);
  ticket.revision = entry->last.revision + 1;
  ticket.reason = reason;
  revisions_.push_back(ticket);
  entry->last = std::move(ticket);
  NoteResized(before, entry->last);
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
  NoteResized(0, entry.last);
  entries_[number] = std::make_unique<TicketEntry>(std::move(entry));
}

}  // namespace signinwatch
