// Sessions that were nearly bursts, as a table on the capacity page: for setting thresholds by
// looking.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_NEAR_MISSES_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_NEAR_MISSES_H_

#include <span>

#include "daemon/http/page/html.h"
#include "detectors/near_miss.h"

namespace signinwatch::http {

// The latest first. Without any, a sentence that says so.
[[nodiscard]] Html NearMissesHtml(std::span<const NearMiss> misses);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_NEAR_MISSES_H_
