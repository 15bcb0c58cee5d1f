// The page of tenants: what is open at each, and how many bursts each had, day by day.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_TENANTS_PAGE_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_TENANTS_PAGE_H_

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/page_context.h"
#include "daemon/pipeline/status.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// Those with the most severe open tickets first, then those with the most tickets.
[[nodiscard]] HttpReply TenantsPage(store::TicketStore& store, const pipeline::ServeStatus& status,
                                    const PageContext& context);

inline constexpr size_t kTenantsShown = 200;
inline constexpr int kTenantDaysShown = 30;  // the last is the day of the watermark

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_TENANTS_PAGE_H_
