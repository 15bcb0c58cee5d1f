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
  ticket.told_alone = entry->last.told_alone || StandsAlone(ticket);
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

void TicketDesk::LinkMerging() {
  for (const auto& [number, entry] : entries_) {
    const auto kept = entries_.find(entry->merged_into);
    if (kept != entries_.end()) kept->second->merging.push_back(number);
  }
}

}  // namespace signinwatch
