// The stream's part of the status page: problems above all else, notices and numbers beside.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_STREAM_HEALTH_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_STREAM_HEALTH_H_

#include "daemon/http/page/html.h"
#include "daemon/pipeline/status.h"

namespace signinwatch::http {

// The problems; that all is well where there are none.
[[nodiscard]] Html ProblemsHtml(const pipeline::ServeStatus& status);
[[nodiscard]] Html StreamHealthHtml(const pipeline::ServeStatus& status);

// How busy each stage is.
[[nodiscard]] Html StagesHtml(const pipeline::ServeStatus& status);

// More partitions than that are in /api/v1/status alone.
inline constexpr size_t kPartitionsShown = 64;

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_STREAM_HEALTH_H_
