#include "daemon/pipeline/open_bursts.h"

#include <utility>

namespace signinwatch::pipeline {

void OpenBursts::Note(const Ticket& ticket) {
  if (const auto place = open_.find(ticket.ticket_id); place != open_.end()) {
    const auto count = counts_.find(place->second);
    if (--count->second == 0) counts_.erase(count);
    open_.erase(place);
  }
  if (ticket.state != TicketState::kOpen) return;
  BurstLabels labels{.detector = ticket.detector,
                     .scope = ticket.scope,
                     .cause = ticket.cause,
                     .severity = ticket.severity};
  ++counts_[labels];
  open_.emplace(ticket.ticket_id, std::move(labels));
}

}  // namespace signinwatch::pipeline
