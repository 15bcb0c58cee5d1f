// `signinwatch tickets list|show|preview`: what is in the store, for people and for programs, and
// what a sink would send of it. Reads beside a daemon that runs, and when none does.
#ifndef SIGNINWATCH_DAEMON_TICKETS_TICKETS_H_
#define SIGNINWATCH_DAEMON_TICKETS_TICKETS_H_

#include <cstdint>
#include <cstdio>
#include <string>

#include "daemon/config/config.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::tickets {

struct TicketsOptions {
  enum class Action : uint8_t { kList, kShow, kPreview } action = Action::kList;
  enum class Format : uint8_t { kText, kJson } format = Format::kText;
  store::TicketFilter filter;  // list; its limit is of all, not of a page
  std::string ticket_id;       // show; preview: empty for an example
  std::string sink;            // preview
};

// JSON: list gives the last revision of each ticket, show every revision of one, oldest first, one
// a line. The exit code: 0 fine, 1 no such ticket or the store can't be read, 2 there is no store.
[[nodiscard]] int RunTickets(const config::Config& config, const TicketsOptions& options,
                             std::FILE* out, std::FILE* err);

}  // namespace signinwatch::tickets

#endif  // SIGNINWATCH_DAEMON_TICKETS_TICKETS_H_
