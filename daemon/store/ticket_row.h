// What is stored of a ticket beside its JSON, to be looked for.
#ifndef SIGNINWATCH_DAEMON_STORE_TICKET_ROW_H_
#define SIGNINWATCH_DAEMON_STORE_TICKET_ROW_H_

#include <string>
#include <string_view>

#include "detectors/config.h"
#include "detectors/ticket.h"

namespace signinwatch::store {

// As names are stored and looked for.
[[nodiscard]] std::string LowerName(std::string_view name);

[[nodiscard]] const char* ScopeName(GroupBy scope);

// kInfo, where it is none.
[[nodiscard]] Severity SeverityOf(std::string_view name);

// What people search in, lower-cased, one name a line.
[[nodiscard]] std::string WordsOf(const Ticket& ticket);

}  // namespace signinwatch::store

#endif  // SIGNINWATCH_DAEMON_STORE_TICKET_ROW_H_
