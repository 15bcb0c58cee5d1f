// /api/v1: tickets, instances and status as JSON. deploy/openapi.yaml describes it, and a test
// holds that against this.
#ifndef SIGNINWATCH_DAEMON_HTTP_API_H_
#define SIGNINWATCH_DAEMON_HTTP_API_H_

#include <string>

#include "daemon/config/serve_config.h"
#include "daemon/http/http_exchange.h"
#include "daemon/store/instance_store.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// {"tickets":[...],"reviews":[...],"next_cursor":...,"total":n}: the last revision of each, as it
// was sent, and who has looked at each.
// `names`: by which tenants are found too.
[[nodiscard]] HttpReply TicketsReply(store::TicketStore& store, const HttpRequest& request,
                                     const config::TenantNames& names = {});

// {"ticket":{...},"revisions":[...],"handling":{...}}: the last revision, all that are kept, oldest
// first, and what people did with it.
[[nodiscard]] HttpReply TicketReply(store::TicketStore& store, const std::string& ticket_id);

// {"instances":[...],"unowned_partitions":[...]}: who shares the work on this store, as they said
// in the last minute, and what of the signal topic nobody decides.
[[nodiscard]] HttpReply InstancesReply(store::InstanceStore& store, EventTime now);

// An id that is none is not looked for.
[[nodiscard]] bool IsTicketId(const std::string& text);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_API_H_
