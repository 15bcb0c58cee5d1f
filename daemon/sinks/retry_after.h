// How long the other side asks to be left alone. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_RETRY_AFTER_H_
#define SIGNINWATCH_DAEMON_SINKS_RETRY_AFTER_H_

#include <chrono>
#include <string>

namespace signinwatch {

// What Retry-After may ask for; more counts as this.
inline constexpr std::chrono::hours kRetryAfterMax{1};

// Seconds or an HTTP date; 0: neither, or in the past.
[[nodiscard]] std::chrono::milliseconds ParseRetryAfter(const std::string& text,
                                                        std::chrono::system_clock::time_point now);

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_SINKS_RETRY_AFTER_H_
