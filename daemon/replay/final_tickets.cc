#include "daemon/replay/final_tickets.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace signinwatch::replay {

FinalTickets::FinalTickets(std::function<std::string(const Ticket&)> render, size_t held_max)
    : render_(std::move(render)), held_max_(held_max) {}

void FinalTickets::Update(Ticket ticket) {
  if (ticket.state == TicketState::kMerged) {
    const auto found = tickets_.find(ticket.ticket_id);
    if (found == tickets_.end()) return;
    if (found->second.ticket != nullptr) --held_;
    tickets_.erase(found);
    return;
  }
  Entry& entry = tickets_[ticket.ticket_id];
  entry.order = {ticket.first_event_time, ticket.tenant_id, ticket.detector,
                 ticket.user_id.empty() ? ticket.user_principal_name : ticket.user_id};
  entry.reopened = ticket.reopened;
  if (entry.ticket == nullptr) ++held_;
  entry.ticket = std::make_unique<Ticket>(std::move(ticket));
  if (held_ > held_max_) PutAway();
}

void FinalTickets::PutAway() {
  if (file_ == nullptr) file_ = std::make_unique<files::TemporaryFile>();
  for (auto& [id, entry] : tickets_) {
    if (entry.ticket == nullptr) continue;
    const std::string text = render_(*entry.ticket);
    entry.offset = file_->size();
    entry.size = text.size();
    file_->Append(text);
    entry.ticket.reset();
  }
  held_ = 0;
}

uint64_t FinalTickets::bursts() const {
  uint64_t sum = 0;
  for (const auto& [id, entry] : tickets_) sum += uint64_t{entry.reopened} + 1;
  return sum;
}

absl::Status FinalTickets::ForEachSorted(const std::function<bool(std::string_view)>& write) {
  std::vector<const decltype(tickets_)::value_type*> sorted;
  sorted.reserve(tickets_.size());
  for (const auto& item : tickets_) sorted.push_back(&item);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    // The ids only decide between tickets that the contract's order leaves equal.
    return std::tie(a->second.order, a->first) < std::tie(b->second.order, b->first);
  });
  std::string text;
  for (const auto* item : sorted) {
    const Entry& entry = item->second;
    if (entry.ticket != nullptr) {
      text = render_(*entry.ticket);
    } else {
      text.resize(entry.size);
      if (file_->ReadAt(entry.offset, text.data(), text.size()) != text.size()) break;
    }
    if (!write(text)) break;
  }
  return file_ != nullptr ? file_->status() : absl::OkStatus();
}

}  // namespace signinwatch::replay
