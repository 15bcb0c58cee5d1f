// How long the other side asks to be left alone. Pure.
#ifndef SIGNINWATCH_DAEMON_SINKS_RETRY_AFTER_H_
#define SIGNINWATCH_DAEMON_SINKS_RETRY_AFTER_H_

#include <chrono>
#include <string>

#include "daemon/http_client/http_client.h"

namespace signinwatch::sinks {

// What Retry-After may ask for; more counts as this.
inline constexpr std::chrono::hours kRetryAfterMax{1};

// Seconds or an HTTP date; 0: neither, or in the past.
[[nodiscard]] std::chrono::milliseconds ParseRetryAfter(const std::string& text,
                                                        std::chrono::system_clock::time_point now);

// Of a 429: Retry-After, else when the budget is whole again by X-RateLimit-Reset (Unix seconds in
// ServiceNow, ISO 8601 in Jira) or ratelimit-reset (seconds from now, PagerDuty). 0: nothing is
// said.
[[nodiscard]] std::chrono::milliseconds WaitAskedFor(const http_client::HttpResponse& response,
                                                     std::chrono::system_clock::time_point now);

}  // namespace signinwatch::sinks

#endif  // SIGNINWATCH_DAEMON_SINKS_RETRY_AFTER_H_
