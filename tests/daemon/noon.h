// A moment of a working day, 2025-11-26 12:00 UTC.
#ifndef SIGNINWATCH_TESTS_DAEMON_NOON_H_
#define SIGNINWATCH_TESTS_DAEMON_NOON_H_

#include "parser/event_time.h"

namespace signinwatch {

inline constexpr EventTime kNoon = EventTime(Duration(1'764'158'400'000'000));

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DAEMON_NOON_H_
