// The query of /api/v1/tickets and of the page of tickets, as a filter of the store.
#ifndef SIGNINWATCH_DAEMON_HTTP_TICKET_PARAMETERS_H_
#define SIGNINWATCH_DAEMON_HTTP_TICKET_PARAMETERS_H_

#include <map>
#include <string>
#include <vector>

#include "daemon/config/serve_config.h"
#include "daemon/http/problem.h"
#include "daemon/store/ticket_store.h"

namespace signinwatch::http {

// Everything that is wrong with it, or nothing and the filter.
[[nodiscard]] std::vector<ParameterProblem> ReadTicketParameters(
    const std::multimap<std::string, std::string>& parameters, store::TicketFilter* filter);

// Words of a search also find the tenants whose names they are part of.
void FindTenantsByName(const config::TenantNames& names, store::TicketFilter* filter);

// For the cursor, which only the store can read.
[[nodiscard]] ParameterProblem CursorProblem();

// The words that a parameter may have: state, cause, severity, scope, review,
// sort.
[[nodiscard]] std::vector<std::string> StateWords();
[[nodiscard]] std::vector<std::string> CauseWords();
[[nodiscard]] std::vector<std::string> SeverityWords();  // the most severe first
[[nodiscard]] std::vector<std::string> ScopeWords();
[[nodiscard]] std::vector<std::string> ReviewWords();
[[nodiscard]] std::vector<std::string> QuietWords();
[[nodiscard]] std::vector<std::string> SortWords();

inline constexpr size_t kSearchWordsMax = 8;

}  // namespace signinwatch::http

#endif  // SIGNINWATCH_DAEMON_HTTP_TICKET_PARAMETERS_H_
