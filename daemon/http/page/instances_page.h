// Who is on the same store: every instance of the role `detect`, or the one of `all`, and those of
// `ingest` that show its tickets.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_INSTANCES_PAGE_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_INSTANCES_PAGE_H_

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/page_context.h"
#include "daemon/store/instance_store.h"

namespace signinwatch::http {

[[nodiscard]] HttpReply InstancesPage(store::InstanceStore& store, const PageContext& context);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_INSTANCES_PAGE_H_
