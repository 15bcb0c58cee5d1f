// Whether the stream is read, so that what is not there can be called absent: unknown is not well.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_SIGHT_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_SIGHT_H_

#include <string>

#include "daemon/pipeline/status.h"

namespace signinwatch::http {

// "signinwatch is not reading now.": why there may be bursts that nobody knows of. Empty: what
// comes is read, and was until some minutes ago.
[[nodiscard]] std::string WhyBlind(const pipeline::ServeStatus& status);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_SIGHT_H_
