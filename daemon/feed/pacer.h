// When the next message may be sent, so that traffic comes at a pace.
#ifndef SIGNINWATCH_DAEMON_FEED_PACER_H_
#define SIGNINWATCH_DAEMON_FEED_PACER_H_

#include <cstdint>

#include "parser/event_time.h"

namespace signinwatch::feed {

struct Pace {
  uint32_t rate = 0;   // messages in a second; 0: no limit
  uint32_t speed = 0;  // seconds of export time in a second; 0: no limit
  // With `speed`: the traffic's first part, which is sent at once.
  Duration head_start{0};
};

class Pacer {
 public:
  // `began`: the wall time at which traffic of export time `start` begins.
  Pacer(const Pace& pace, EventTime start, EventTime began)
      : pace_(pace), start_(start), began_(began) {}

  // The wall time from which on the next message is due, that of a message exported at
  // `exported_at`. With `speed` never before that: traffic that has caught up with the clock goes
  // on in real time.
  [[nodiscard]] EventTime NextDue(EventTime exported_at);

 private:
  Pace pace_;
  EventTime start_, began_;
  uint64_t messages_ = 0;
};

}  // namespace signinwatch::feed

#endif  // SIGNINWATCH_DAEMON_FEED_PACER_H_
