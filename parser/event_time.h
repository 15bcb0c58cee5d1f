// Event time: when a sign-in or a change happened, by the record's own word.
//
// One clock type for the whole program: microseconds since 1970-01-01T00:00:00Z, no leap seconds
// (std::chrono::system_clock's own convention). Times before 2000 are unreadable by contract, so
// the two sentinels below lie far outside every readable time and can be added to and subtracted
// from without overflow.
#ifndef SIGNINWATCH_PARSER_EVENT_TIME_H_
#define SIGNINWATCH_PARSER_EVENT_TIME_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signinwatch {

using Duration = std::chrono::microseconds;
using EventTime = std::chrono::sys_time<Duration>;

// The least step of time: what is after a moment is so much later at least.
inline constexpr Duration kTick{1};

// Before every readable time; also "no time".
inline constexpr EventTime kBeginningOfTime{Duration{0}};
// After every readable time; the watermark at the end of input.
inline constexpr EventTime kEndOfTime{Duration{int64_t{1} << 61}};

inline constexpr Duration kDay = std::chrono::hours(24);

// Whole UTC days since 1970-01-01, rounded down.
[[nodiscard]] constexpr int64_t DayOf(EventTime t) {
  return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

// Reads every time format of SPEC 3.2: ISO 8601 with `T` or a blank, any number of fraction digits
// or none (cut to microseconds), `Z`, an offset, or no zone (UTC), one-digit hours; and
// month/day/year with a 12-hour clock and AM/PM or a 24-hour clock, with an optional offset. U+00A0
// and U+202F are blanks.
// nullopt: unreadable, or before 2000-01-01T00:00:00Z or after year 9999. No allocation, no locale.
[[nodiscard]] std::optional<EventTime> ParseEventTime(std::string_view text);

// Whether it is a time that ParseEventTime can give.
[[nodiscard]] bool IsReadable(EventTime t);

// RFC 3339 in UTC with six fraction digits: 2026-11-24T09:00:00.000000Z.
[[nodiscard]] std::string FormatEventTime(EventTime t);

}  // namespace signinwatch

#endif  // SIGNINWATCH_PARSER_EVENT_TIME_H_
