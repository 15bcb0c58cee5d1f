// The bursts of a track, open and past, in one list: what tickets look at.
#ifndef SIGNINWATCH_DETECTORS_TRACK_BURSTS_H_
#define SIGNINWATCH_DETECTORS_TRACK_BURSTS_H_

#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "detectors/session.h"
#include "parser/event_time.h"

namespace signinwatch {

// Valid as long as the track does not change.
struct BurstRef {
  EventTime start;
  EventTime end;
  uint64_t count = 0;
  TicketNumber* ticket = nullptr;
  bool continues = false;
  Session* session = nullptr;  // nullptr: past
  PastBurst* past = nullptr;   // nullptr: open
};

using BurstRefs = absl::InlinedVector<BurstRef, 4>;

// By start.
[[nodiscard]] BurstRefs BurstsOf(Track* track);
// The ticket's latest burst, which is the one that it shows; nullptr if there is none.
[[nodiscard]] const BurstRef* LatestOf(const BurstRefs& bursts, TicketNumber number);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DETECTORS_TRACK_BURSTS_H_
