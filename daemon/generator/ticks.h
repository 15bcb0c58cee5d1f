// Time as Entra's exports write it: ticks of 100 ns, seven fraction digits.
#ifndef SIGNINWATCH_DAEMON_GENERATOR_TICKS_H_
#define SIGNINWATCH_DAEMON_GENERATOR_TICKS_H_

#include <cstdint>

#include "parser/event_time.h"

namespace signinwatch::generator {

// Since 1970-01-01T00:00:00Z.
using Ticks = int64_t;
inline constexpr Ticks kSecond = 10'000'000;
inline constexpr Ticks kMinute = 60 * kSecond;
inline constexpr Ticks kHour = 60 * kMinute;
inline constexpr Ticks kWholeDay = 24 * kHour;

[[nodiscard]] constexpr Ticks ToTicks(EventTime t) { return t.time_since_epoch().count() * 10; }
[[nodiscard]] constexpr Ticks ToTicks(Duration d) { return d.count() * 10; }
// What a reader sees, who cuts the seventh digit (SPEC 3.2).
[[nodiscard]] constexpr EventTime ToEventTime(Ticks t) { return EventTime{Duration{t / 10}}; }

// The writers below append at `out` and return the end of what they wrote, at most 40 bytes.
// 2026-03-02T08:15:30.1234567Z
char* WriteZulu(Ticks t, char* out);
// 2026-03-02T08:15:30.12345+00:00: zeros at the fraction's end are dropped, as the exports do.
char* WriteOffset(Ticks t, char* out);
// 3/2/2026 8:15:30 AM
char* WriteAmerican(Ticks t, char* out);
// 2026-03-02T08:15:30.123456Z, as tickets and labels have it.
char* WriteMicros(Ticks t, char* out);

}  // namespace signinwatch::generator

#endif  // SIGNINWATCH_DAEMON_GENERATOR_TICKS_H_
