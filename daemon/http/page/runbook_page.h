// The runbook of the alerts, deploy/RUNBOOK.md as this version has it: /runbook#ALERT.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_RUNBOOK_PAGE_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_RUNBOOK_PAGE_H_

#include "daemon/http/http_exchange.h"

namespace signinwatch::http {

[[nodiscard]] HttpReply RunbookPage();

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_RUNBOOK_PAGE_H_
