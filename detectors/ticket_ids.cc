#include "detectors/ticket_ids.h"

namespace signinwatch {

bool TicketIds::Give(const Hash128& id, EventTime start) {
  if (!starts_.try_emplace(id, start).second) return false;
  by_start_.insert({start, id});
  Journal(id);
  if (starts_.size() > ids_max_) {
    ForgetEarliest();
    ++evicted_;
  }
  return true;
}

void TicketIds::ForgetBefore(EventTime start) {
  while (!by_start_.empty() && by_start_.begin()->start < start) ForgetEarliest();
}

void TicketIds::ForgetEarliest() {
  const Hash128 id = by_start_.begin()->id;
  by_start_.erase(by_start_.begin());
  starts_.erase(id);
  Journal(id);
}

std::vector<Hash128> TicketIds::TakeJournal() {
  journaling_ = true;
  std::vector<Hash128> ids(journal_.begin(), journal_.end());
  journal_.clear();
  return ids;
}

EventTime TicketIds::StartOf(const Hash128& id) const {
  const auto found = starts_.find(id);
  return found == starts_.end() ? kEndOfTime : found->second;
}

}  // namespace signinwatch
