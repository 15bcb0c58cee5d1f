// What every page needs to know beside what it shows.
#ifndef SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_CONTEXT_H_
#define SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_CONTEXT_H_

#include "parser/event_time.h"

namespace signinwatch {

struct PageContext {
  EventTime now;            // wall time
  bool may_change = false;  // who looks may mark tickets and tick steps
};

}  // namespace signinwatch

#endif  // SIGNINWATCH_DAEMON_HTTP_PAGE_PAGE_CONTEXT_H_
