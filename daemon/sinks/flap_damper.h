// Which tickets flap: reopened again and again. Of such a one a resolution is held back for an
// hour, and left out where the burst comes back meanwhile, so that the ticket there stays open, as
// one. Pure.
//
// It is known of the last hour, since the start: what a process forgets is found out anew.
#ifndef SIGNINWATCH_DAEMON_SINKS_FLAP_DAMPER_H_
#define SIGNINWATCH_DAEMON_SINKS_FLAP_DAMPER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "daemon/store/outbox.h"
#include "parser/event_time.h"

namespace signinwatch::sinks {

class FlapDamper {
 public:
  static constexpr Duration kSpan = std::chrono::hours(1);
  // Tickets that are known; beyond, the one that was reopened the longest ago is forgotten.
  static constexpr size_t kTicketsMax = 10'000;

  // `after`: so many reopenings within kSpan are flapping; 0: nothing is.
  explicit FlapDamper(size_t after) : after_(after) {}

  // Of each revision, in their order: for how long it is to be held back, counted from its commit.
  [[nodiscard]] Duration Note(const store::Delivery& delivery);
  // Changes of state of the ticket that were left out, one more now.
  void NoteLeftOut(const std::string& ticket_id);
  [[nodiscard]] uint32_t LeftOutOf(const std::string& ticket_id) const;

 private:
  struct Ticket {
    std::deque<EventTime> reopened;  // when it was committed, within kSpan; at most after_
    uint32_t left_out = 0;
  };
  void ForgetOldest();

  const size_t after_;
  std::map<std::string, Ticket> tickets_;
};

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_FLAP_DAMPER_H_
