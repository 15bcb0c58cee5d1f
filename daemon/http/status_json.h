// What the daemon knows of itself, as /api/v1/status tells it. Times are RFC 3339; what is not
// known is null.
#ifndef SIGNINWATCH_DAEMON_HTTP_STATUS_JSON_H_
#define SIGNINWATCH_DAEMON_HTTP_STATUS_JSON_H_

#include <string>

#include "daemon/pipeline/status.h"

namespace signinwatch::http {

[[nodiscard]] std::string StatusJson(const pipeline::ServeStatus& status);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_STATUS_JSON_H_
