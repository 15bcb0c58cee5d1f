// Where a ticket was sent, on its page: at which sink it is what, and what was left out there as
// part of it.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_WHERE_TOLD_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_WHERE_TOLD_H_

#include <string>

#include "absl/status/status.h"
#include "daemon/http/page/html.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// Empty where it was sent nowhere.
[[nodiscard]] absl::Status WhereTold(store::TicketStore& store, const std::string& ticket_id,
                                     Html* html);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_WHERE_TOLD_H_
