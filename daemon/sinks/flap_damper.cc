#include "daemon/sinks/flap_damper.h"

#include <algorithm>

namespace signinwatch::sinks {

Duration FlapDamper::Note(const store::Delivery& delivery) {
  if (after_ == 0) return Duration(0);
  if (delivery.reason == "reopened") {
    Ticket& ticket = tickets_[delivery.ticket_id];
    ticket.reopened.push_back(delivery.committed_at);
    if (ticket.reopened.size() > after_) ticket.reopened.pop_front();
    if (tickets_.size() > kTicketsMax) ForgetOldest();
    return Duration(0);
  }
  const auto known = tickets_.find(delivery.ticket_id);
  if (known == tickets_.end() || delivery.state == "open") return Duration(0);
  const std::deque<EventTime>& reopened = known->second.reopened;
  const bool flaps = reopened.size() == after_ && delivery.committed_at - reopened.front() <= kSpan;
  return flaps && delivery.state == "resolved" ? kSpan : Duration(0);
}

void FlapDamper::NoteLeftOut(const std::string& ticket_id) {
  const auto known = tickets_.find(ticket_id);
  if (known != tickets_.end()) ++known->second.left_out;
}

uint32_t FlapDamper::LeftOutOf(const std::string& ticket_id) const {
  const auto known = tickets_.find(ticket_id);
  return known == tickets_.end() ? 0 : known->second.left_out;
}

void FlapDamper::ForgetOldest() {
  tickets_.erase(
      std::min_element(tickets_.begin(), tickets_.end(), [](const auto& a, const auto& b) {
        return a.second.reopened.back() < b.second.reopened.back();
      }));
}

}  // namespace signinwatch::sinks
