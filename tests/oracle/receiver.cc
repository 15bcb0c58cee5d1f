#include "tests/oracle/receiver.h"

#include <chrono>
#include <tuple>

namespace signinwatch::oracle {

void Receiver::Take(const Ticket& ticket, std::optional<EventTime> moment) {
  const auto last = tickets_.find(ticket.ticket_id);
  if (last != tickets_.end()) {
    CheckSame(last->second, ticket);
    CheckPace(ticket, moment);
  } else if (ticket.revision != 1) {
    Complain(ticket, "is the first");
  }
  CheckNamed(ticket, "parent_ticket_id", ticket.parent_ticket_id);
  CheckNamed(ticket, "continues", ticket.continues);
  CheckNamed(ticket, "merged_into", ticket.merged_into);
  if ((ticket.state == TicketState::kMerged) == ticket.merged_into.empty()) {
    Complain(ticket, "is merged into '" + ticket.merged_into + "'");
  }
  if ((ticket.state == TicketState::kResolved) != ticket.resolved_at.has_value() &&
      ticket.state != TicketState::kMerged) {
    Complain(ticket, "does not say when it was resolved, or is not");
  }
  if (moment) {
    sent_at_[ticket.ticket_id] = *moment;
  } else {
    sent_at_.erase(ticket.ticket_id);
  }
  tickets_[ticket.ticket_id] = ticket;
}

// One id is one ticket: of one key, opened once, with revisions 1, 2, 3, ...
void Receiver::CheckSame(const Ticket& last, const Ticket& ticket) {
  const auto same = [](const Ticket& t) {
    return std::tie(t.detector, t.scope, t.tenant_id, t.user_id, t.opened_at, t.continues);
  };
  if (same(last) != same(ticket)) Complain(ticket, "is another ticket than before");
  if (ticket.revision != last.revision + 1) {
    Complain(ticket, "comes after revision " + std::to_string(last.revision));
  }
  if (last.state == TicketState::kMerged) Complain(ticket, "comes after the merged one");
}

void Receiver::CheckPace(const Ticket& ticket, std::optional<EventTime> moment) {
  const auto sent = sent_at_.find(ticket.ticket_id);
  if (!moment || sent == sent_at_.end() || ticket.reason == RevisionReason::kResolved) return;
  if (*moment - sent->second < std::chrono::minutes(1)) {
    Complain(ticket, "comes less than a minute after the one before");
  }
}

void Receiver::CheckNamed(const Ticket& ticket, const char* field, const std::string& named) {
  if (named.empty()) return;
  if (named == ticket.ticket_id) Complain(ticket, std::string("names itself as ") + field);
  if (!tickets_.contains(named)) {
    Complain(ticket, std::string("has a ") + field + " that was not sent: " + named);
  }
}

void Receiver::End() {
  for (const auto& [id, ticket] : tickets_) {
    if (ticket.state == TicketState::kOpen) Complain(ticket, "is the last, and open");
    // However often it goes on: tickets are merged into older ones, so this ends.
    const Ticket* goes_on = &ticket;
    for (size_t steps = 0; goes_on->state == TicketState::kMerged && steps < tickets_.size();
         ++steps) {
      const auto into = tickets_.find(goes_on->merged_into);
      if (into == tickets_.end()) break;
      goes_on = &into->second;
    }
    if (goes_on->state != TicketState::kResolved) Complain(ticket, "is merged into nothing");
  }
}

void Receiver::Complain(const Ticket& ticket, const std::string& what) {
  if (!broken_.empty()) return;
  broken_ = "revision " + std::to_string(ticket.revision) + " (" +
            RevisionReasonName(ticket.reason) + ") of ticket " + ticket.ticket_id + " of " +
            ticket.detector + " at " + FormatEventTime(ticket.first_event_time) + " " + what;
}

}  // namespace signinwatch::oracle
