// The moments that the tests of the detectors' parts begin at.
#ifndef SIGNINWATCH_TESTS_DETECTORS_MOMENTS_H_
#define SIGNINWATCH_TESTS_DETECTORS_MOMENTS_H_

#include <chrono>

#include "parser/event_time.h"

namespace signinwatch {

inline constexpr EventTime kMorning{std::chrono::hours(24 * 365 * 56)};

}  // namespace signinwatch

#endif  // SIGNINWATCH_TESTS_DETECTORS_MOMENTS_H_
