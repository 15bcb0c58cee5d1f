// The moments that the tests of the detectors' parts begin at, and the least step from them.
#ifndef SIGNINWATCH_TESTS_DETECTORS_MOMENTS_H_
#define SIGNINWATCH_TESTS_DETECTORS_MOMENTS_H_

#include <chrono>

#include "parser/event_time.h"

namespace signinwatch {

inline constexpr EventTime kMorning{std::chrono::hours(24 * 365 * 56)};
inline constexpr Duration kTick{1};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DETECTORS_MOMENTS_H_
