// The ids that were given to tickets, so that none is given twice (SPEC 7).
//
// An id is derived from the first sign-in of a burst as it was opened, so it can only be derived
// again while a session may still hold that sign-in: after disorder in a session of max_duration,
// also when the first ticket is long merged and gone. It is remembered until the watermark has
// passed that sign-in by more than any session lasts. About 100 bytes an id.
#ifndef SIGNINWATCH_DETECTORS_TICKET_IDS_H_
#define SIGNINWATCH_DETECTORS_TICKET_IDS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "parser/event_time.h"
#include "parser/ids.h"

namespace signinwatch {

class TicketIds {
 public:
  // At most `ids_max`; beyond that those of the earliest bursts are forgotten early and counted by
  // evicted().
  explicit TicketIds(size_t ids_max) : ids_max_(ids_max) {}

  // Gives `id` to a ticket of a burst that starts at `start`. False: it is taken.
  [[nodiscard]] bool Give(const Hash128& id, EventTime start);
  // Forgets the ids of bursts that started before `start`.
  void ForgetBefore(EventTime start);

  [[nodiscard]] size_t size() const { return starts_.size(); }
  [[nodiscard]] uint64_t evicted() const { return evicted_; }

  // For saving. The journal has the ids that were given or forgotten since it was last taken; it is
  // kept from the first call of TakeJournal on.
  [[nodiscard]] std::vector<Hash128> TakeJournal();
  // kEndOfTime: it is not taken.
  [[nodiscard]] EventTime StartOf(const Hash128& id) const;
  template <typename F>
  void ForEach(F visit) const {
    for (const auto& [id, start] : starts_) visit(id, start);
  }
  void Restore(const Hash128& id, EventTime start) { (void)Give(id, start); }

 private:
  // An id is a hash already.
  struct Identity {
    size_t operator()(const Hash128& id) const { return id.lo; }
  };
  struct Given {
    EventTime start;
    Hash128 id;
    friend bool operator<(const Given& a, const Given& b) {
      return std::pair(a.start, std::pair(a.id.hi, a.id.lo)) <
             std::pair(b.start, std::pair(b.id.hi, b.id.lo));
    }
  };
  void ForgetEarliest();
  void Journal(const Hash128& id) {
    if (journaling_) journal_.insert(id);
  }

  size_t ids_max_;
  uint64_t evicted_ = 0;
  absl::flat_hash_map<Hash128, EventTime, Identity> starts_;
  std::set<Given> by_start_;
  bool journaling_ = false;
  absl::flat_hash_set<Hash128, Identity> journal_;
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TICKET_IDS_H_
