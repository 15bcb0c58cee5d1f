// What all pages have around them.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_LAYOUT_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_LAYOUT_H_

#include <string>

#include "daemon/http/http_exchange.h"
#include "daemon/http/page/html.h"
#include "parser/event_time.h"

namespace signinwatch::http {

// `current`: the path of the place in the navigation.
[[nodiscard]] HttpReply PageReply(const std::string& title, const std::string& current,
                                  const Html& main, int status = 200);

// "12 min ago" with the moment itself at hand; the moment where it is not in the last days.
[[nodiscard]] Html AgoHtml(EventTime time, EventTime now);
// "2026-11-24 09:00:05 UTC"
[[nodiscard]] Html MomentHtml(EventTime time);

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_LAYOUT_H_
