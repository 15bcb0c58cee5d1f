// The page of capacity: which stage is the narrowest, how full each kind of state is, what is on
// disk. How it grew is for Prometheus (deploy/grafana/capacity.json).
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_CAPACITY_PAGE_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_CAPACITY_PAGE_H_

#include "daemon/http/http_exchange.h"
#include "daemon/pipeline/status.h"

namespace signinwatch::http {

[[nodiscard]] HttpReply CapacityPage(const pipeline::ServeStatus& status);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_CAPACITY_PAGE_H_
