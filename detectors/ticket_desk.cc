#include "detectors/ticket_desk.h"

#include <algorithm>
#include <memory>

namespace signinwatch {

TicketNumber TicketDesk::Open(TicketEntry entry) {
  const TicketNumber number = next_number_++;
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
  entries_.erase(number);
  Journal(number);
}

TicketNumber TicketDesk::NoteResolved(TicketNumber number) {
  resolved_.push_back(number);
  // Tickets that were dropped, or opened again, since they were resolved.
  const auto stale = [this](TicketNumber candidate) {
    const TicketEntry* entry = Find(candidate);
    return entry == nullptr || entry->last.state != TicketState::kResolved;
  };
  while (!resolved_.empty() && resolved_.front() != number && stale(resolved_.front())) {
    resolved_.pop_front();
  }
  if (resolved_.size() > 2 * entries_.size() + 1024) std::erase_if(resolved_, stale);
  if (entries_.size() <= tickets_max_ || resolved_.front() == number) return 0;
  const TicketNumber oldest = resolved_.front();
  resolved_.pop_front();
  if (Find(oldest)->review_at != kEndOfTime) {
    // It may have been opened again, which its review is about to say.
    resolved_.push_back(oldest);
    return 0;
  }
  ++evicted_;
  return oldest;
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
  ticket.revision = entry->last.revision + 1;
  ticket.reason = reason;
  revisions_.push_back(ticket);
  entry->last = std::move(ticket);
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
  entries_[number] = std::make_unique<TicketEntry>(std::move(entry));
}

}  // namespace signinwatch
